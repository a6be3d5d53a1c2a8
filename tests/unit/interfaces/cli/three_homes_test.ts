// Goal: the same commands against a server's HTTP port and against a folder as against NATS.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cliHomes } from "../../../../src/homes/mod.ts";
import { runCli } from "../../../../src/interfaces/cli/mod.ts";
import { FakeIo } from "../../../support/cli/fake_io.ts";

const homes = cliHomes("0.0.0");
const definition = JSON.stringify({
  StartAt: "Check",
  States: {
    Check: { Type: "Choice", Choices: [{ Variable: "$.ok", BooleanEquals: true, Next: "Done" }], Default: "Bad" },
    Bad: { Type: "Fail", Error: "Broken", Cause: "it fell" },
    Done: { Type: "Succeed" },
  },
});
let folder: string;
before(async () => void (folder = await mkdtemp(join(tmpdir(), "weft-homes-"))));
after(() => rm(folder, { recursive: true, force: true }));

async function run(argv: readonly string[], stdin = "") {
  const io = new FakeIo();
  io.stdin.text = stdin;
  const code = await runCli(argv, homes, io);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

/** A workflow is put, runs well and badly, and is asked about: at each step as an operator would. */
async function operate(where: readonly string[]): Promise<void> {
  strictEqual((await run(["workflows", "put", "check", "-", ...where], definition)).code, 0);
  const good = await run(["start", "check", "--input", '{"ok": true}', "--wait", ...where]);
  deepStrictEqual([good.code, good.out], [0, '{"ok":true}\n']);
  const bad = await run(["start", "check", "--input", '{"ok": false}', "--wait", ...where]);
  strictEqual(bad.code, 1);
  const [id = ""] = /\/\S+\/e[0-9a-f]{7}\/[0-9a-f]{16}/.exec(bad.err) ?? [];
  const listed = await run(["executions", "list", "--status", "FAILED", "--since", "1h", "--json", ...where]);
  deepStrictEqual(
    (JSON.parse(listed.out) as { executions: { executionId: string }[] }).executions.map((one) => one.executionId),
    [id],
  );
  match((await run(["executions", "describe", id, ...where])).out, /✗ Bad {2}Broken: it fell/);
  match(
    (await run(["executions", "history", id, ...where])).out,
    /✓ Check {2}Choice.*\n✗ Bad {2}Fail.*Broken: it fell/,
  );
  const followed = await run(["monitor", "--execution", id.split("/").slice(3).join("/"), ...where]);
  strictEqual(followed.code, 1);
  match(followed.out, /✗ Bad Broken/);
  const redriven = await run(["redrive", id, ...where]);
  match(redriven.out, new RegExp(`^${id} `));
  strictEqual((await run(["executions", "delete", id, ...where])).code, 0);
}

test("a server's HTTP port is asked by --http, and its folder by --store once it has stopped", async () => {
  const store = join(folder, "dev");
  const served = await homes.serveDev({ port: 0, account: "111111111111", region: "here", store });
  const url = served.listening[0]?.address ?? "";
  try {
    await operate(["--http", url]);
    ok((await run(["executions", "list", "--http", url, "--json"])).out.includes("/111111111111/here/"));
  } finally {
    await served.close();
  }
  const space = ["--tenant", "111111111111", "--namespace", "here"];
  match((await run(["executions", "list", "--store", store, ...space])).out, /check +Succeeded/);
});

test("a folder is asked by --store", () => operate(["--store", join(folder, "alone")]));

test("a server that is not there is told with what to do", async () => {
  const { code, err } = await run(["executions", "list", "--http", "http://127.0.0.1:9"]);
  strictEqual(code, 1);
  match(err, /Error \(Unreachable\): Cannot reach a server at http:\/\/127\.0\.0\.1:9: .*\n`weft dev` starts one/);
});
