import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import type { FakeHomes } from "../../../support/cli/fake_homes.ts";
import { begin, errorOf, taskDefinition, weft } from "../../../support/cli/weft.ts";

const space = { tenant: "default", namespace: "default" };

/** Workflow `order` is there; its tasks stay open unless `output` is given. */
function withOrder(homes: FakeHomes, output?: string): void {
  Effect.runSync(homes.engine.putWorkflow({ ...space, name: "order", definition: taskDefinition("charge") }));
  homes.engine.onTask = ({ token }) => {
    if (output !== undefined) {
      queueMicrotask(() => Effect.runSync(homes.engine.completeTask({ ...space, token, output })));
    }
  };
}

/** `count` executions of `order`; their ids, newest first. */
function withExecutions(homes: FakeHomes, count: number): string[] {
  withOrder(homes);
  const ids = Array.from(
    { length: count },
    (_, number) =>
      Effect.runSync(homes.engine.startExecution({ ...space, workflow: "order", input: { number } }))
        .executionId as string,
  );
  return ids.reverse();
}

test("weft start prints the execution's id, as text or as JSON", async () => {
  const text = await weft(["start", "order", "--input", '{"id": 7}'], ({ homes }) => withOrder(homes));
  strictEqual(text.code, 0);
  match(text.out, /^\/default\/default\/e[0-9a-f]{7}\/[0-9a-f]{16}\n$/);
  deepStrictEqual(text.homes.engine.requests.at(-1)?.request, { ...space, workflow: "order", input: { id: 7 } });
  const json = await weft(["start", "order", "--json"], ({ homes }) => withOrder(homes));
  deepStrictEqual(Object.keys(JSON.parse(json.out) as object), ["executionId", "status"]);
});

test("weft start passes key and time on, and tells of a key that is taken", async () => {
  const argv = ["start", "order", "--name", "order-7", "--start-at", "2026-02-01T06:00:00+01:00"];
  const first = await weft(argv, ({ homes }) => withOrder(homes));
  deepStrictEqual(first.homes.engine.requests.at(-1)?.request, {
    ...space,
    workflow: "order",
    input: {},
    key: "order-7",
    startAt: "2026-02-01T06:00:00+01:00",
  });
  const other = await weft(["start", "order", "--name", "order-7", "--input", "8"], ({ homes }) => {
    withOrder(homes);
    Effect.runSync(homes.engine.startExecution({ ...space, workflow: "order", input: 7, key: "order-7" }));
  });
  strictEqual(other.code, 1);
  match(other.err, /Error \(AlreadyExists\): .*order-7/);
  const tooLong = await weft(["start", "order", "--name", "k".repeat(257)]);
  deepStrictEqual([tooLong.code, tooLong.homes.connections], [2, []]);
});

test("weft start --wait prints the output", async () => {
  const { code, out, err } = await weft(["start", "order", "--wait"], ({ homes }) => withOrder(homes, "charged"));
  deepStrictEqual([code, out, err], [0, '"charged"\n', ""]);
});

test("weft start --wait can be left without ending the execution", async () => {
  const { io, homes, exitCode } = begin(["start", "order", "--wait"], ({ homes }) => withOrder(homes));
  await new Promise(setImmediate);
  io.signal("SIGINT");
  strictEqual(await exitCode, 130);
  match(io.stderr.text, /Stopped waiting/);
  strictEqual([...homes.engine.executions.values()][0]?.description.status, "Running");
});

test("weft start tells of an unknown workflow by its code", async () => {
  const { code, out, err } = await weft(["start", "ordr", "--json"]);
  deepStrictEqual([code, out], [1, ""]);
  const { code: reason, message } = errorOf(err);
  strictEqual(reason, "NotFound");
  match(message, /"ordr"/);
});

test("commands connect by flags, then by the environment, then to this machine", async () => {
  const byDefault = await weft(["workflows", "list"]);
  deepStrictEqual(byDefault.homes.connections, [{ url: "nats://127.0.0.1:4222", ...space }]);
  const byEnvironment = await weft(["workflows", "list"], ({ io }) => {
    Object.assign(io.env, { WEFT_NATS_URL: "nats://env", WEFT_TENANT: "t", WEFT_NAMESPACE: "n" });
  });
  deepStrictEqual(byEnvironment.homes.connections, [{ url: "nats://env", tenant: "t", namespace: "n" }]);
  const byFlag = await weft(
    ["workflows", "list", "--nats", "nats://flag", "--tenant", "a", "--namespace", "b"],
    ({ io }) => {
      io.env["WEFT_NATS_URL"] = "nats://env";
    },
  );
  deepStrictEqual(byFlag.homes.connections, [{ url: "nats://flag", tenant: "a", namespace: "b" }]);
});

test("a NATS that cannot be reached is told with its address, without the password, and with what to do", async () => {
  const { code, err } = await weft(["executions", "list", "--nats", "nats://me:secret@10.0.0.1:4222"], ({ homes }) => {
    homes.failure = new Error("Cannot connect", { cause: new Error("connection refused") });
  });
  strictEqual(code, 1);
  match(
    err,
    /Cannot reach NATS at nats:\/\/me:\*\*\*@10\.0\.0\.1:4222: connection refused\nStart one with `nats-server --jetstream`/,
  );
  ok(!err.includes("secret"));
});

