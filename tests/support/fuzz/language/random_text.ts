/** Paths and calls of JSONPath machines from a seed, and texts spoilt at random. */
import type { SeededRandom } from "../../seeded_random.ts";
import { keys, randomJson, randomText } from "./random_json.ts";

/** A path, right by its grammar. */
export function randomPath(random: SeededRandom, depth = 2): string {
  let path = random.pick(["$", "$", "$", "$$", "$v", "$w"]);
  for (let steps = random.below(4); steps > 0; steps--) path += pathStep(random, depth);
  return random.chance(0.1) ? `${path}.${pathFunction(random, depth)}` : path;
}

/** A path that names one place, as `ResultPath` has it. */
export function randomReferencePath(random: SeededRandom): string {
  let path = "$";
  for (let steps = random.below(4); steps > 0; steps--) path += random.chance(0.8) ? name(random) : "[0]";
  return path;
}

function name(random: SeededRandom): string {
  const key = random.pick(keys);
  return /^\w+$/.test(key) && random.chance(0.6) ? `.${key}` : `['${key.replaceAll("'", "\\'")}']`;
}

function pathStep(random: SeededRandom, depth: number): string {
  const number = () => random.pick(["", "0", "1", "-1", "2", "-3", "99999999999"]);
  switch (random.below(10)) {
    case 0:
      return `[${number() || "0"}]`;
    case 1:
      return `[${number()}:${number()}]`;
    case 2:
      return "[*]";
    case 3:
      return ".*";
    case 4:
      return random.chance(0.5) ? "..*" : `.${name(random).replace(/^\[/, ".[")}`;
    case 5:
      return `['a','${random.pick(["b", "list"])}']`;
    case 6:
      return depth > 0 ? `[?(${randomFilter(random, depth - 1)})]` : "[0,1]";
    default:
      return name(random);
  }
}

function pathFunction(random: SeededRandom, depth: number): string {
  const called = random.pick([
    "length",
    "size",
    "min",
    "max",
    "sum",
    "avg",
    "stddev",
    "keys",
    "concat",
    "append",
    "first",
  ]);
  return depth > 0 && random.chance(0.3) ? `${called}(${randomPath(random, depth - 1)})` : `${called}()`;
}

function randomFilter(random: SeededRandom, depth: number): string {
  const operand = () => {
    if (random.chance(0.5)) return `@${random.chance(0.8) ? name(random) : ""}`;
    return random.pick(["1", "'a'", "true", "null", "$.a", "[1, 'a']", randomPath(random, depth)]);
  };
  const operators = ["==", "!=", "<", "<=", ">", ">=", "in", "nin", "contains", "size", "empty", "subsetof", "anyof"];
  const comparison = () =>
    random.chance(0.2) ? operand() : `${operand()} ${operators[random.below(operators.length)]} ${operand()}`;
  if (depth <= 0 || random.chance(0.6)) return comparison();
  return random.pick([
    `!(${randomFilter(random, depth - 1)})`,
    `${comparison()} && ${randomFilter(random, depth - 1)}`,
    `(${comparison()} || ${randomFilter(random, depth - 1)})`,
  ]);
}

const functions: readonly (readonly [name: string, count: number])[] = [
  ["Format", 3],
  ["StringToJson", 1],
  ["JsonToString", 1],
  ["Array", 2],
  ["ArrayPartition", 2],
  ["ArrayContains", 2],
  ["ArrayRange", 3],
  ["ArrayGetItem", 2],
  ["ArrayLength", 1],
  ["ArrayUnique", 1],
  ["Base64Encode", 1],
  ["Base64Decode", 1],
  ["Hash", 2],
  ["JsonMerge", 3],
  ["MathRandom", 2],
  ["MathAdd", 2],
  ["StringSplit", 2],
  ["UUID", 0],
];

/** A call of an intrinsic function; mostly with as many arguments as it wants. */
export function randomCall(random: SeededRandom, depth = 3): string {
  const [called, wanted] = functions[random.below(functions.length)] ?? ["UUID", 0];
  const count = random.chance(0.9) ? wanted : random.below(5);
  const values = Array.from({ length: count }, () => argument(random, depth));
  if (called === "Format" && random.chance(0.8)) values[0] = "'{} \\{\\} {}'";
  return `States.${called}(${values.join(", ")})`;
}

function argument(random: SeededRandom, depth: number): string {
  if (depth > 0 && random.chance(0.35)) return randomCall(random, depth - 1);
  if (random.chance(0.5)) return randomPath(random, 1);
  if (random.chance(0.5)) return `'${randomText(random).replace(/[\\'{}]/g, "\\$&")}'`;
  const literal = randomJson(random, 0);
  return typeof literal === "string" ? `'${literal.replace(/[\\'{}]/g, "\\$&")}'` : JSON.stringify(literal);
}

const fragments: readonly [string, ...string[]] = [
  "$",
  "$$",
  ".",
  "..",
  "*",
  "[",
  "]",
  "[?(",
  ")]",
  "(",
  ")",
  "'",
  '"',
  "\\",
  "{",
  "}",
  "{}",
  ",",
  ":",
  "@",
  "!",
  "&&",
  "||",
  "==",
  "States.",
  "null",
  "true",
  "1",
  "-",
  "1e999",
  "e9",
  "__proto__",
  "\u0000",
  "\ud800",
  "😀",
  "\n",
  " ",
  "{%",
  "%}",
  "/*",
  "*/",
  "`",
  "~>",
  ":=",
  "^",
  "#",
  "?",
  "%",
  "/",
  "/a/",
  "function(",
  "$states",
  "999999999999999999999",
]; // deno-fmt-ignore

/** The text with some of its parts gone, doubled, moved or followed by others. */
export function spoilt(text: string, random: SeededRandom): string {
  let result = text;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(result.length + 1);
    const end = at + random.below(Math.min(12, result.length - at + 1));
    const cut = result.slice(at, end);
    result = result.slice(0, at) + random.pick(["", cut + cut, random.pick(fragments), random.pick(fragments) + cut]) +
      result.slice(end);
  }
  return result;
}
