import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fitServer } from "../../../support/cli/fit_server.ts";
import { runningTask } from "../../../support/cli/running_task.ts";
import { begin, errorOf, weft } from "../../../support/cli/weft.ts";

const fixtures = fileURLToPath(new URL("../../../support/cli/fixtures/", import.meta.url));
const task = runningTask();

test("weft serve says what it listens on, and stops in order on SIGTERM", async () => {
  const { io, homes, exitCode } = begin([
    "serve",
    "--nats",
    "nats://me:secret@n1",
    "--partitions",
    "4",
    "--replicas",
    "3",
    "--store",
    "s",
    "--credentials",
    "c",
  ]);
  await io.stdout.until("NATS services");
  strictEqual(io.stdout.text, "weft 1.2.3 is up; stop it with Ctrl-C\n  NATS services: nats://me:***@n1\n");
  deepStrictEqual(homes.served, [{
    url: "nats://me:secret@n1",
    credentialsFile: "c",
    store: "s",
    partitions: 4,
    replicas: 3,
  }]);
  io.signal("SIGTERM");
  strictEqual(await exitCode, 0);
  match(io.stderr.text, /Stopping: .*\nStopped\n/);
});

test("weft serve --json prints one line of JSON when it is up", async () => {
  const { io, exitCode } = begin(["serve", "--json"]);
  await io.stdout.until("\n");
  deepStrictEqual(JSON.parse(io.stdout.text), {
    version: "1.2.3",
    listening: [{ name: "NATS services", address: "nats://127.0.0.1:4222" }],
  });
  io.signal("SIGINT");
  strictEqual(await exitCode, 0);
  strictEqual(io.stderr.text, "");
});

test("weft serve is ended at once by a second signal", async () => {
  const { io, exitCode } = begin(["serve"], ({ homes }) => {
    homes.openCount = -1; // the one that is never closed
    homes.closing = new Promise(() => {});
  });
  await io.stdout.until("up");
  io.signal("SIGTERM");
  await io.stderr.until("Stopping");
  io.signal("SIGTERM");
  strictEqual(await exitCode, 143);
});

test("weft serve exits 1 when the server fails for good, and when NATS is not there", async () => {
  const { io, homes, exitCode } = begin(["serve"]);
  await io.stdout.until("up");
  homes.serverFailed.reject(new Error("partition 3: the log is damaged"));
  strictEqual(await exitCode, 1);
  match(io.stderr.text, /Error: partition 3: the log is damaged/);
  const none = await weft(["serve", "--json"], ({ homes }) => homes.failure = new Error("refused"));
  deepStrictEqual([none.code, errorOf(none.err).code], [1, "Unreachable"]);
  const old = await weft(["serve"], ({ homes }) => {
    homes.failure = Object.assign(new Error("Cannot use this NATS server: too old"), { _tag: "JetStreamUnfit" });
  });
  match(old.err, /Error: Cannot use this NATS server: too old\n`weft doctor` looks closer/);
});

test("weft serve --production does not start where what is acknowledged could be lost", async () => {
  const bad = await weft(["serve", "--production", "--json"], ({ homes }) => {
    homes.facts = { ...fitServer, disk: { syncIntervalMs: 120_000, syncsAlways: false } };
  });
  deepStrictEqual([bad.code, errorOf(bad.err).code, bad.homes.served.length], [1, "UnfitForProduction", 0]);
  const people = await weft(["serve", "--production"], ({ homes }) => {
    const { disk: _, ...unseen } = fitServer;
    homes.facts = unseen;
  });
  strictEqual(people.code, 1);
  match(people.err, /Not started: .*\n(.*\n)*.*sync: .*\n.*--monitoring/);
  const { io, homes, exitCode } = begin(["serve", "--production", "--monitoring", "http://n1:8222"], ({ homes }) => {
    homes.facts = fitServer;
  });
  await io.stdout.until("is up");
  deepStrictEqual(homes.inspected, [{ url: "nats://127.0.0.1:4222", monitoringUrl: "http://n1:8222" }]);
  io.signal("SIGTERM");
  strictEqual(await exitCode, 0);
});

test("weft serve refuses a number of processes that is none", async () => {
  const { code, err } = await weft(["serve"], ({ io }) => io.env["WEFT_PROCESSES"] = "many");
  strictEqual(code, 2);
  match(err, /Expected WEFT_PROCESSES to be auto or a whole number from 1 to 256, but got "many"/);
});

