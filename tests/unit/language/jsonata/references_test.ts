import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { compileJsonata, variablesOf } from "../../../../src/language/jsonata/mod.ts";

function references(source: string) {
  return variablesOf(Result.getOrThrow(compileJsonata(source)));
}

const variables: readonly (readonly [source: string, names: readonly string[]])[] = [
  ["$states.input.order.id", ["states.input.order.id"]],
  ["$states.input.items[price > $limit].id", ["states.input.items", "limit"]],
  ["$states", ["states"]],
  ["$a + $b.c", ["a", "b.c"]],
  ["$sum($a)", ["a"]],
  ["$eval($a)", ["eval", "a"]],
  ["($x := $a; $x + $y)", ["a", "y"]],
  ["($f := function($p){ $p + $g($q) }; $g := function($r){ $r }; $f(1))", ["q"]],
  ["(($x := 1); $x)", ["x"]],
  ["$a@$v.$b#$i.[$v, $i]", ["a", "b"]],
  ["$a#$k[$k = 0]", ["a"]],
  ["$a^(b, $c){d: $e}", ["a", "c", "e"]],
  ["$a ~> |b|{'c': $d}, $e|", ["a", "d", "e"]],
  ["$f(?, $a)", ["f", "a"]],
  ["$a ?? $b", ["a", "a", "b"]],
  ["{$k: $v}", ["k", "v"]],
  ["/a/", []],
];

for (const [source, names] of variables) {
  test(`variablesOf() finds ${names.join(", ") || "none"} in ${source}`, () => {
    deepStrictEqual(references(source).variables.map(({ name, fields }) => [name, ...fields].join(".")), names);
  });
}

const context: readonly (readonly [source: string, names: readonly string[]])[] = [
  ["$states.input.a", []],
  ["phone", ["phone"]],
  ["phone.number", ["phone"]],
  ["$", ["$"]],
  ["$.a", ["$"]],
  ["$$.a", ["$$"]],
  ["$a[b > 1]", []],
  ["$a[$ > 1]", []],
  ["$a.(b + c)", []],
  ["$a.{'x': b, 'y': $$}", ["$$"]],
  ["{'x': b}", ["b"]],
  ["$sum(a)", ["a"]],
  ["$a{b: c}", []],
  ["$a^(b)", []],
  ["function($x){ y }", ["y"]],
  ["$map($a, function($x){ $x.y })", []],
  ["$a ~> |b|{'c': d}|", []],
  ["*", ["*"]],
  ["**.a", ["**"]],
  ["[a, $b]", ["a"]],
  ["a ? b : $c", ["a", "b"]],
  ["foo(1)", ["foo"]],
];

for (const [source, names] of context) {
  test(`variablesOf() finds ${names.join(", ") || "no use"} of the context value in ${source}`, () => {
    deepStrictEqual(references(source).context.map(({ name }) => name), names);
  });
}

const syntaxErrors: readonly (readonly [source: string, message: string, position: number])[] = [
  ["$a[1,2)", 'Expected "]", got ","', 5],
  ['"unterminated', "String literal must be terminated by a matching quote", 13],
  ["1 +", "Unexpected end of expression", 3],
  ['{"a":}', 'The symbol "}" cannot be used as a unary operator', 6],
  ["$x :=", "Unexpected end of expression", 5],
  ['$match("a", /abc', "No terminating / in regular expression", 16],
  ["1 2", "Syntax error: 2", 3],
];

for (const [source, message, position] of syntaxErrors) {
  test(`compileJsonata() says of ${source}: ${message}`, () => {
    const compiled = compileJsonata(source);
    ok(Result.isFailure(compiled));
    strictEqual(compiled.failure.message, message);
    strictEqual(compiled.failure.position, position);
  });
}

test("compileJsonata() takes what only looks too deep", () => {
  const sources = [
    `$a & ${Array.from({ length: 100 }, (_, index) => `"${index}"`).join(" & ")}`,
    `[${Array.from({ length: 500 }, (_, index) => `$a.b + ${index}`).join(", ")}]`,
    `{${Array.from({ length: 50 }, (_, index) => `"k${index}": $a ?? ${index}`).join(", ")}}`,
    "$a ?? ".repeat(15) + "1",
    `"${"(".repeat(500)}"`,
    `$match("x", /(${"x".repeat(200)})/)`,
    "$count($a) < 10 ? $a / 2 : $b / 3",
    "(function($x)<n:n>{ $x / 2 })(4) / 2",
    "$a.* / 2",
    `${"(".repeat(99)}1${")".repeat(99)}`,
  ];
  for (const source of sources) ok(Result.isSuccess(compileJsonata(source)), source.slice(0, 80));
});
