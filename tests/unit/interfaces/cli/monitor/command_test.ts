import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { test } from "node:test";
import { Effect } from "effect";
import { changedLines } from "../../../../../src/interfaces/cli/monitor/screen.ts";
import { pressedKeys } from "../../../../../src/interfaces/cli/monitor/keys.ts";
import { type FeedMessage, RequestRefused } from "../../../../../src/runtime/engine.ts";
// Loaded before: a test that presses keys does not wait for modules.
import "../../../../../src/interfaces/cli/commands/monitor.ts";
import type { FakeHomes } from "../../../../support/cli/fake_homes.ts";
import type { FakeIo } from "../../../../support/cli/fake_io.ts";
import { type EventDraft, eventsOf } from "../../../../support/feed_events.ts";
import { begin, errorOf, taskDefinition, weft } from "../../../../support/cli/weft.ts";

const space = { tenant: "default", namespace: "default" };
const executionId = "/default/default/e0000001/0000000000000001" as FeedMessage["executionId"];

/** One turn whose events are numbered from `firstId`. */
function turn(sequence: number, firstId: number, drafts: readonly EventDraft[], id = executionId): FeedMessage {
  const events = eventsOf(drafts).map((event) => ({ ...event, id: event.id + firstId - 1 }));
  return { ...space, executionId: id, sequence, events };
}

/** The history of one execution as the engine would give it. */
function withHistory(homes: FakeHomes, messages: readonly FeedMessage[]): void {
  homes.engine.answers.set(
    "executionHistory",
    Effect.suspend(() => {
      const { after = 0 } = homes.engine.requests.at(-1)?.request as { readonly after?: number };
      return Effect.succeed({
        events: messages.flatMap(({ events }) => events).filter(({ id }) => id > after),
      }) as never;
    }),
  );
}

/** Microtasks and callbacks that are due now are done. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

const first = turn(1, 1, [
  { type: "ExecutionStartedEvent", workflow: "order", status: "Running" },
  { type: "StateStartedEvent", activityId: `${executionId}/a`, stateName: "Charge", stateType: "Task" },
]);
const second = turn(2, 3, [{ type: "TaskCreatedEvent", activityId: `${executionId}/a`, resource: "charge" }]);
const last = turn(3, 4, [
  { type: "StateCompletedEvent", atMs: 9, activityId: `${executionId}/a`, stateName: "Charge", status: "Succeeded" },
  { type: "ExecutionCompletedEvent", atMs: 9, status: "Succeeded" },
]);

async function plain(flags: readonly string[] = [], messages: readonly FeedMessage[] = []) {
  const ran = begin(["monitor", ...flags], ({ homes }) => withHistory(homes, messages));
  await settle();
  return ran;
}

test("weft monitor prints one line an event where stdout is no terminal", async () => {
  const { io, homes, exitCode } = await plain();
  for (const message of [first, second, last]) homes.publish(message);
  io.signal("SIGINT");
  strictEqual(await exitCode, 0);
  deepStrictEqual(io.stdout.lines, [
    "2026-01-31T10:00:00.000Z e0000001/0000000000000001 ExecutionStartedEvent order Running",
    "2026-01-31T10:00:00.000Z e0000001/0000000000000001 StateStartedEvent Charge Task",
    "2026-01-31T10:00:00.000Z e0000001/0000000000000001 TaskCreatedEvent charge",
    "2026-01-31T10:00:00.009Z e0000001/0000000000000001 StateCompletedEvent Charge Succeeded",
    "2026-01-31T10:00:00.009Z e0000001/0000000000000001 ExecutionCompletedEvent Succeeded",
  ]);
});

test("weft monitor says that turns are missing, and fills them from the history", async () => {
  const { io, homes, exitCode } = await plain([], [first, second, last]);
  homes.publish(first);
  homes.publish(last);
  await settle();
  io.signal("SIGTERM");
  strictEqual(await exitCode, 143);
  deepStrictEqual(io.stdout.lines.slice(2).map((line) => line.replace(/^\S+Z \S+ /, "")), [
    "! e0000001/0000000000000001 the feed left out turn 2; reading the history",
    "TaskCreatedEvent charge",
    "StateCompletedEvent Charge Succeeded",
    "ExecutionCompletedEvent Succeeded",
    "! e0000001/0000000000000001 gap filled with 3 events",
  ]);
});

test("weft monitor ends when nobody reads it any more", async () => {
  for (const flags of [[], ["--execution", executionId]]) {
    const { io, exitCode } = await plain(flags, [first]);
    for (const listener of [...io.stdout.goneListeners]) listener();
    strictEqual(await exitCode, 0);
  }
});

test("weft monitor --json prints one JSON object a line, gaps included", async () => {
  const { io, homes, exitCode } = await plain(["--json"], [first, second, last]);
  homes.publish(first);
  homes.publish(last);
  await settle();
  io.signal("SIGINT");
  await exitCode;
  const lines = io.stdout.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  deepStrictEqual(lines.map((line) => line["id"] ?? line["gap"]), [
    1,
    2,
    3,
    4,
    5,
    { fromSequence: 2, throughSequence: 2, filledCount: 3 },
  ]);
  ok(lines.every((line) => line["executionId"] === executionId));
});

test("weft monitor --execution shows the history, then what happens, and ends with the execution", async () => {
  const { io, homes, exitCode } = await plain(["--execution", "e0000001/0000000000000001"], [first]);
  deepStrictEqual(io.stdout.lines.length, 2);
  homes.publish(first); // told already
  homes.publish(turn(1, 1, [{ type: "ExecutionStartedEvent" }], "/default/default/e0000009/0000000000000009" as never));
  homes.publish(second);
  homes.publish(last);
  strictEqual(await exitCode, 0);
  deepStrictEqual(io.stdout.lines.map((line) => line.trim()), [
    "0.000s ● execution started order",
    "0.000s → Charge Task",
    "0.000s · Charge task for charge",
    "0.009s ✓ Charge 9ms",
    "0.009s ● execution succeeded 9ms",
  ]);
});

test("weft monitor --execution tells of a gap and of an execution that is not there", async () => {
  const { io, homes, exitCode } = await plain(["--execution", executionId], [first]);
  withHistory(homes, [first, second, last]);
  homes.publish(last);
  strictEqual(await exitCode, 0);
  match(io.stdout.text, /! .* the feed left out some turns; reading the history\n.*task for charge/);
  const none = await weft(["monitor", "--execution", executionId, "--json"]);
  deepStrictEqual([none.code, errorOf(none.err).code], [1, "NotFound"]);
});

test("weft monitor --execution keeps a line on a terminal that tells what runs", async () => {
  const ran = begin(["monitor", "--execution", executionId], ({ io, homes }) => {
    io.stdout.isTTY = true;
    io.env["NO_COLOR"] = "1";
    withHistory(homes, [first]);
  });
  await settle();
  ran.io.advance(1_000);
  ok(ran.io.stdout.text.endsWith("\r\x1b[K  1.0s  Charge"), JSON.stringify(ran.io.stdout.text));
  ran.homes.publish(last);
  ran.homes.publish(second);
  withHistory(ran.homes, [first, second, last]);
  ran.io.signal("SIGINT");
  strictEqual(await ran.exitCode, 130);
});

/** The live monitor on a terminal of 100 × 20, its first frame drawn. */
async function live(prepare: (world: { readonly io: FakeIo; readonly homes: FakeHomes }) => void = () => {}) {
  const ran = begin(["monitor"], (world) => {
    Object.assign(world.io.stdout, { isTTY: true, columns: 100, rows: 20 });
    world.io.stdin.isTTY = true;
    prepare(world);
  });
  await settle();
  return { ...ran, screen: () => screenOf(ran.io.stdout.text) };
}

