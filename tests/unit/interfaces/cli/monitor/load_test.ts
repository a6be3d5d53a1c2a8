// Goal: the monitor keeps up with ten thousand events a second, and knows of every row where it stands within two seconds of its start.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { test } from "node:test";
import { Effect } from "effect";
import type { FeedMessage } from "../../../../../src/runtime/engine.ts";
// Loaded before: a test that presses keys does not wait for modules.
import "../../../../../src/interfaces/cli/commands/monitor.ts";
import type { FakeHomes } from "../../../../support/cli/fake_homes.ts";
import { begin, taskDefinition } from "../../../../support/cli/weft.ts";
import { eventsOf } from "../../../../support/feed_events.ts";

const space = { tenant: "default", namespace: "default" };
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

async function live(flags: readonly string[], prepare: (homes: FakeHomes) => void) {
  const ran = begin(["monitor", ...flags], ({ io, homes }) => {
    Object.assign(io.stdout, { isTTY: true, columns: 120, rows: 40 });
    io.stdin.isTTY = true;
    prepare(homes);
  });
  await settle();
  return ran;
}

function started(homes: FakeHomes, count: number, workflow = "early"): string[] {
  Effect.runSync(homes.engine.putWorkflow({ ...space, name: workflow, definition: taskDefinition("x") }));
  return Array.from(
    { length: count },
    (_, input) => Effect.runSync(homes.engine.startExecution({ ...space, workflow, input })).executionId,
  );
}

/** What the terminal shows. */
function screenOf(output: string): string {
  const lines: string[] = [];
  // deno-lint-ignore no-control-regex -- escape sequences are what is looked for
  for (const [, row = "", text = ""] of output.matchAll(/\x1b\[(\d+);1H(.*?)\x1b\[0m\x1b\[K/g)) {
    lines[Number(row) - 1] = stripVTControlCharacters(text);
  }
  return Array.from(lines, (line) => line ?? "").join("\n");
}

/** Ten events of one execution, from its start to its end but for the last. */
function turnOf(number: number): FeedMessage {
  const executionId = `/default/default/e0000001/${
    number.toString(16).padStart(16, "0")
  }` as FeedMessage["executionId"];
  const map = `${executionId}/a`;
  return {
    ...space,
    executionId,
    sequence: 1,
    events: eventsOf([
      { type: "ExecutionStartedEvent", workflow: "w", status: "Running" },
      { type: "StateStartedEvent", activityId: map, stateName: "Each", stateType: "Map", max: 4 },
      ...[0, 1, 2, 3].flatMap((index) => [
        { type: "IterationStartedEvent", activityId: map, iterationId: `${map}/i${index}`, index },
        {
          type: "IterationCompletedEvent",
          activityId: map,
          iterationId: `${map}/i${index}`,
          index,
          status: "Succeeded",
        },
      ]),
    ]),
  };
}

test("ten thousand events a second take less than their time", async () => {
  const { io, homes, exitCode } = await live([], () => {});
  const seconds = 5;
  const before = performance.now();
  for (let tick = 0; tick < seconds * 10; tick += 1) {
    for (let number = 0; number < 100; number += 1) homes.publish(turnOf(tick * 100 + number));
    io.advance(100);
  }
  const tookMs = performance.now() - before;
  match(screenOf(io.stdout.text), /5,000 running .* events 10,000\/s/);
  ok(tookMs < seconds * 1_000, `${tookMs} ms for ${seconds} s of events`);
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
});

test("every execution that ran before is listed with its state within two seconds, the oldest first", async () => {
  const { io, homes, exitCode } = await live([], (homes) => void started(homes, 2_528));
  for (let frame = 0; frame < 20; frame += 1) {
    io.advance(100);
    await settle();
  }
  match(screenOf(io.stdout.text), /2,528 running/);
  const asked = homes.engine.requests.filter(({ operation }) => operation === "describeExecution");
  strictEqual(new Set(asked.map(({ request }) => (request as { executionId: string }).executionId)).size, 2_528);
  for (let page = 0; page < 100; page += 1) {
    const rows = screenOf(io.stdout.text).split("\n").filter((line) => /^[▶ ]/.test(line) && / early /.test(line));
    ok(rows.length > 0 && rows.every((row) => / Do /.test(row)), rows.find((row) => !/ Do /.test(row)));
    io.stdin.press("\x1b[6~");
  }
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
});

test("the cursor opens an execution, Esc goes back and never quits, c and r ask before they act", async () => {
  let ids: string[] = [];
  const { io, homes, exitCode } = await live([], (homes) => void (ids = started(homes, 3)));
  const screen = () => screenOf(io.stdout.text);
  const after = async (keys: string) => {
    io.stdin.press(keys);
    await settle();
    io.advance(100);
    await settle();
    io.advance(500);
  };
  await after("\x1b[B\r");
  match(screen(), /execution {2}\/default\/default\/e.*\n.*Running.*early revision 1/);
  match(screen(), /▶ Do {2}Task/);
  await after("\x1b");
  match(screen(), /3 running/);
  await after("\x1b\x1b\x1bc");
  const canceled = () => homes.engine.requests.filter(({ operation }) => operation === "cancelExecution");
  match(screen(), /3 running/);
  strictEqual(canceled().length, 0);
  await after("\x1b[Bc");
  match(screen(), /Cancel e\S+\? y yes/);
  await after("n");
  strictEqual(canceled().length, 0);
  await after("cy");
  strictEqual(canceled().length, 1);
  match(screen(), /is being canceled/);
  await after("?");
  match(screen(), /weft monitor: keys/);
  await after("x");
  match(screen(), /running/);
  strictEqual(ids.length, 3);
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
});

test("/ filters, and --workflow shows one workflow alone", async () => {
  const { io, exitCode } = await live(["--workflow", "late"], (homes) => {
    started(homes, 3);
    started(homes, 2, "late");
  });
  const screen = () => screenOf(io.stdout.text);
  io.advance(100);
  match(screen(), / late /);
  ok(!/ early /.test(screen()));
  io.stdin.press("/nothing");
  match(screen(), /\/nothing.*Esc clears it/);
  match(screen(), /nothing of it is running/);
  io.stdin.press("\x1b");
  match(screen(), / late /);
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
});

test("failures of before are shown with state, error and cause", async () => {
  const { io, exitCode } = await live([], (homes) => {
    const [first = ""] = started(homes, 1);
    const [task] = [...homes.engine.tasks.keys()];
    Effect.runSync(homes.engine.failTask({ ...space, token: task ?? "", error: "CardDeclined", cause: "no funds" }));
    deepStrictEqual(homes.engine.executions.get(first)?.description.status, "Failed");
  });
  io.advance(100);
  await settle();
  io.advance(100);
  match(screenOf(io.stdout.text), /CardDeclined at Do: no funds/);
  io.stdin.press("q");
  strictEqual(await exitCode, 0);
});
