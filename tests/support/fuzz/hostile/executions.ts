/** Hostile executions: machines and inputs that want the engine's time, its memory or its prototypes. */
import type { Json, JsonObject } from "../../../../src/values/mod.ts";

export interface HostileExecution {
  readonly what: string;
  readonly definition: JsonObject;
  readonly input: Json;
  /** The error that it ends with, or the output. */
  readonly end: { readonly error: string } | { readonly output: Json };
}

const QUERY = "States.QueryEvaluationError";
const RUNTIME = "States.Runtime";
const REFUSED = "States.Runtime";
const TOO_LARGE = "States.DataLimitExceeded";

/** Texts, lists and depths as large as an input may be. */
const hostileInput: JsonObject = {
  text: "a".repeat(60_000),
  list: Array.from({ length: 5_000 }, (_, id) => ({ id: `k${id}`, n: id })),
  deep: deepened(100),
};

function deepened(depth: number): Json {
  let value: Json = {};
  for (let level = 0; level < depth; level++) value = { a: value, b: [level] };
  return value;
}

/** As decoded from JSON text: `__proto__` is an own key. */
const poison: JsonObject = JSON.parse(
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"prototype":{"polluted":3}}',
);

function machine(states: JsonObject, top: JsonObject = {}): JsonObject {
  return { ...top, StartAt: Object.keys(states)[0] ?? "", States: states };
}

function jsonata(output: Json): JsonObject {
  return machine({ S: { Type: "Pass", Output: output, End: true } }, { QueryLanguage: "JSONata" });
}

function pass(fields: JsonObject): JsonObject {
  return machine({ S: { Type: "Pass", End: true, ...fields } });
}

/** Expressions of JSONata, each in a state of its own machine. */
const expressions: readonly (readonly [what: string, source: string, error: string])[] = [
  ["a regular expression that tries all partitions", '$match($s & $s & "b", /^(a+)+$/)', QUERY],
  ["a huge $pad", '$pad("x", 200000000)', QUERY],
  ["doubling strings", '($p := function($s, $n){ $n = 0 ? $s : $p($s & $s, $n - 1) }; $p("x", 31))', QUERY],
  ["endless recursion", "($f := function($x){ 1 + $f($x) }; $f(1))", QUERY],
  ["endless recursion by tail calls", "($f := function($x){ $f($x + 1) }; $f(1))", QUERY],
  ["a range of a billion", "[1..1000000000]", QUERY],
  ["ranges of ranges", "[1..10000].[1..10000].$", QUERY],
  ["$map in $map", "$map([1..10000], function($i){ $map([1..10000], function($j){ $i * $j }) })", QUERY],
  [
    "$reduce that lets a text grow",
    '$reduce([1..90000], function($s, $i){ $s & $pad("", 60, "x") }, "")',
    QUERY,
  ],
  ["$sort by a costly comparator", "$sort($l, function($a, $b){ $sum([1..1000]) > 0 and $a.n < $b.n })", QUERY],
  ["a comparator that sorts", "($c := function($a, $b){ $count($sort($l, $c)) = 1 }; $sort($l, $c))", QUERY],
  ["$replace that multiplies", '$replace($pad("", 2000, "a"), /a/, "$0" & $pad("", 1000))', QUERY],
  [
    "$formatNumber with a picture of a million",
    '$formatNumber(1, $pad("", 1048000, "0") & $pad("", 1000, "0"))',
    QUERY,
  ],
  ["$formatInteger of a billion in Roman", '$formatInteger(1000000000000, "I")', QUERY],
  ["$toMillis of a picture without end", '$toMillis($pad("", 100000, "1"), "[Y" & $pad("", 100000, "1") & "]")', QUERY],
  ["$eval", '$eval("1 + 1")', QUERY],
  ["a chain of & over the input", `${"$s & ".repeat(60)}"x"`, QUERY],
  ["a join of a list with itself", "$count($l@$x.$l@$y[$x.id = $y.id])", QUERY],
  ["descendants of descendants", "$count($d.**.**.**.**.**)", QUERY],
];

const expressionCases = expressions.map(([what, source, error]): HostileExecution => ({
  what: `JSONata: ${what}`,
  definition: jsonata(
    `{% ( $s := $states.input.text; $l := $states.input.list; $d := $states.input.deep; ${source} ) %}`,
  ),
  input: hostileInput,
  end: { error },
}));

