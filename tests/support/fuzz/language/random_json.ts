/** JSON values from a seed, with what has broken others: keys of prototypes, numbers at the edges, halves of characters. */
import type { SeededRandom } from "../../seeded_random.ts";
import type { Json, JsonObject } from "../../../../src/values/mod.ts";

/** Keys of objects; paths and expressions ask for the same ones. */
export const keys: readonly [string, ...string[]] = [
  "a",
  "b",
  "c",
  "list",
  "text",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "length",
  "a.b",
  "it's",
  "0",
  "-1",
  "",
  "😀",
];

const texts: readonly [string, ...string[]] = [
  "",
  "a",
  "abc",
  "a,b,,c",
  "*",
  "a*b",
  "__proto__",
  "{}",
  "$.a",
  "{% 1 %}",
  "{%",
  "null",
  "[1,2",
  '{"a":1}',
  "12",
  "1e400",
  "-0",
  "YQ==",
  "2026-01-01T00:00:00Z",
  "2026-01-01T00:00:00.123456789+23:59",
  "9999999-99-99T99:99:99Z",
  "\\'",
  "\u0000",
  "\ud800",
  "😀",
  "États",
];

const numbers: readonly [number, ...number[]] = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.1,
  1.5,
  -7.25,
  256,
  99_999_999,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1.7e308,
  -1.7e308,
  5e-324,
];

/** A value at most `depth` levels deep. */
export function randomJson(random: SeededRandom, depth: number): Json {
  const kind = random.below(depth > 0 ? 9 : 5);
  if (kind === 0) return random.pick<Json>([null, true, false]);
  if (kind <= 2) return randomNumber(random);
  if (kind <= 4) return randomText(random);
  if (kind <= 6) return Array.from({ length: random.below(5) }, () => randomJson(random, depth - 1));
  return randomObject(random, depth);
}

/** An object whose members are as a JSON text's: `__proto__` is one like the others. */
export function randomObject(random: SeededRandom, depth: number): JsonObject {
  return Object.fromEntries(
    Array.from({ length: random.below(6) }, () => [random.pick(keys), randomJson(random, depth - 1)]),
  );
}

export function randomNumber(random: SeededRandom): number {
  return random.chance(0.2) ? (random.next() - 0.5) * 10 ** random.below(20) : random.pick(numbers);
}

export function randomText(random: SeededRandom): string {
  if (random.chance(0.02)) return random.pick(texts).repeat(1 + random.below(3_000));
  return random.chance(0.1) ? random.pick(texts) + random.pick(texts) : random.pick(texts);
}

/** A large input, or a deep one: what the input of an execution may be. */
export function randomInput(random: SeededRandom): Json {
  if (random.chance(0.05)) return Array.from({ length: random.below(3_000) }, (_, a) => ({ a, list: [a] }));
  if (random.chance(0.05)) return nested(random, random.below(250));
  return random.chance(0.8) ? randomObject(random, 4) : randomJson(random, 4);
}

function nested(random: SeededRandom, depth: number): Json {
  let value: Json = {};
  for (let level = 0; level < depth; level++) value = random.chance(0.5) ? { [random.pick(keys)]: value } : [value];
  return value;
}