const ESC = "\x1b\\[";
const changedLine = new RegExp(`${ESC}(\\d+);1H(.*?)${ESC}0m${ESC}K`, "g");

/** What a terminal would show: cursor addresses and text, as the monitor writes them. */
function screenOf(output: string): string {
  const lines: string[] = [];
  for (const [, row = "", text = ""] of output.matchAll(changedLine)) {
    lines[Number(row) - 1] = stripVTControlCharacters(text);
  }
  return Array.from(lines, (line) => line ?? "").join("\n");
}

test("weft monitor on a terminal shows executions, and leaves the terminal as it was", async () => {
  const { io, homes, exitCode, screen } = await live();
  match(screen(), /weft monitor {2}default\/default/);
  match(screen(), /nothing is running/);
  homes.publish(first);
  io.advance(100);
  match(screen(), /▶ {2}e0000001\/0000000000000001 +order .*Charge/);
  homes.publish(second);
  homes.publish(last);
  io.advance(100);
  match(screen(), /✓ .*succeeded/);
  io.advance(3_500);
  match(screen(), /nothing is running/);
  match(screen(), /1 succeeded/);
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
  ok(io.stdout.text.startsWith("\x1b[?1049h\x1b[?25l"));
  ok(io.stdout.text.endsWith("\x1b[?25h\x1b[?1049l"));
});

test("weft monitor draws at most ten times a second, whatever the rate of events", async () => {
  const { io, homes, exitCode } = await live();
  const frames = () => io.stdout.text.split("\x1b[?2026h").length - 1;
  const before = frames();
  for (let tick = 0; tick < 100; tick += 1) {
    for (let number = 0; number < 100; number += 1) {
      homes.publish(
        turn(1, 1, [{ type: "ExecutionStartedEvent", workflow: "w" }], `/t/n/e0000001/${tick}-${number}` as never),
      );
    }
    io.advance(10);
  }
  ok(frames() - before <= 10, `${frames() - before} frames in a second`);
  io.signal("SIGINT");
  strictEqual(await exitCode, 0);
});

