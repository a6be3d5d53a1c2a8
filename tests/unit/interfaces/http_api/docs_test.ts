import { deepStrictEqual, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as sfn from "@aws-sdk/client-sfn";
import { operations } from "../../../../src/interfaces/http_api/operations/mod.ts";

test("every operation that AWS's client knows is there, and docs/aws.md names it", async () => {
  const known = Object.keys(sfn).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []).sort();
  deepStrictEqual([...operations.keys()].sort(), known);
  const text = await readFile(new URL("../../../../docs/aws.md", import.meta.url), "utf8");
  const missing = known.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  deepStrictEqual(missing, []);
  ok(text.includes(`All ${known.length}, `));
});
