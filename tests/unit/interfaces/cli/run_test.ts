import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { FakeHomes } from "../../../support/cli/fake_homes.ts";
import type { FakeIo } from "../../../support/cli/fake_io.ts";
import { begin, errorOf, taskDefinition, weft } from "../../../support/cli/weft.ts";

const fixtures = fileURLToPath(new URL("../../../support/cli/fixtures/", import.meta.url));
const decline = "arn:aws:lambda:us-east-1:123456789012:function:decline";

function greeting({ io }: { readonly io: FakeIo; readonly homes: FakeHomes }): void {
  io.files.set("hello.asl.json", taskDefinition("greet"));
  io.files.set("decline.json", taskDefinition(decline));
  io.files.set("input.json", '{"name": "Grace"}');
  io.stdin.text = '{"name": "Edsger"}';
  io.cwd = fixtures;
}

for (
  const [input, name] of [
    [["--input", '{"name": "Ada"}'], "Ada"],
    [["--input", "@input.json"], "Grace"],
    [["--input", "-"], "Edsger"],
    [[], "you"],
  ] as const
) {
  test(`weft run prints the output alone for ${input.length === 0 ? "no input" : input.join(" ")}`, async () => {
    const { code, out, err } = await weft(["run", "hello.asl.json", "--handlers", "handlers.ts", ...input], greeting);
    deepStrictEqual([code, out, err], [0, `{"greeting":"Hello, ${name}"}\n`, ""]);
  });
}

test("weft run exits 1 with error and cause on stderr, and nothing on stdout, when the execution fails", async () => {
  const { code, out, err } = await weft(["run", "decline.json", "--handlers", "handlers.ts"], greeting);
  deepStrictEqual([code, out], [1, ""]);
  match(err, /Declined: the card was declined/);
  const json = await weft(["run", "decline.json", "--handlers", "handlers.ts", "--json"], greeting);
  const { executionId, ...error } = errorOf(json.err);
  match(String(executionId), /^\/local\/default\/e/);
  deepStrictEqual(error, {
    code: "ExecutionFailed",
    message: "Declined: the card was declined",
    status: "Failed",
    error: "Declined",
    cause: "the card was declined",
  });
});

const misuses: readonly (readonly [why: string, argv: readonly string[], message: RegExp])[] = [
  ["there is no definition", ["run"], /Expected the file of a definition/],
  ["the definition's file is missing", ["run", "none.json"], /Cannot read "none\.json": there is no such file/],
  ["the input's file is missing", ["run", "hello.asl.json", "--input", "@none.json"], /Cannot read "none\.json"/],
  [
    "the input is no JSON",
    ["run", "hello.asl.json", "--input", "{name: 1}"],
    /--input is no JSON: .* at line 1, column 2\n {2}\{name: 1\}\n {3}\^/,
  ],
  ["the definition is no JSON", ["run", "broken.json"], /broken\.json is no JSON: .* at line 2, column 1/],
  ["both come from stdin", ["run", "-", "--input", "-"], /both are -/],
  ["the module is missing", ["run", "hello.asl.json", "--handlers", "none.ts"], /Cannot load the module "none\.ts"/],
  [
    "the module has no handler",
    ["run", "hello.asl.json", "--handlers", "no_handler.ts"],
    /to export functions, but it exports none/,
  ],
  [
    "it resumes without a store",
    ["run", "hello.asl.json", "--resume", "/local/default/e0000000/0000000000000000"],
    /Expected --store with --resume/,
  ],
  ["the id to resume is none", ["run", "--store", "d", "--resume", "x"], /Expected --resume to be an id/],
  ["the time scale is 0", ["run", "hello.asl.json", "--time-scale", "0"], /Expected a number above 0/],
  [
    "an option is unknown",
    ["run", "hello.asl.json", "--handler", "x"],
    /Unknown option '--handler'\nDid you mean --handlers\?/,
  ],
  ["there are too many arguments", ["run", "hello.asl.json", "{}"], /Too many arguments/i],
];
for (const [why, argv, message] of misuses) {
  test(`weft run exits 2 when ${why}, and opens nothing`, async () => {
    const { code, out, err, homes } = await weft(argv, (world) => {
      greeting(world);
      world.io.files.set("broken.json", '{"StartAt": "A"\n]');
    });
    deepStrictEqual([code, out, homes.embedded], [2, "", []]);
    match(err, message);
  });
}

