// Goal: no expression hangs, kills or escapes the engine. Method: each of these ends by itself as the failure named, or as a plain
// value, within a second; and what it reached for is still as it was.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { compileJsonata, defaultJsonataLimits } from "../../../../src/language/jsonata/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";
import { codeOf, outcomeOf, valueOf } from "./evaluation.ts";

/** Of processor time: the machine may have other things to do. */
const MS_MAX = 1_000;

/** Milliseconds of processor time that this process has used. */
function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const RSS_GROWTH_MAX = 600_000_000;

const text = "abcdefghij".repeat(26_000);
const list: readonly Json[] = Array.from({ length: 20_000 }, (_, index) => ({ id: `k${index}`, n: index }));
/** In a text of `a` alone the host's own search takes seconds for this one. */
const periodic = `${"a".repeat(50_000)}b${"a".repeat(50_300)}`;
const bindings = { text, list, a: "a".repeat(200_000), periodic };

const failing: readonly (readonly [code: string, what: string, source: string])[] = [
  ["D2016", "a huge $pad", '$pad("x", 200000000)'],
  ["D2016", "a huge $pad to the left", '$pad("x", -200000000, "ab")'],
  ["D2016", "doubling strings", '($p := function($s, $n){ $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p("x", 31)))'],
  [
    "D2016",
    "strings that grow in $reduce",
    '$reduce([1..90000], function($s, $i){ $s & "sixty characters are in this text, or thereabouts, or more" }, "")',
  ],
  ["D2016", "a $replace that multiplies", '$replace($pad("", 1000, "a"), "a", $text)'],
  ["D2016", "a $replace by matches that multiplies", '$replace($pad("", 2000, "a"), /a/, "$0" & $pad("", 1000))'],
  ["D2016", "a $join that multiplies", "$join([1..1000].$text)"],
  ["D2016", "$string of a shared value", '($a := {"t": $text}; $string([$a, $a, $a, $a, $a]))'],
  ["D2016", "Roman numerals of a billion", '$formatInteger(1000000000000, "I")'],
  ["D2016", "digits by the million", '$formatInteger(1, $pad("", 1048000, "0") & $pad("", 1000, "0"))'],
  ["D2014", "a range of a billion", "[1..1000000000]"],
  ["D2015", "a range of a million", "[1..1000000]"],
  [
    "D2015",
    "$append that doubles",
    "($f := function($a, $n){ $n = 0 ? $a : $f($append($a, $a), $n - 1) }; $f([1], 30))",
  ],
  ["D2015", "$split into single characters", '$split($text, "")'],
  ["D2015", "a $range by one", "$range(1, 100000000, 1)"],
  ["D1012", "endless recursion by tail calls", "($f := function($x){ $f($x + 1) }; $f(1))"],
  [
    "D1012",
    "endless mutual recursion by tail calls",
    "($f := function($x){ $g($x) }; $g := function($x){ $f($x) }; $f(1))",
  ],
  ["D1012", "nested $map of ranges", "$map([1..10000], function($i){ $map([1..10000], function($j){ $i * $j }) })"],
  ["D1012", "a path of ranges", "[1..10000].[1..10000].$"],
  ["D1012", "a filter of an array by itself", "$list[$list[n = 1].n = n]"],
  ["D1012", "$distinct of different objects", "$distinct($list)"],
  ["D2015", "a join of a list with itself", "$count($list@$x.$list@$y[$x.id = $y.id])"],
  ["D1012", "many comparisons of long strings", '$count($map([1..100000], function(){ $text & "a" < $text & "b" }))'],
  ["D1012", "many searches in a long string", '$count($map([1..100000], function(){ $contains($text, "zzz") }))'],
  [
    "D2017",
    "a matcher that always matches",
    '$match("a", function($s){ ($m := function(){ {"match": "a", "start": 0, "end": 1, "groups": [], "next": $m} }; $m()) })',
  ],
  ["D1012", "a regular expression that looks ahead at each match", '$match($a & "b", /b|a.*z|a/)'],
  ["D1011", "deep recursion", "($f := function($n){ $n = 0 ? 0 : 1 + $f($n - 1) }; $f(100000))"],
  ["D1011", "endless recursion", "($f := function($x){ 1 + $f($x) }; $f(1))"],
  [
    "D1011",
    "mutual recursion through $map",
    "($f := function($x){ $map([$x], $g) }; $g := function($x){ $map([$x], $f) }; $f(1))",
  ],
  ["D1011", "a comparator that sorts", "($c := function($a, $b){ $sort([3, 1, 2], $c) = 1 }; $sort([3, 1, 2], $c))"],
  [
    "D1011",
    "composition without end",
    '($f := function($g, $n){ $n = 0 ? $g : $f($g ~> $uppercase, $n - 1) }; $f($uppercase, 5000)("a"))',
  ],
  [
    "D1012",
    "objects by the million",
    '($f := function($n, $x){ $f($n - 1, $append([{"a": $n, "b": [$n, $n]}], $x)[[0..10]]) }; $f(1000000, []))',
  ],
  ["D2017", "a value of long strings", "[1..50000].$text"],
  ["D2018", "arrays within arrays", "($f := function($a, $n){ $n = 0 ? $a : $f([[$a], 1], $n - 1) }; $f([], 10000))"],
  [
    "D2018",
    "objects within objects",
    '($f := function($a, $n){ $n = 0 ? $a : $f({"a": $a}, $n - 1) }; $string($f({}, 10000)))',
  ],
  ["D2018", "an object within itself", '{"a": {"b": 1}} ~> |a|{"self": $}|'],
  ["D2018", "$parse of deep text", '$type($parse($pad("", 100000, "[") & $pad("", 100000, "]")))'],
  ["D3137", "$parse of what is no JSON", "$parse($text)"],
  ["D1004", "a match of nothing, again and again", '$match("abc", /x*/)'],
  ["D3094", "a thousand decimals", '$formatNumber(1, "0." & $pad("", 200, "0"))'],
];

