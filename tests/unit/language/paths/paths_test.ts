// Goal: paths find what Jayway's dialect finds. Method: each path stands as the InputPath of a Pass state.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { effectiveInput } from "../../../../src/language/mod.ts";
import type { Json } from "../../../../src/values/mod.ts";
import { findingsOf, outcomeOf, scopeOf, stateOf } from "../fixtures.ts";

const store: Json = {
  book: [
    { category: "reference", author: "Rees", title: "Sayings", price: 8.95 },
    { category: "fiction", author: "Waugh", title: "Sword", price: 12.99 },
    { category: "fiction", author: "Melville", title: "Moby Dick", isbn: "0-553", price: 8.99 },
    { category: "fiction", author: "Tolkien", title: "Rings", isbn: "0-395", price: 22.99, tags: ["long", "old"] },
  ],
  bicycle: { color: "red", price: 19.95 },
};
const input: Json = {
  store,
  numbers: [0, 1, 2, 3, 4, 5],
  "a b": { "c.d": 1, "it's": 2 },
  nothing: null,
  text: "hello",
  limit: 10,
};

const JAYWAY = "Jayway JsonPath, README: operators";
const FILTERS = "Jayway JsonPath, README: filter operators";
const FUNCTIONS = "Jayway JsonPath, README: functions";
const ASL = "ASL: Paths";
const cases: readonly { path: string; value: Json; source: string }[] = [
  { path: "$", value: input, source: ASL },
  { path: "$.store.bicycle.color", value: "red", source: ASL },
  { path: "$.store.bicycle.color ", value: "red", source: "Accepted by AWS: published definitions" },
  {
    path: "$.store.book[?(@.author==Waugh)].title",
    value: ["Sword"],
    source: "Accepted by AWS: published definitions",
  },
  { path: "$.store.book[?(@.author in [Waugh, Rees])].price", value: [8.95, 12.99], source: "As a word after ==" },
  { path: "$.store.book[?(@.author==trueish)].title", value: [], source: "A word is read whole" },
  { path: "$['store']['bicycle']['color']", value: "red", source: JAYWAY },
  { path: '$["store"].bicycle["color"]', value: "red", source: JAYWAY },
  { path: "$['a b']['c.d']", value: 1, source: JAYWAY },
  { path: "$['a b']['it\\'s']", value: 2, source: JAYWAY },
  { path: "$.nothing", value: null, source: ASL },
  { path: "$.numbers[0]", value: 0, source: JAYWAY },
  { path: "$.numbers[-1]", value: 5, source: JAYWAY },
  { path: "$.numbers[0,2,-1]", value: [0, 2, 5], source: JAYWAY },
  { path: "$.numbers[1:3]", value: [1, 2], source: JAYWAY },
  { path: "$.numbers[:2]", value: [0, 1], source: JAYWAY },
  { path: "$.numbers[-2:]", value: [4, 5], source: JAYWAY },
  { path: "$.numbers[4:99]", value: [4, 5], source: JAYWAY },
  { path: "$.numbers[*]", value: [0, 1, 2, 3, 4, 5], source: JAYWAY },
  { path: "$.store.book[*].author", value: ["Rees", "Waugh", "Melville", "Tolkien"], source: JAYWAY },
  { path: "$.store.book[*].isbn", value: ["0-553", "0-395"], source: JAYWAY },
  { path: "$..author", value: ["Rees", "Waugh", "Melville", "Tolkien"], source: JAYWAY },
  { path: "$.store..price", value: [8.95, 12.99, 8.99, 22.99, 19.95], source: JAYWAY },
  { path: "$..book[2].title", value: ["Moby Dick"], source: JAYWAY },
  { path: "$.store.bicycle.*", value: ["red", 19.95], source: JAYWAY },
  { path: "$..nowhere", value: [], source: JAYWAY },
  { path: "$.gone[*].x", value: [], source: "Observed of AWS" },
  { path: "$.gone.gone[1:2]", value: [], source: "Observed of AWS" },
  { path: "$.store.bicycle['color','price']", value: { color: "red", price: 19.95 }, source: JAYWAY },
  { path: "$.store['book','bicycle'].color", value: ["red"], source: JAYWAY },
  { path: "$.store.book[?(@.isbn)].title", value: ["Moby Dick", "Rings"], source: FILTERS },
  { path: "$.store.book[?(!@.isbn)].title", value: ["Sayings", "Sword"], source: FILTERS },
  { path: "$.store.book[?(@.price < 10)].title", value: ["Sayings", "Moby Dick"], source: FILTERS },
  { path: "$.store.book[?(@.price <= $.limit)].title", value: ["Sayings", "Moby Dick"], source: FILTERS },
  { path: "$.store.book[?(@['category'] == 'fiction' && @.price > 20)].title", value: ["Rings"], source: FILTERS },
  {
    path: "$.store.book[?(@.category == 'reference' || @.price > 20)].title",
    value: ["Sayings", "Rings"],
    source: FILTERS,
  },
  {
    path: "$.store.book[?((@.price > 20 || @.price < 8.96) && @.author != 'Rees')].title",
    value: ["Rings"],
    source: FILTERS,
  },
  { path: "$.store.book[?(@.author in ['Rees', 'Waugh'])].title", value: ["Sayings", "Sword"], source: FILTERS },
  { path: "$.store.book[?(@.author nin ['Rees', 'Waugh'])].title", value: ["Moby Dick", "Rings"], source: FILTERS },
  { path: "$.store.book[?(@.tags contains 'old')].title", value: ["Rings"], source: FILTERS },
  { path: "$.store.book[?(@.tags size 2)].title", value: ["Rings"], source: FILTERS },
  { path: "$.store.book[?(@.tags empty false)].title", value: ["Rings"], source: FILTERS },
  { path: "$.store.book[?(@.tags anyof ['old', 'new'])].title", value: ["Rings"], source: FILTERS },
  { path: "$.store.book[?(@.tags subsetof ['old', 'long', 'new'])].title", value: ["Rings"], source: FILTERS },
  { path: "$.store.book[?(@.tags noneof ['new'])].title", value: ["Rings"], source: FILTERS },
  { path: "$.numbers[?(@ > 3)]", value: [4, 5], source: FILTERS },
  { path: "$.numbers[?(@ == '3')]", value: [], source: "Types do not mix" },
  { path: "$.store.book[?(@.price == 8.95)].author", value: ["Rees"], source: FILTERS },
  { path: "$.store.book[?(@.isbn == null)].title", value: [], source: "A missing value is not null" },
  { path: "$..[?(@.color == 'red')].price", value: [19.95], source: JAYWAY },
  { path: "$.numbers.length()", value: 6, source: FUNCTIONS },
  { path: "$.numbers.sum()", value: 15, source: FUNCTIONS },
  { path: "$.numbers.avg()", value: 2.5, source: FUNCTIONS },
  { path: "$.numbers.min()", value: 0, source: FUNCTIONS },
  { path: "$.numbers.max()", value: 5, source: FUNCTIONS },
  { path: "$.numbers.first()", value: 0, source: FUNCTIONS },
  { path: "$.numbers.last()", value: 5, source: FUNCTIONS },
  { path: "$.store.bicycle.keys()", value: ["color", "price"], source: FUNCTIONS },
  { path: "$$.Execution.Id", value: "execution-1", source: "AWS: Context object" },
  { path: "$variable.deep[1]", value: "found", source: "AWS: Workflow variables" },
];

