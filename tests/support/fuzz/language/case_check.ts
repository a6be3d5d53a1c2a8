/** What holds for every case: nothing is thrown, it ends soon, twice the same, in JSON, and no prototype has changed. */
import { deepStrictEqual, ok } from "node:assert/strict";
import process from "node:process";

/** Processor time of one case, milliseconds: two evaluations, and the tests of what they gave. */
const MS_MAX = 2_000;

/** Milliseconds of processor time that this process has used. */
export function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const prototypes = [Object, Array, String, Number, Boolean, Function, RegExp, Map, Set].map(({ prototype }) =>
  prototype
);

function prototypeKeys(): unknown {
  return prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String));
}

const keysBefore = prototypeKeys();

/** Makes an input unchangeable: who writes to it throws. */
export function frozen<T>(value: T): T {
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); waiting.length > 0 || next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) continue;
    Object.freeze(next);
    waiting.push(...Object.values(next));
  }
  return value;
}

/** Fails unless the value is JSON, `undefined` aside: plain objects and arrays, finite numbers. */
function checkJson(value: unknown): void {
  const waiting = [value];
  const seen = new Set<unknown>();
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === null || next === undefined || typeof next === "string" || typeof next === "boolean") continue;
    if (typeof next === "number") {
      ok(Number.isFinite(next), `Expected JSON, but got ${next}`);
      continue;
    }
    ok(typeof next === "object", `Expected JSON, but got a ${typeof next}`);
    if (seen.has(next)) continue;
    seen.add(next);
    const prototype = Object.getPrototypeOf(next);
    ok(prototype === (Array.isArray(next) ? Array.prototype : Object.prototype), "Expected plain objects and arrays");
    waiting.push(...(Array.isArray(next) ? next : Object.values(next)));
  }
}

/** Runs one case twice. @throws with the seed and the case in its message when something does not hold */
export function checkCase(seed: number, shown: unknown, evaluate: () => unknown): void {
  const begin = usedMs();
  try {
    const first = evaluate();
    checkJson(first);
    deepStrictEqual(evaluate(), first);
    deepStrictEqual(prototypeKeys(), keysBefore);
    const ms = Math.round(usedMs() - begin);
    ok(ms < MS_MAX, `It took ${ms} ms`);
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`WEFT_FUZZ_SEED=${seed}: ${what.slice(0, 2_000)} (${JSON.stringify(shown).slice(0, 4_000)})`, {
      cause: thrown,
    });
  }
}
