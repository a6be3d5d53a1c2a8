// Goal: whatever the workflow and whatever the order of what happens, the live execution, the one replayed from the log and the
// one restored from the store are the same; it ends; nothing is left below it; and how turns are cut changes nothing.
// Method: workflow and outer world from one seed; the world is played twice with different limits of a turn, and once with the
// execution restored from the store now and then.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { ExecutionRun, type RunOptions } from "../../support/execution_run.ts";
import { randomWorkflow, randomWorkflowPayload } from "../../support/random_workflow.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

const SEEDS_AT_A_TIME = 20;
const STEPS_MAX = 2_000;

function act(run: ExecutionRun, random: SeededRandom): void {
  const tasks = run.openTasks.toSorted((a, b) => a.context.taskId < b.context.taskId ? -1 : 1);
  const task = tasks[random.below(tasks.length + 1)];
  const roll = random.next();
  if (roll < 0.01) run.cancel();
  else if (task === undefined || roll < 0.1) run.pass(random.below(5) + 1);
  else if (roll < 0.25) run.fail(task, random.pick(["E", "F"]), "why");
  else if (roll < 0.35) run.command({ type: "HeartbeatTaskCommand", version: 1, taskId: task.context.taskId });
  else run.complete(task, randomWorkflowPayload);
}

function play(seed: number, options: RunOptions, reloadChance: number): ExecutionRun {
  const random = new SeededRandom(seed);
  const run = new ExecutionRun(randomWorkflow(random), { ...options, seed }).start(randomWorkflowPayload);
  const reloads = new SeededRandom(seed);
  for (let step = 0; !run.actors.hasEnded; step++) {
    ok(step < STEPS_MAX, "the execution ends");
    run.takeUp();
    if (reloads.chance(reloadChance)) run.reload();
    if (!run.actors.hasEnded) act(run, random);
  }
  run.checkEmpty();
  return run;
}

/** What must hold of the events of any execution that has ended. */
function checkEvents(run: ExecutionRun): void {
  const open = new Map<string, number>();
  const count = (id: string, by: number) => open.set(id, (open.get(id) ?? 0) + by);
  for (const event of run.events) {
    if (event.type === "StateStartedEvent") count(event.activityId, 1);
    if (event.type === "StateCompletedEvent") count(event.activityId, -1);
    if (event.type === "TaskCreatedEvent") count(event.taskId, 1);
    if (/^Task(Completed|Failed|TimedOut|Canceled)Event$/.test(event.type) && "taskId" in event) {
      count(event.taskId, -1);
    }
  }
  ok([...open.values()].every((balance) => balance === 0), "everything begun is ended, once");
  strictEqual(run.events.at(-1)?.type, "ExecutionCompletedEvent");
  strictEqual(run.actors.eventCount, run.events.length);
}

for (let first = 1; first <= 161; first += SEEDS_AT_A_TIME) {
  test(`live, replayed and restored executions are one (seeds ${first} to ${first + SEEDS_AT_A_TIME - 1})`, () => {
    for (let seed = first; seed < first + SEEDS_AT_A_TIME; seed++) {
      const label = `seed ${seed}`;
      const run = play(seed, {}, 0);
      checkEvents(run);
      const cut = play(seed, { limits: { turnRecordsMax: 1 + seed % 7 }, compare: seed % 5 === 0 }, 0);
      deepStrictEqual(cut.events, run.events, label);
      const reloaded = play(seed, { limits: { turnRecordsMax: 5 }, compare: false }, 0.3);
      deepStrictEqual(reloaded.events, run.events, label);
    }
  });
}