test("weft run takes a refused definition as a failure, with its findings", async () => {
  const refused = await weft(["run", "x.json"], ({ io }) => io.files.set("x.json", "[]"));
  strictEqual(refused.code, 1);
  match(refused.err, /Error \(InvalidDefinition\).*\n {2}ERROR SCHEMA_VALIDATION_FAILED/);
  match(refused.err, /weft validate/);
});

test("weft run with --store tells the execution's id at once, and --resume goes on with it", async () => {
  const world: { homes?: FakeHomes } = {};
  const first = begin(["run", "hello.asl.json", "--store", "state"], (fakes) => {
    greeting(fakes);
    world.homes = fakes.homes;
  });
  await first.io.stderr.until("\n");
  const id = /^Execution (\S+)\n$/.exec(first.io.stderr.text)?.[1] ?? "";
  deepStrictEqual(first.homes.embedded, [{ handlers: {}, store: "state" }]);
  first.io.signal("SIGTERM");
  strictEqual(await first.exitCode, 143);
  match(first.io.stderr.text, /Stopped by SIGTERM; go on with --resume/);

  const second = begin(["run", "--store", "state", "--resume", id], ({ homes }) => {
    for (const [key, execution] of first.homes.engine.executions) homes.engine.executions.set(key, execution);
    for (const [key, task] of first.homes.engine.tasks) homes.engine.tasks.set(key, task);
  });
  await second.io.stderr.until(id);
  const [token = ""] = second.homes.engine.tasks.keys();
  const { Effect } = await import("effect");
  await Effect.runPromise(
    second.homes.engine.completeTask({ tenant: "local", namespace: "default", token, output: "late" }),
  );
  deepStrictEqual([await second.exitCode, second.io.stdout.text], [0, '"late"\n']);
});

test("weft run --resume says so when the store does not have the execution", async () => {
  const { code, err } = await weft(["run", "--store", "state", "--resume", "e0000000/0000000000000000", "--json"]);
  strictEqual(code, 1);
  const lines = err.trim().split("\n");
  deepStrictEqual(JSON.parse(lines[0] ?? ""), { executionId: "/local/default/e0000000/0000000000000000" });
  strictEqual(errorOf(lines[1] ?? "").code, "NotFound");
});

test("weft run --steps shows what happens on stderr, and the output stays alone on stdout", async () => {
  const { code, out, err } = await weft(["run", "hello.asl.json", "--handlers", "handlers.ts", "--steps"], greeting);
  deepStrictEqual([code, out], [0, '{"greeting":"Hello, you"}\n']);
  ok(err.split("\n").length > 2, err);
});

test("weft run passes the time scale on, from the option or WAIT_TIME_SCALE", async () => {
  const argv = ["run", "hello.asl.json", "--handlers", "handlers.ts"];
  const byOption = await weft([...argv, "--time-scale", "0.5"], greeting);
  strictEqual(byOption.homes.embedded[0]?.timeScale, 0.5);
  const byEnvironment = await weft(argv, (world) => {
    greeting(world);
    world.io.env["WAIT_TIME_SCALE"] = "0.25";
  });
  strictEqual(byEnvironment.homes.embedded[0]?.timeScale, 0.25);
});

test("weft run is stopped by a signal, closes its home and exits like the signal", async () => {
  const { io, exitCode } = begin(["run", "hello.asl.json"], greeting);
  await new Promise(setImmediate);
  io.signal("SIGINT");
  strictEqual(await exitCode, 130);
  match(io.stderr.text, /Stopped by SIGINT; with --store it could be resumed/);
});

test("weft run tells of a home that cannot be opened", async () => {
  const { code, err } = await weft(["run", "hello.asl.json"], (world) => {
    greeting(world);
    world.homes.failure = new Error("the folder is locked by process 7");
  });
  strictEqual(code, 1);
  match(err, /Error: the folder is locked by process 7/);
});