test("evaluateJsonata() ends hostile expressions as named failures, each within a second", () => {
  const before = process.memoryUsage().rss;
  const surprises: unknown[] = [];
  for (const [code, what, source] of failing) {
    const start = usedMs();
    const ended = codeOf(source, bindings);
    const ms = Math.round(usedMs() - start);
    if (ended !== code || ms > MS_MAX) surprises.push({ what, expected: code, ended, ms });
  }
  deepStrictEqual(surprises, []);
  const growth = process.memoryUsage().rss - before;
  ok(growth < RSS_GROWTH_MAX, `the process grew by ${Math.round(growth / 1e6)} MB`);
});

const harmless: readonly (readonly [what: string, source: string, value: Json | undefined])[] = [
  ["a regular expression that backtracks for ever elsewhere", '$match($a & "!", /^(a+)+$/)', undefined],
  ["a long text in a longer one", "$contains($a, $periodic)", false],
  ["a split by a long text", "$count($split($a, $periodic))", 1],
  ["a $replace of a long text", '$length($replace($a, $periodic, "x"))', 200_000],
  ["what is before a long text", "$length($substringBefore($a, $periodic))", 200_000],
  ["one with nested stars", '$contains($a & "!", /^(a*)*b$/)', false],
  ["many optional parts", '$contains($pad("", 30, "a"), /^(a?){30}a{30}$/)', true],
  ["a hundred thousand tail calls", "($f := function($n){ $n = 0 ? 0 : $f($n - 1) }; $f(50000))", 0],
];

test("evaluateJsonata() evaluates what only looks hostile", () => {
  for (const [what, source, value] of harmless) {
    const start = usedMs();
    deepStrictEqual(valueOf(source, bindings), value, what);
    ok(usedMs() - start < MS_MAX, what);
  }
});

const evil = JSON.parse(
  '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "toString": "text"}',
) as Json;

test("evaluateJsonata() treats __proto__, constructor and toString as names like any other", () => {
  const cases: readonly (readonly [source: string, value: Json | undefined])[] = [
    ["$evil.__proto__.polluted", 1],
    ["$evil.constructor.prototype.polluted", 1],
    ["$evil.toString", "text"],
    ["{}.__proto__", undefined],
    ["{}.constructor", undefined],
    ["[].constructor.constructor", []],
    ['"".constructor', undefined],
    ["$uppercase.constructor", undefined],
    ["(function($x){ $x }).body", undefined],
    ["$sum.implementation", undefined],
    ["/a/.regex", undefined],
    ["$list.length", undefined],
    ['$lookup($evil, "__proto__").polluted', 1],
    ['$lookup({}, "__proto__")', undefined],
    ["$keys($evil)", ["__proto__", "constructor", "toString"]],
    ["$exists($constructor) or $exists($__proto__) or $exists($toString) or $exists($hasOwnProperty)", false],
    ['($__proto__ := {"polluted": 1}; $__proto__.polluted)', 1],
    ['$list[0]{"__proto__": id}.__proto__', "k0"],
  ];
  for (const [source, value] of cases) deepStrictEqual(valueOf(source, { evil, list }), value, source);
  strictEqual(({} as Record<string, unknown>)["polluted"], undefined);
});

test("evaluateJsonata() builds objects whose own key is __proto__", () => {
  const sources = [
    '{"__proto__": {"polluted": 1}}',
    '$merge([{"a": 1}, $evil])',
    "$clone($evil)",
    '$parse("{\\"__proto__\\": {\\"polluted\\": 1}}")',
    '{} ~> |$|{"__proto__": {"polluted": 1}}|',
    "$sift($evil, function($v){ $type($v) = 'object' })",
    '$reduce(["__proto__"], function($o, $k){ $merge([$o, {$k: {"polluted": 1}}]) }, {})',
    "$spread($evil)[0]",
    '[{"k": "__proto__", "v": {"polluted": 1}}]{k: v}',
  ];
  for (const source of sources) {
    const value = valueOf(source, { evil }) as Record<string, unknown>;
    ok(Object.hasOwn(value, "__proto__"), source);
    strictEqual(Object.getPrototypeOf(value), Object.prototype, source);
    strictEqual(value["polluted"], undefined, source);
  }
  strictEqual(({} as Record<string, unknown>)["polluted"], undefined);
});

