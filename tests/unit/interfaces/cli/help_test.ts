import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { errorOf, weft } from "../../../support/cli/weft.ts";

const commands = [
  "run",
  "dev",
  "serve",
  "start",
  "worker",
  "executions list",
  "executions describe",
  "executions history",
  "executions cancel",
  "executions redrive",
  "executions delete",
  "workflows put",
  "workflows list",
  "workflows describe",
  "workflows delete",
  "validate",
  "schema",
  "monitor",
  "doctor",
  "nats-config",
  "keys init",
  "keys create",
  "keys list",
  "keys revoke",
];
for (const command of commands) {
  test(`weft ${command} --help shows options and examples and exits 0`, async () => {
    const { code, out, err } = await weft([...command.split(" "), "--help"]);
    deepStrictEqual([code, err], [0, ""]);
    match(out, new RegExp(`^Usage: weft ${command}`));
    match(out, /--json/);
    match(out, /\nExamples:\n {2}\S/);
  });
}

test("weft --help names every command", async () => {
  const { code, out } = await weft(["--help"]);
  strictEqual(code, 0);
  for (const command of new Set(commands.map((name) => name.split(" ")[0]))) {
    match(out, new RegExp(`\n {2}${command} `));
  }
  deepStrictEqual(await weft(["help", "run"]).then((ran) => [ran.code, ran.out.startsWith("Usage: weft run")]), [
    0,
    true,
  ]);
});

test("weft --version prints the version alone", async () => {
  const { code, out, err } = await weft(["--version"]);
  deepStrictEqual([code, out, err], [0, "1.2.3\n", ""]);
});

const misuses: readonly (readonly [argv: string, message: RegExp])[] = [
  ["", /Error: Expected a command\nweft --help/],
  ["rum", /Unknown command 'rum'\nDid you mean run\? weft --help/],
  ["executions", /Expected a command\nweft executions --help/],
  ["executions lst", /Unknown command 'lst'\nDid you mean list\? weft executions --help/],
  ["start", /Missing required argument 'workflow'/],
  ["executions list --limit many", /--limit <n>' argument 'many' is invalid\. Expected a whole number from 1/],
  ["executions list --status Gone", /Allowed choices are Pending, Running/],
  ["start w --start-at tomorrow", /Expected a time with its zone/],
  ["start w --tenant a.b", /Expected --tenant to be 1 to 64 of/],
];
for (const [argv, message] of misuses) {
  test(`"weft ${argv}" exits 2 and says what to do`, async () => {
    const { code, out, err, homes } = await weft(argv.split(" ").filter((word) => word !== ""));
    deepStrictEqual([code, out, homes.connections], [2, "", []]);
    match(err, message);
  });
}

test("wrong use is JSON on stderr with --json", async () => {
  const { code, err } = await weft(["executions", "list", "--limt", "1", "--json"]);
  strictEqual(code, 2);
  const error = errorOf(err);
  deepStrictEqual([error.code, error.message], ["Usage", "Unknown option '--limt'"]);
});
