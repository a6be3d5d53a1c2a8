import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../src/values/mod.ts";
import { ExecutionRun } from "../../../support/execution_run.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";

const task = (name: string, next?: string): JsonObject => ({
  [name]: { Type: "Task", Resource: "work", ...(next === undefined ? { End: true } : { Next: next }) },
});

/** Every kind of waiting there is: tasks, a wait, a retry, nested children, catchers that must not catch a cancel. */
const tree: JsonObject = {
  StartAt: "Begin",
  States: {
    ...task("Begin", "Both"),
    Both: {
      Type: "Parallel",
      Branches: [
        { StartAt: "A1", States: { ...task("A1", "A2"), ...task("A2") } },
        { StartAt: "Nap", States: { Nap: { Type: "Wait", Seconds: 30, Next: "N2" }, ...task("N2") } },
        {
          StartAt: "Each",
          States: {
            Each: {
              Type: "Map",
              ItemsPath: "$.items",
              MaxConcurrency: 2,
              ItemProcessor: {
                StartAt: "Try",
                States: {
                  Try: {
                    Type: "Task",
                    Resource: "work",
                    Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 2 }],
                    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
                    End: true,
                  },
                  Caught: { Type: "Pass", End: true },
                },
              },
              Catch: [{ ErrorEquals: ["States.ALL"], Next: "CaughtEach" }],
              End: true,
            },
            CaughtEach: { Type: "Pass", End: true },
          },
        },
      ],
      Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Last" }],
      Next: "Last",
    },
    ...task("Last"),
  },
};

const input = { items: [1, 2, 3, 4] };
const limits = [{ turnRecordsMax: 2_000 }, { turnRecordsMax: 5 }, { turnRecordsMax: 1 }];

/** Takes one step of the outer world: a task ends or fails, or time passes. False when there is nothing left to do. */
function step(run: ExecutionRun, random: SeededRandom): boolean {
  run.takeUp();
  const tasks = run.openTasks;
  const pick = tasks[random.below(tasks.length + 1)];
  if (pick !== undefined) {
    if (run.stateNameOf(pick) !== "Begin" && random.chance(0.3)) run.fail(pick, "E");
    else run.complete(pick, pick.context.input);
  } else if (run.actors.timers.size > 0) run.pass(5);
  return run.status === "Running";
}

/** How many steps this play has, from start to end. */
function stepsOf(seed: number): number {
  const run = new ExecutionRun(tree, { compare: false }).start(input);
  const random = new SeededRandom(seed);
  let steps = 0;
  while (step(run, random)) steps += 1;
  return steps;
}

for (const seed of [1, 2]) {
  for (const limit of limits) {
    test(`a cancel after each step ends everything, with turns of ${limit.turnRecordsMax} records (seed ${seed})`, () => {
      const steps = stepsOf(seed);
      for (let after = 0; after <= steps; after++) {
        const run = new ExecutionRun(tree, { limits: limit, compare: false }).start(input);
        const random = new SeededRandom(seed);
        for (let taken = 0; taken < after; taken++) step(run, random);
        strictEqual(run.cancel().rejection, undefined);
        run.takeUp();
        run.compare();
        deepStrictEqual(run.end, ["Canceled"], `after ${after} of ${steps} steps`);
        run.checkEmpty();
        strictEqual(run.events.at(-1)?.type, "ExecutionCompletedEvent");
      }
    });
  }
}

test("a cancel calls off every open task, once", () => {
  const run = new ExecutionRun(tree).start(input);
  run.complete(run.task("Begin"), input);
  const open = run.openTasks.map(({ context }) => context.taskId).sort();
  strictEqual(open.length, 3);
  run.cancel();
  const canceled = run.events.flatMap((event) => event.type === "TaskCanceledEvent" ? [event.taskId] : []);
  deepStrictEqual(canceled.sort(), open);
});
