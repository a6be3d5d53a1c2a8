import { strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { DefinitionCache } from "../../../src/runtime/definition_cache.ts";
import { defaultLimits } from "../../../src/values/mod.ts";

test("texts are kept up to a number of characters, and the least recently used go first", () => {
  const cache = new DefinitionCache(10, 10);
  cache.keepText("a", "aaaa");
  cache.keepText("b", "bbbb");
  strictEqual(cache.text("a"), "aaaa");
  cache.keepText("c", "cccc");
  strictEqual(cache.text("b"), undefined);
  strictEqual(cache.text("a"), "aaaa");
  strictEqual(cache.text("c"), "cccc");
});

test("a text longer than all that may be kept is not kept, and drives nothing out", () => {
  const cache = new DefinitionCache(10, 10);
  cache.keepText("a", "aaaa");
  cache.keepText("b", "b".repeat(11));
  strictEqual(cache.text("b"), undefined);
  strictEqual(cache.text("a"), "aaaa");
});

test("a text kept twice counts once", () => {
  const cache = new DefinitionCache(10, 10);
  cache.keepText("a", "aaaaa");
  cache.keepText("a", "aaaaa");
  cache.keepText("b", "bbbbb");
  strictEqual(cache.text("a"), "aaaaa");
  strictEqual(cache.text("b"), "bbbbb");
});

test("a definition that was accepted under wider limits is one under the defaults too", () => {
  const count = defaultLimits.statesMax + 1;
  const States = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `S${index}`,
      index === count - 1 ? { Type: "Pass", End: true } : { Type: "Pass", Next: `S${index + 1}` },
    ]),
  );
  const machine = new DefinitionCache().add("hash", JSON.stringify({ StartAt: "S0", States }));
  strictEqual(machine.States.size, count);
});