test("weft dev passes store, port, handlers and time scale on", async () => {
  const { io, homes, exitCode } = begin([
    "dev",
    "--store",
    "s",
    "--port",
    "0",
    "--handlers",
    "handlers.ts",
    "--time-scale",
    "0.1",
  ], ({ io }) => {
    io.cwd = fixtures;
  });
  await io.stdout.until("HTTP");
  const [{ handlers, ...rest } = {}] = homes.dev;
  deepStrictEqual(rest, { store: "s", port: 0, account: "123456789012", region: "us-east-1", timeScale: 0.1 });
  ok(Object.keys(handlers ?? {}).includes("greet"));
  io.signal("SIGINT");
  strictEqual(await exitCode, 0);
});

const wrong: readonly (readonly [why: string, flags: readonly string[], message: RegExp])[] = [
  ["neither --exec nor --module is given", [], /exactly one of --exec and --module/],
  ["both are given", ["--exec", "cat", "--module", "one_handler.ts"], /exactly one of --exec and --module/],
  [
    "the module has nothing for the resource",
    ["--module", "handlers.ts"],
    /a handler for "charge", but it exports greet, arn:/,
  ],
  ["concurrency is 0", ["--exec", "cat", "--concurrency", "0"], /whole number from 1/],
];
for (const [why, flags, message] of wrong) {
  test(`weft worker exits 2 when ${why}`, async () => {
    const { code, err, homes } = await weft(
      ["worker", "--resource", "charge", ...flags],
      ({ io }) => io.cwd = fixtures,
    );
    deepStrictEqual([code, homes.workers], [2, []]);
    match(err, message);
  });
}

test("weft worker takes a module's default export, tells of failures, and finishes what it has in hand", async () => {
  const { io, homes, exitCode } = begin(
    ["worker", "--resource", "charge", "--module", "one_handler.ts", "--verbose"],
    ({ io }) => io.cwd = fixtures,
  );
  await io.stderr.until("Working on");
  const [worker] = homes.workers;
  deepStrictEqual([worker?.resource, worker?.concurrency, worker?.url], ["charge", 8, "nats://127.0.0.1:4222"]);
  strictEqual(worker?.autoHeartbeat, false);
  worker?.onTrouble("The stream of tasks is not there", new Error("no stream"));
  match(io.stderr.text, /! The stream of tasks is not there: no stream/);
  deepStrictEqual(await worker?.handler({ id: 7 }, task), [{ id: 7 }, "done"]);
  match(io.stderr.text, /✓ Charge/);
  io.signal("SIGTERM");
  strictEqual(await exitCode, 0);
  deepStrictEqual(homes.workerCloses, [undefined]);
  match(io.stderr.text, /Stopped: 1 tasks done, 0 failed/);
});

test("weft worker --json tells of failed tasks on stdout, and passes the failure on", async () => {
  const { io, homes, exitCode } = begin([
    "worker",
    "--resource",
    "charge",
    "--exec",
    "echo no money >&2; exit 3",
    "--json",
  ]);
  await new Promise(setImmediate);
  await rejects(Promise.resolve(homes.workers[0]?.handler({}, task)), {
    error: "Weft.CommandFailed",
    cause: "no money",
  });
  const { tookMs, ...told } = JSON.parse(io.stdout.text) as { readonly tookMs: number };
  ok(tookMs >= 0);
  deepStrictEqual(told, {
    taskId: "t",
    executionId: "e",
    stateName: "Charge",
    attempt: 1,
    status: "Failed",
    error: "Weft.CommandFailed",
    cause: "no money",
  });
  io.signal("SIGTERM");
  await exitCode;
});

test("weft worker gives its tasks up on a second signal", async () => {
  const { io, homes, exitCode } = begin(["worker", "--resource", "charge", "--exec", "cat"], ({ homes }) => {
    homes.closing = new Promise(() => {});
  });
  await io.stderr.until("Working on");
  io.signal("SIGINT");
  await io.stderr.until("Stopping");
  io.signal("SIGINT");
  strictEqual(await exitCode, 130);
  deepStrictEqual(homes.workerCloses, [undefined, { abort: true }]);
});

test("weft worker exits 1 when it cannot go on", async () => {
  const { io, homes, exitCode } = begin(["worker", "--resource", "charge", "--exec", "cat"]);
  await io.stderr.until("Working on");
  homes.workerFailed.reject(new Error("the task stream is gone"));
  strictEqual(await exitCode, 1);
  match(io.stderr.text, /Error: the task stream is gone/);
});