test("weft executions list shows a table, filters, and goes from page to page", async () => {
  const { code, out, err, homes } = await weft([
    "executions",
    "list",
    "--workflow",
    "order",
    "--status",
    "Running",
    "--limit",
    "150",
  ], ({ homes }) => {
    withExecutions(homes, 160);
  });
  strictEqual(code, 0);
  const [header = "", first = "", ...rest] = out.trimEnd().split("\n");
  match(header, /^EXECUTION +WORKFLOW +STATUS +STARTED +TOOK +ERROR$/);
  match(first, /^e[0-9a-f]{7}\/[0-9a-f]{16} +order +Running +20/);
  strictEqual(rest.length, 149);
  match(err, /There are more: --next 150/);
  const asked = homes.engine.requests.filter(({ operation }) => operation === "listExecutions").map(({ request }) =>
    request
  );
  deepStrictEqual(asked, [
    { ...space, workflow: "order", status: "Running", limit: 100 },
    { ...space, workflow: "order", status: "Running", limit: 50, next: "100" },
  ]);
});

test("weft executions list --json gives executions and next on stdout", async () => {
  const { out } = await weft(["executions", "list", "--limit", "1", "--json"], ({ homes }) => {
    withExecutions(homes, 2);
  });
  const page = JSON.parse(out) as {
    readonly executions: readonly { readonly workflow: string }[];
    readonly next: string;
  };
  deepStrictEqual([page.executions.length, page.executions[0]?.workflow, page.next], [1, "order", "1"]);
  const none = await weft(["executions", "list"]);
  deepStrictEqual([none.code, none.out, none.err], [0, "", "No executions found\n"]);
});

test("weft executions describe takes the id that the table shows", async () => {
  const found: string[] = [];
  const { homes, io, exitCode } = begin(["executions", "describe", "e0000000/0000000000000000"]);
  strictEqual(await exitCode, 1);
  match(io.stderr.text, /Error \(NotFound\): .*"\/default\/default\/e0000000\/0000000000000000"/);
  found.push(...withExecutions(homes, 1));
  const short = (found[0] ?? "").split("/").slice(3).join("/");
  const described = await weft(["executions", "describe", short], ({ homes }) => {
    withExecutions(homes, 1);
  });
  match(described.out, /status +Running/);
  match(described.out, /input +\{\n +"number": 0\n +\}/);
  const json = await weft(["executions", "describe", short, "--json"], ({ homes }) => {
    withExecutions(homes, 1);
  });
  strictEqual((JSON.parse(json.out) as { readonly executionId: string }).executionId, found[0]);
});

test("weft executions history reads all pages, or so many behind a number", async () => {
  let id = "";
  const prepare = ({ homes }: { readonly homes: FakeHomes }) => {
    [id = ""] = withExecutions(homes, 1);
    homes.engine.record(id as never, Array.from({ length: 2_500 }, () => "TaskHeartbeatRecordedEvent"));
  };
  begin(["--version"], prepare); // to learn the id
  const all = await weft(["executions", "history", id, "--json"], prepare);
  strictEqual((JSON.parse(all.out) as { readonly events: readonly object[] }).events.length, 2_503);
  const some = await weft(["executions", "history", id, "--json", "--after", "10", "--limit", "5"], prepare);
  const page = JSON.parse(some.out) as { readonly events: readonly { readonly id: number }[]; readonly next: number };
  deepStrictEqual([page.events.map((event) => event.id), page.next], [[11, 12, 13, 14, 15], 15]);
  const text = await weft(["executions", "history", id, "--steps", "--limit", "3"], prepare);
  strictEqual(text.out.trimEnd().split("\n").length, 3);
  match(text.err, /There are more: --after 3/);
});

test("weft executions cancel, redrive and delete print the status, and refusals keep their code", async () => {
  let id = "";
  const prepare = ({ homes }: { readonly homes: FakeHomes }) => [id = ""] = withExecutions(homes, 1);
  begin(["--version"], prepare);
  const canceled = await weft(["executions", "cancel", id, "--error", "Stop", "--cause", "why"], prepare);
  deepStrictEqual([canceled.code, canceled.out], [0, `${id} Canceled\n`]);
  deepStrictEqual(canceled.homes.engine.requests.at(-1)?.request, {
    ...space,
    executionId: id,
    error: "Stop",
    cause: "why",
  });
  for (const command of ["redrive", "delete"]) {
    const refused = await weft(["executions", command, id, "--json"], prepare);
    deepStrictEqual([refused.code, errorOf(refused.err).code], [1, "InvalidStatus"]);
    deepStrictEqual(refused.homes.engine.requests.at(-1)?.request, { ...space, executionId: id });
  }
});

test("weft workflows put, list, describe and delete", async () => {
  const put = await weft(
    ["workflows", "put", "order", "order.json"],
    ({ io }) => io.files.set("order.json", taskDefinition("charge")),
  );
  match(put.out, /^order revision 1 [0-9a-f]{12}\n$/);
  const broken = await weft(["workflows", "put", "order", "order.json"], ({ io }) => io.files.set("order.json", "{"));
  deepStrictEqual([broken.code, broken.homes.connections], [2, []]);
  const refused = await weft(
    ["workflows", "put", "order", "order.json", "--json"],
    ({ io }) => io.files.set("order.json", "{}"),
  );
  deepStrictEqual([refused.code, errorOf(refused.err).code], [1, "InvalidDefinition"]);
  ok(Array.isArray(errorOf(refused.err)["diagnostics"]));
  const list = await weft(["workflows", "list"], ({ homes }) => withOrder(homes));
  match(list.out, /^WORKFLOW +REVISION +HASH +UPDATED\norder +1 /);
  const described = await weft(["workflows", "describe", "order"], ({ homes }) => withOrder(homes));
  match(described.out, /definition +\{\n +"StartAt": "Do"/);
  const deleted = await weft(["workflows", "delete", "order", "--json"], ({ homes }) => withOrder(homes));
  deepStrictEqual(JSON.parse(deleted.out), { name: "order" });
  const gone = await weft(["workflows", "delete", "order"]);
  match(gone.err, /Error \(NotFound\)/);
});