test("evaluateJsonata() changes no value that it is given", () => {
  const freeze = (value: Json): Json => {
    if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
    return Object.freeze(value);
  };
  const given = freeze({ items: [{ id: 1, tags: ["x"] }, { id: 2, tags: [] }], one: [7], empty: [] });
  const sources = [
    '$given ~> |items|{"id": 9}, "tags"|',
    '$count([1] ~> |$given.items|{"id": 9}|)',
    "$sort($given.items, function($a, $b){ $a.id < $b.id })",
    "$given.items^(>id)",
    "$given.one[]",
    "$given.empty{id: 1}",
    "$append($given.one, 1)",
    "$reverse($given.items)",
    "$given.items#$i.{'i': $i}",
    "$shuffle($given.items)",
    "$merge($given.items)",
  ];
  for (const source of sources) ok(Result.isSuccess(outcomeOf(source, { given })), source);
  deepStrictEqual(given, { items: [{ id: 1, tags: ["x"] }, { id: 2, tags: [] }], one: [7], empty: [] });
});

test("evaluateJsonata() gives plain arrays and objects, without a mark of its own", () => {
  for (
    const source of [
      "$list[n < 3].id",
      "[1..3]",
      "$list[0].id[]",
      "$list[n < 2].[id]",
      "$keys($list[0])",
      "{'a': $list[n < 3].n}.a",
    ]
  ) {
    const value = valueOf(source, { list });
    strictEqual(Object.getPrototypeOf(value), Array.prototype, source);
    deepStrictEqual(Object.keys(value as object), (value as Json[]).map((_, index) => String(index)), source);
  }
});

const uncompilable: readonly (readonly [what: string, source: string])[] = [
  ["more than 10,000 characters", `"${"x".repeat(10_000)}"`],
  ["brackets within brackets", "(".repeat(2_000) + "1" + ")".repeat(2_000)],
  ["brackets behind a quote in a regular expression", `$match("", /"/) & ${"[".repeat(2_000)}${"]".repeat(2_000)}`],
  ["a chain of a thousand operations", "1" + "+1".repeat(2_000)],
  ["a path of thousands of steps", "$a" + ".b".repeat(4_000)],
  ["thousands of conditions in brackets", "$a" + "[0]".repeat(3_000)],
  ["a chain of conditions", "1?".repeat(3_000) + "1"],
  ["minus after minus", `${"-".repeat(5_000)}1`],
  ["default operators that double", "(".repeat(90) + "$a" + "??1)".repeat(90)],
  ["default operators that double in calls", "$f(".repeat(90) + "$a" + "?:1)".repeat(90)],
  [
    "default operators behind a quote in a regular expression",
    `$match("", /"/) & ${"(".repeat(90)}$a${"??1)".repeat(90)}`,
  ],
  ["a back reference", '$match("aa", /(a)\\1/)'],
  ["a look-ahead", '$match("aa", /a(?=b)/)'],
  ["a look-behind", '$match("aa", /(?<=a)b/)'],
  ["a repetition of a repetition", '$match("aa", /((a{100}){100}){100}/)'],
  ["many repetitions", `$match("aa", /${"a{900}".repeat(100)}/)`],
  ["an endless string", '"abc'],
  ["an endless comment", "1 /* "],
  ["nothing", ""],
];

test("compileJsonata() refuses what would take the parser too far, each within a second", () => {
  for (const [what, source] of uncompilable) {
    const start = usedMs();
    const compiled = compileJsonata(source);
    ok(Result.isFailure(compiled), what);
    ok(typeof compiled.failure.message === "string" && Number.isInteger(compiled.failure.position), what);
    ok(usedMs() - start < MS_MAX, `${what} took ${Math.round(usedMs() - start)} ms`);
  }
});

test("evaluateJsonata() spends the same number of steps each time", () => {
  const source = '$count($match($short, /[ab]c?/)) + $count($few[n > 5].id) + $length($replace($short, /j/, "JJ"))';
  const given = { short: text.slice(0, 1_000), few: list.slice(0, 50) };
  const least = (): number => {
    let [low, high] = [0, defaultJsonataLimits.stepsMax];
    while (low + 1 < high) {
      const stepsMax = Math.floor((low + high) / 2);
      if (Result.isSuccess(outcomeOf(source, given, { ...defaultJsonataLimits, stepsMax }))) high = stepsMax;
      else low = stepsMax;
    }
    return high;
  };
  strictEqual(least(), least());
});
