/** Calls of JSONata's functions from a seed, with odd arguments, mostly of the types that they take. */
import type { SeededRandom } from "../../seeded_random.ts";
import { builtinFunctions } from "../../../../src/language/jsonata/functions/mod.ts";
import { randomJson, randomNumber, randomObject, randomText } from "./random_json.ts";

const names = [...builtinFunctions.keys()] as [string, ...string[]];

/** What most functions take: `s` a text, `n` a number, `a` an array, `o` an object, `f` a function, `p` a pattern or a text. */
// deno-fmt-ignore
const kinds: Readonly<Record<string, string>> = {
  now: "ss", fromMillis: "nss", toMillis: "ss", partition: "an", range: "nnn", hash: "ss", random: "n", parse: "s",
  sum: "a", max: "a", min: "a", average: "a", floor: "n", ceil: "n", round: "nn", abs: "n", sqrt: "n", power: "nn",
  formatBase: "nn", lookup: "os", merge: "a", assert: "ns", substring: "snn", substringBefore: "ss",
  substringAfter: "ss", lowercase: "s", uppercase: "s", length: "s", trim: "s", pad: "sns", join: "as",
  base64encode: "s", base64decode: "s", encodeUrlComponent: "s", encodeUrl: "s", decodeUrlComponent: "s",
  decodeUrl: "s", formatInteger: "ns", parseInteger: "ss", map: "af", filter: "af", single: "af", reduce: "afn",
  each: "of", sift: "of", sort: "af", contains: "sp", match: "spn", replace: "sppn", split: "spn",
  formatNumber: "nso", append: "aa", zip: "aa", string: "on", keys: "o", spread: "o", clone: "o", count: "a",
  reverse: "a", shuffle: "a", distinct: "a",
};

/** What formats, patterns and code look like. */
const pictures: readonly [string, ...string[]] = [
  "#,##0.00",
  "0.0##e0",
  "#0.###%",
  ";",
  "##;##;##",
  "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]",
  "[X0001]-W[W01]-[F1]",
  "[YI][Mi][D1o]",
  "[MNn,3-3] [D1]",
  "[",
  "[Y",
  "[]]",
  "[[",
  "w",
  "Ww",
  "I",
  "A",
  "#,##0",
  "0001",
  "1;o",
  "+0200",
  "1+1",
  "$states",
  "{",
  "application/x",
  "%E0%A4%A",
  "%",
  "http://a/b?c=d e",
];
const patterns: readonly [string, ...string[]] = ["/a/", "/^(a+)+$/", "/(a)|(b)/i", "/(?:)/", "/[^,]*/", "/x*/", "/./"];
const functions: readonly [string, ...string[]] = [
  "function($v){ $v }",
  "function($a, $b){ $a > $b }",
  "function($a, $v, $i, $l){ $a & $v }",
  "function(){ [] }",
  "$string",
  "$sum",
  "$substring(?, 1)",
  "function($m){ $m.match & '$0' }",
];

/** One call, of any function; most arguments are of the type that it takes. */
export function randomFunctionCall(random: SeededRandom, depth = 2): string {
  const name = random.pick(names);
  const wanted = kinds[name] ?? "x";
  const count = random.chance(0.8) ? wanted.length - random.below(wanted.length > 1 ? 2 : 1) : random.below(5);
  const values = Array.from({ length: count }, (_, index) => {
    const kind = wanted[index];
    return kind !== undefined && random.chance(0.9) ? fitting(kind, random, depth) : argument(random, depth);
  });
  return `$${name}(${values.join(", ")})`;
}

function fitting(kind: string, random: SeededRandom, depth: number): string {
  switch (kind) {
    case "s":
      return JSON.stringify(random.chance(0.5) ? random.pick(pictures) : randomText(random));
    case "n":
      return JSON.stringify(random.chance(0.5) ? random.below(40) - 10 : randomNumber(random));
    case "a":
      return random.chance(0.5)
        ? random.pick(["[1..5]", "[3, 1, 2]", '["b", "a"]', "[[1], []]", "[{}]", "[]", "[1..2000]"])
        : JSON.stringify([randomJson(random, 2), randomJson(random, 2)]);
    case "o":
      return JSON.stringify(randomObject(random, 3));
    case "f":
      return random.pick(functions);
    case "p":
      return random.chance(0.5) ? random.pick(patterns) : JSON.stringify(randomText(random));
    default:
      return argument(random, depth);
  }
}

function argument(random: SeededRandom, depth: number): string {
  switch (random.below(9)) {
    case 0:
      return depth > 0 ? randomFunctionCall(random, depth - 1) : "null";
    case 1:
      return random.pick(functions);
    case 2:
      return random.pick(patterns);
    case 3:
      return JSON.stringify(random.pick(pictures));
    case 4:
      return JSON.stringify(randomNumber(random));
    case 5:
      return JSON.stringify(randomText(random));
    case 6:
      return random.pick(["$states.input", "$states.input.a", "$states.input.*", "$v", "[1..5]", "[]", "{}"]);
    default:
      return JSON.stringify(randomJson(random, 3));
  }
}