test("weft monitor says when the connection is lost, and when it is there again", async () => {
  const { io, homes, exitCode, screen } = await live();
  homes.connectionIs(false);
  io.advance(100);
  match(screen(), /! the connection to NATS is lost; trying again/);
  homes.connectionIs(true);
  io.advance(100);
  doesNotMatch(screen(), /connection/);
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
  const lines = await plain();
  lines.homes.connectionIs(false);
  match(lines.io.stderr.text, /The connection to NATS is lost; trying again\n$/);
  lines.io.signal("SIGINT");
  strictEqual(await lines.exitCode, 0);
});

test("weft monitor leaves frames out while the terminal is behind", async () => {
  const { io, homes, exitCode, screen } = await live();
  io.stdout.isCongested = true;
  const written = io.stdout.text.length;
  homes.publish(first);
  io.advance(1_000);
  strictEqual(io.stdout.text.length, written);
  io.stdout.isCongested = false;
  io.advance(500);
  match(screen(), /Charge/);
  io.stdin.press("\x03");
  strictEqual(await exitCode, 0);
});

test("weft monitor adds what ran before, and asks about executions that it does not know", async () => {
  const { io, homes, exitCode, screen } = await live(({ homes }) => {
    Effect.runSync(homes.engine.putWorkflow({ ...space, name: "early", definition: taskDefinition("x") }));
    Effect.runSync(homes.engine.startExecution({ ...space, workflow: "early", input: 1 }));
  });
  io.advance(100);
  match(screen(), /early/);
  const { executionId: unknown } = Effect.runSync(
    homes.engine.startExecution({ ...space, workflow: "early", input: 2 }),
  );
  homes.publish(turn(7, 20, [{ type: "StateStartedEvent", activityId: "a", stateName: "Later" }], unknown));
  const asked = () => homes.engine.requests.filter(({ operation }) => operation === "describeExecution").length;
  io.advance(100);
  await settle();
  io.advance(100);
  match(screen(), /early +Later/);
  ok(asked() >= 1 && asked() <= 4, String(asked()));
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
});

test("weft monitor gives the terminal back when it fails or the process ends under it", async () => {
  const failing = begin(["monitor"], ({ io, homes }) => {
    io.stdout.isTTY = true;
    homes.engine.answers.set(
      "listExecutions",
      Effect.fail(new RequestRefused({ code: "Unavailable", message: "no answer" })),
    );
  });
  await settle();
  failing.io.advance(500);
  match(screenOf(failing.io.stdout.text), /what ran before is not shown: no answer/);
  strictEqual(failing.io.exitListeners.size, 1);
  for (const cleanUp of failing.io.exitListeners) cleanUp();
  ok(failing.io.stdout.text.endsWith("\x1b[?25h\x1b[?1049l"));
  failing.io.signal("SIGHUP");
  strictEqual(await failing.exitCode, 129);
});

test("weft monitor scrolls, sorts, filters and follows the size of the window", async () => {
  const { io, homes, exitCode, screen } = await live();
  for (let number = 10; number < 60; number += 1) {
    const id = `/default/default/e0000001/00000000000000${number}` as never;
    homes.publish(turn(1, 1, [{ type: "ExecutionStartedEvent", workflow: `w${number}`, atMs: number }], id));
  }
  io.advance(100);
  match(screen(), /w10 /);
  io.stdin.press("G");
  match(screen(), /w59 /);
  doesNotMatch(screen(), /w10 /);
  io.stdin.press("g");
  match(screen(), /w10 /);
  io.stdin.press("\x1b[6~\x1b[6~");
  doesNotMatch(screen(), /w10 /);
  io.stdin.press("s");
  match(screen(), /s sort: newest/);
  io.stdin.press("g");
  match(screen(), /w59 /);
  io.stdin.press("f");
  match(screen(), /FAILURES, newest first/);
  match(screen(), / none\n/);
  io.stdin.press("f");
  io.stdout.rows = 8;
  for (const listener of io.resizeListeners) listener();
  ok(io.stdout.text.includes("\x1b[2J"));
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
});

test("pressedKeys() reads several keys at once, and characters as they are typed", () => {
  deepStrictEqual(pressedKeys("\x1b[A\x1b[6~xq\x1bOB\x1b[1;5C"), [
    { name: "up" },
    { name: "pageDown" },
    { text: "x" },
    { text: "q" },
    { name: "down" },
  ]);
  deepStrictEqual(pressedKeys("\x1b"), [{ name: "back" }]);
  deepStrictEqual(pressedKeys("\r\x7f\x03"), [{ name: "enter" }, { name: "erase" }, { name: "interrupt" }]);
});

test("changedLines() writes only what changed", () => {
  strictEqual(changedLines(["a", "b", "c"], ["a", "x"]), "\x1b[2;1Hx\x1b[0m\x1b[K\x1b[3;1H\x1b[0m\x1b[K");
  strictEqual(changedLines(["a"], ["a"]), "");
});
