// Goal: an input that nests without end is refused, however it comes in, and the engine goes on.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/mod.ts";
import { defaultLimits, type Json } from "../../../src/values/mod.ts";

const space = { tenant: "default", namespace: "default" };
const { jsonDepthMax } = defaultLimits;

function nested(depth: number): Json {
  let value: Json = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}

test("an input may nest as deep as the limit, and no deeper", async () => {
  const store = mkdtempSync(join(tmpdir(), "weft-deep-"));
  const { engine, close } = await openEmbeddedHome({ store });
  const definition = { StartAt: "S", States: { S: { Type: "Pass", End: true } } };
  await Effect.runPromise(engine.putWorkflow({ ...space, name: "pass", definition }));
  const run = (input: Json) => Effect.runPromise(engine.runExecution({ ...space, workflow: "pass", input }));
  const refused = (input: Json) =>
    Effect.runPromise(Effect.flip(engine.runExecution({ ...space, workflow: "pass", input })));

  for (const depth of [jsonDepthMax + 1, 5_000, 100_000]) {
    strictEqual((await refused(nested(depth))).code, "InvalidArgument");
  }
  const ended = await run(nested(jsonDepthMax));

  deepStrictEqual([ended.status, ended.output], ["Succeeded", nested(jsonDepthMax)]);
  await close();
  rmSync(store, { recursive: true, force: true });
});