const variables = { variable: { deep: ["no", "found"] } };

for (const { path, value, source } of cases) {
  test(`${path} finds ${JSON.stringify(value).slice(0, 40)} [${source}]`, () => {
    const state = stateOf("Pass", { InputPath: path });
    deepStrictEqual(outcomeOf(effectiveInput(state, scopeOf(input, { variables }))), value);
  });
}

const missing: readonly { path: string; reason: string }[] = [
  { path: "$.no.such.result.path", reason: "Missing property in path $['no']" },
  { path: "$.text2", reason: "No results for path: $['text2']" },
  { path: "$.store.nothing", reason: "No results for path: $['store']['nothing']" },
  { path: "$.numbers[9]", reason: "No results for path: $['numbers'][9]" },
  { path: "$.nothing[0]", reason: "The path $['nothing'] is null" },
  { path: "$variable.none", reason: "No results for path: $['none']" },
  { path: "$unset", reason: "No results for path: $unset" },
];

for (const { path, reason } of missing) {
  test(`${path} finds nothing: ${reason} [Jayway's reasons, as AWS repeats them]`, () => {
    const state = stateOf("Pass", { InputPath: path });
    const cause = `Invalid path '${path}' : ${reason}`;
    deepStrictEqual(outcomeOf(effectiveInput(state, scopeOf(input, { variables }))), {
      failed: { error: "States.Runtime", cause },
    });
  });
}

const invalid = [
  "",
  "foo",
  "$.",
  "$..",
  "$.a.",
  "$[",
  "$[a]",
  "$['a'",
  "$.a[?(@.b = 1)]",
  "$.a[?(@.b =~ /(a+)+/)]",
  "$.a b",
  "$.a[?()]",
  "$.nosuch()",
];
for (const path of invalid) {
  test(`"${path}" is refused at creation [ASL: Paths]`, () => {
    deepStrictEqual(findingsOf({ StartAt: "S", States: { S: { Type: "Pass", InputPath: path, End: true } } }), [
      "SCHEMA_VALIDATION_FAILED /States/S/InputPath: Value must be a valid JSONPath.",
    ]);
  });
}
