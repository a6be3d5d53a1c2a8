// Goal: only the bounds of the host that an expression can reach become a user's error; a broken invariant of ours stays a defect.
// Method: what is thrown within an evaluation comes from a `Compiled` part, or from what an expression draws.
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { bounded } from "../../../../src/language/evaluation/bounded.ts";
import { hostBoundOf } from "../../../../src/language/host_bound.ts";
import { compileJsonata, evaluateJsonata } from "../../../../src/language/jsonata/mod.ts";
import { Budget, stateArguments } from "../../../../src/language/mod.ts";
import { outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

function overflow(): number {
  return 1 + overflow();
}

/** Longer than any string of the host may be, without the memory for it. */
function endlessText(): string {
  return "x".repeat(2 ** 28).repeat(16);
}

function brokenInvariant(): never {
  throw new RangeError("Expected an index ≥ 0, but got -1");
}

function thrownBy(broken: () => unknown): unknown {
  try {
    broken();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("Expected it to throw");
}

const bounds = [
  { what: "the end of the stack", broken: overflow, bound: "stack" },
  { what: "a text that is too long", broken: endlessText, bound: "text" },
  { what: "a broken invariant of ours", broken: brokenInvariant, bound: undefined },
  { what: "an array of a length that cannot be", broken: () => new Array(-1), bound: undefined },
] as const;

for (const { what, broken, bound } of bounds) {
  test(`hostBoundOf() takes ${what} as ${bound ?? "none of the host's bounds"}, on the runtime that runs this`, () => {
    const thrown = thrownBy(broken);
    ok(thrown instanceof RangeError);
    strictEqual(hostBoundOf(thrown), bound);
  });
}

const evaluated = bounded((_state: { readonly name: string }, broken: () => unknown) => Result.succeed(broken()));

test("an evaluation that meets the end of the stack or of a text is the state's failure", () => {
  deepStrictEqual(outcomeOf(evaluated({ name: "S" }, overflow)), {
    failed: { error: "States.Runtime", cause: "The state's data is nested too deeply." },
  });
  deepStrictEqual(outcomeOf(evaluated({ name: "S" }, endlessText)), {
    failed: {
      error: "States.DataLimitExceeded",
      cause: "The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit.",
    },
  });
});

test("an evaluation that breaks an invariant of ours is a defect, not the state's failure", () => {
  throws(() => evaluated({ name: "S" }, brokenInvariant), /Expected an index/);
});

const drawing = Result.getOrThrow(compileJsonata("$random()"));
const drawingBy = (random: () => number) =>
  evaluateJsonata(drawing, { bindings: {}, draws: { random, uuid: () => "", nowEpochMs: 0 } });

test("an expression that meets the end of the stack or of a text fails as JSONata has it", () => {
  for (const [random, code] of [[overflow, "D1011"], [() => endlessText().length, "D2016"]] as const) {
    const outcome = drawingBy(random);
    ok(Result.isFailure(outcome));
    strictEqual(outcome.failure.code, code);
    strictEqual(outcome.failure.isLimit, true);
  }
});

test("an expression that breaks an invariant of ours is a defect, by every door of the language", () => {
  throws(() => drawingBy(brokenInvariant), /Expected an index/);
  const draws = { random: brokenInvariant, uuid: () => "", nowEpochMs: 0 };
  const jsonata = stateOf("Task", { Resource: "r", Arguments: "{% $random() %}" }, { QueryLanguage: "JSONata" });
  throws(() => stateArguments(jsonata, scopeOf({}, { draws }), {}), /Expected an index/);
  const jsonPath = stateOf("Task", { Resource: "r", Parameters: { "n.$": "States.MathRandom(1, 9)" } });
  throws(() => stateArguments(jsonPath, scopeOf({}, { draws, budget: new Budget() }), {}), /Expected an index/);
});
