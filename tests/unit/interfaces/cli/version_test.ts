import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { weft } from "../../../support/cli/weft.ts";

test("weft version prints the version alone in its first line, and the runtime in the second", async () => {
  const { out, code } = await weft(["version"]);
  strictEqual(code, 0);
  match(out, /^\S+\n(Node|Deno) \d+\.\d+\.\d+\S*, \S+ \S+\n$/);
  strictEqual(out.split("\n")[0], (await weft(["--version"])).out.trim());
});

test("weft version --json gives them by name", async () => {
  deepStrictEqual(Object.keys(JSON.parse((await weft(["version", "--json"])).out)), [
    "version",
    "runtime",
    "runtimeVersion",
  ]);
});
