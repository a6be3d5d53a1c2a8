// Goal: StringMatches knows its star and its escapes, and stays linear whatever the pattern.
import { ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { compileStringMatches } from "../../../../src/language/choice/string_matches.ts";

const cases: readonly (readonly [pattern: string, text: string, matches: boolean | undefined])[] = [
  ["foo*.log", "foo23.log", true],
  ["*.log", "zebra.log", true],
  ["foo*.*", "foobar.zebra", true],
  ["foo*.log", "foo.lo", false],
  ["", "", true],
  ["", "a", false],
  ["*", "", true],
  ["**", "abc", true],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["a*b*c", "abbc", true],
  ["a*bc*c", "abc", false],
  ["*aab*", "aaab", true],
  ["\\*", "*", true],
  ["\\*", "x", false],
  ["a\\\\b", "a\\b", true],
  ["\\**", "*anything", true],
  [".+", "aa", false],
  ["a\\b", "", undefined],
  ["a\\", "", undefined],
];

for (const [pattern, text, matches] of cases) {
  test(`pattern ${JSON.stringify(pattern)} ${matches === undefined ? "is refused" : `${matches ? "matches" : "does not match"} ${JSON.stringify(text)}`} [ASL: Choice State, StringMatches]`, () => {
    strictEqual(compileStringMatches(pattern)?.(text), matches);
  });
}

test("a hostile pattern on a long text takes linear time", () => {
  const text = `${"a".repeat(250_000)}c`;
  const pattern = `*${`${"a".repeat(60)}b*`.repeat(50)}`;
  const matches = compileStringMatches(pattern);
  const before = performance.now();
  for (let round = 0; round < 10; round++) strictEqual(matches?.(text), false);
  ok(performance.now() - before < 10_000, "Expected ten rounds over 250,000 characters within seconds");
});