const list = (count: number, item: string) => Array.from({ length: count }, () => item).join(", ");
const call = (value: string) => pass({ Parameters: { "v.$": value } });

const pathCases: readonly HostileExecution[] = [
  { what: "descents in descents", definition: pass({ InputPath: "$..*..*..*..*..*" }), end: { error: RUNTIME } },
  {
    what: "a filter that descends for each item",
    definition: pass({ InputPath: "$.list[?(@..[?(@..*)] && $..id subsetof $..id)]" }),
    end: { error: RUNTIME },
  },
  { what: "a range of a billion", definition: call("States.ArrayRange(0, 1000000000, 1)"), end: { error: REFUSED } },
  {
    what: "a format with many holes",
    definition: call(`States.Format('${"{}".repeat(2_000)}', ${list(2_000, "$.text")})`),
    end: { error: REFUSED },
  },
  {
    what: "a split into pieces of a character",
    definition: call(`States.Array(${list(100, "States.StringSplit($.text, 'b')")})`),
    end: { error: RUNTIME },
  },
  {
    what: "many copies of the input",
    definition: pass({
      Parameters: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}.$`, "$"])),
    }),
    end: { error: TOO_LARGE },
  },
].map((made) => ({ ...made, what: `JSONPath: ${made.what}`, input: hostileInput }));

const slow = "{% $sum($map([1..3000], function($n) { $n * 2 })) %}";
const chain = Object.fromEntries(
  Array.from({ length: 200 }, (_, index) => [
    `S${index}`,
    {
      Type: "Pass",
      Assign: { v: slow },
      ...(index === 199 ? { Output: "done", End: true } : { Next: `S${index + 1}` }),
    },
  ]),
);

const composed: readonly HostileExecution[] = [
  {
    what: "a chain of states that each cost much",
    definition: machine(chain, { QueryLanguage: "JSONata" }),
    input: {},
    end: { output: "done" },
  },
  {
    what: "a Map whose items each cost much",
    definition: machine({
      Each: {
        Type: "Map",
        Items: "{% [1..300] %}",
        ItemSelector: { v: slow },
        ItemProcessor: machine({ P: { Type: "Pass", Output: slow, End: true } }),
        Output: "{% $count($states.result) %}",
        End: true,
      },
    }, { QueryLanguage: "JSONata" }),
    input: {},
    end: { output: 300 },
  },
  {
    what: "a loop that lets a variable double",
    definition: machine({
      Begin: { Type: "Pass", Assign: { v: "xxxxxxxx" }, Next: "Double" },
      Double: { Type: "Pass", Assign: { v: "{% $v & $v %}" }, Next: "More" },
      More: { Type: "Choice", Choices: [{ Condition: "{% $v = '' %}", Next: "End" }], Default: "Double" },
      End: { Type: "Succeed" },
    }, { QueryLanguage: "JSONata" }),
    input: {},
    end: { error: RUNTIME },
  },
  {
    what: "a Choice of thousands of rules that search a long text",
    definition: machine({
      C: {
        Type: "Choice",
        Choices: Array.from({ length: 8_000 }, () => ({ Variable: "$.text", StringMatches: "*b*c*", Next: "E" })),
        Default: "E",
      },
      E: { Type: "Succeed" },
    }),
    input: { text: "ab".repeat(60_000) },
    end: { error: RUNTIME },
  },
  {
    what: "keys of prototypes in an input",
    definition: pass({ Result: { polluted: true }, ResultPath: "$.__proto__.constructor.prototype" }),
    input: poison,
    end: {
      output: JSON.parse(
        '{"__proto__":{"polluted":1,"constructor":{"prototype":{"polluted":true}}},' +
          '"constructor":{"prototype":{"polluted":2}},"prototype":{"polluted":3}}',
      ),
    },
  },
  {
    what: "keys of prototypes in JSONata",
    definition: jsonata("{% $merge([$states.input, $spread($states.input), $states.input.constructor]) %}"),
    input: poison,
    end: { output: { ...poison, prototype: { polluted: 2 }, ...JSON.parse('{"__proto__":{"polluted":1}}') } },
  },
];

/** All of them. */
export const hostileExecutions: readonly HostileExecution[] = [...expressionCases, ...pathCases, ...composed];
