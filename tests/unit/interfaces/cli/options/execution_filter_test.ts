import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { momentOf, statusFilter, timeBound } from "../../../../../src/interfaces/cli/options/execution_filter.ts";
import type { FakeHomes } from "../../../../support/cli/fake_homes.ts";
import { begin, errorOf, taskDefinition, weft } from "../../../../support/cli/weft.ts";

for (
  const [word, filter] of [
    ["failed", { status: "Failed" }],
    ["FAILED", { status: "Failed" }],
    ["TimedOut", { status: "Failed", timedOut: true }],
    ["TIMED_OUT", { status: "Failed", timedOut: true }],
    ["timed-out", { status: "Failed", timedOut: true }],
    ["aborted", { status: "Canceled" }],
    ["cancelled", { status: "Canceled" }],
    ["running", { status: "Running" }],
  ] as const
) {
  test(`statusFilter() understands ${word}`, () => deepStrictEqual(statusFilter(word), filter));
}

test("statusFilter() names the words that there are", () => {
  throws(() => statusFilter("constructor"), /Allowed choices are Pending, Running, .*TimedOut/);
});

test("timeBound() takes moments and spans before now", () => {
  const nowMs = Date.parse("2026-01-31T10:00:00Z");
  strictEqual(momentOf(timeBound("15m"), nowMs), "2026-01-31T09:45:00.000Z");
  strictEqual(momentOf(timeBound("1w"), nowMs), "2026-01-24T10:00:00.000Z");
  strictEqual(momentOf(timeBound("2026-01-01T00:00:00Z"), nowMs), "2026-01-01T00:00:00Z");
  throws(() => timeBound("yesterday"), /a span such as 15m/);
});

const space = { tenant: "default", namespace: "default" };

function prepared(homes: FakeHomes): string {
  Effect.runSync(homes.engine.putWorkflow({ ...space, name: "order", definition: taskDefinition("charge") }));
  return Effect.runSync(homes.engine.startExecution({ ...space, workflow: "order", input: 1 })).executionId;
}

test("weft executions list passes every filter on", async () => {
  const { homes, code } = await weft(
    "executions list --status TIMED_OUT --since 1h --until 1m --key k --error e --text t --workflow order".split(" "),
    ({ homes }) => void prepared(homes),
  );
  strictEqual(code, 0);
  const [{ request } = { request: {} }] = homes.engine.requests.filter(({ operation }) =>
    operation === "listExecutions"
  );
  const { startedAfter, startedBefore, ...rest } = request as Record<string, unknown>;
  deepStrictEqual(rest, {
    ...space,
    status: "Failed",
    timedOut: true,
    workflow: "order",
    key: "k",
    error: "e",
    text: "t",
    limit: 100,
  });
  strictEqual(Date.parse(String(startedBefore)) - Date.parse(String(startedAfter)), 59 * 60_000);
});

test("weft executions describe says where it stands, and at which state it failed", async () => {
  let id = "";
  begin(["--version"], ({ homes }) => void (id = prepared(homes))); // to learn the id
  const running = await weft(["executions", "describe", id], ({ homes }) => void prepared(homes));
  match(running.out, /▶ Do {2}Task, for .*\n {2}It is being worked on\./);
  const failed = await weft(["executions", "describe", id], ({ homes }) => {
    prepared(homes);
    const [token = ""] = homes.engine.tasks.keys();
    Effect.runSync(homes.engine.failTask({ ...space, token, error: "CardDeclined", cause: "no funds" }));
  });
  match(failed.out, /✗ Do {2}CardDeclined: no funds/);
});

test("weft start --wait names the execution that failed, and how to see where", async () => {
  const { code, err } = await weft(["start", "order", "--wait"], ({ homes }) => {
    prepared(homes);
    homes.engine.onTask = ({ token }) =>
      queueMicrotask(() => Effect.runSync(homes.engine.failTask({ ...space, token, error: "Odd" })));
  });
  strictEqual(code, 1);
  match(
    err,
    /Error \(ExecutionFailed\): Odd\nExecution \/default\/default\/e\S+\nweft executions history \/default\S+ shows where/,
  );
});

test("where nobody says which server, weft dev is asked if there is no NATS", async () => {
  const { code, out, homes } = await weft(["executions", "list", "--json"], ({ homes }) => {
    homes.failure = new Error("ECONNREFUSED");
    homes.httpUrl = "http://127.0.0.1:8083";
  });
  deepStrictEqual([code, JSON.parse(out), homes.connections], [0, { executions: [] }, []]);
  const said = await weft(["executions", "list", "--json", "--nats", "nats://n:4222"], ({ homes }) => {
    homes.failure = new Error("ECONNREFUSED");
    homes.httpUrl = "http://127.0.0.1:8083";
  });
  deepStrictEqual([said.code, errorOf(said.err).code], [1, "Unreachable"]);
});

test("a refusal without a place prints none", async () => {
  const { err } = await weft(["workflows", "put", "w", "-"], ({ io, homes }) => {
    io.stdin.text = taskDefinition("x");
    const diagnostics = [{ severity: "ERROR", code: "MISSING_END_STATE", message: "Workflow has no terminal state" }];
    homes.failure = Object.assign(new Error("no"), { code: "InvalidDefinition", diagnostics });
  });
  match(err, / {2}ERROR MISSING_END_STATE: Workflow has no terminal state\n/);
});
