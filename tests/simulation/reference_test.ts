/** The reference interpreter against the actors: both read the same definition, and must come to the same. */
import { ok, throws } from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../../src/values/mod.ts";
import { started } from "../support/execution_run.ts";
import { RunTree, type ScopeRun } from "./model/run_tree.ts";
import type { ScopeJson, StateJson } from "./reference/definition.ts";
import { checkExecution, Disagreement } from "./reference/reference_interpreter.ts";
import { generatedWorkflow } from "./workload/generated_workflow.ts";
import { drawPayload, drawTaskOutput } from "./workload/payloads.ts";
import { SimRandom } from "./world/sim_random.ts";

const TURNS_MAX = 2_000;

/** Runs a definition to its end; its tasks succeed and fail as drawn. */
function ran(definition: ScopeJson, random: SimRandom): ScopeRun {
  const input: Json = { ...drawPayload(random) };
  const run = started(JSON.parse(JSON.stringify(definition)), input, { seed: random.below(1e9), compare: false });
  const tree = new RunTree();
  let taken = 0;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    for (; taken < run.events.length; taken++) {
      const event = run.events[taken];
      if (event !== undefined) tree.take(event, run.nowEpochMs);
    }
    if (tree.root?.end !== undefined) return tree.root;
    const task = run.openTasks[random.below(Math.max(1, run.openTasks.length))];
    if (run.takeUp() > 0) continue;
    if (task === undefined || random.chance(0.1)) run.pass(1);
    else if (task.value === "Reclaiming") {
      run.command({ type: "FailTaskCommand", version: 1, taskId: task.context.taskId, byRunner: true });
    } else if (random.chance(0.3)) run.fail(task, random.oneOf(["Boom", "Broken"]), "as drawn");
    else run.complete(task, drawTaskOutput(random));
  }
  throw new Error("The execution does not end");
}

/** Whether it was broken off by its time limit, which the reference does not work out. */
function wasTimedOut({ end }: ScopeRun): boolean {
  return end?.type === "ExecutionCompletedEvent" && end.timedOut === true;
}

for (const seed of [1, 2, 3, 4]) {
  test(`actors and reference come to the same for generated workflows (seed ${seed})`, () => {
    const random = new SimRandom(seed);
    for (let count = 0; count < 40; count++) {
      const definition = generatedWorkflow(random.fork());
      const root = ran(definition, random.fork());
      checkExecution(definition, root, wasTimedOut(root));
    }
  });
}

/** A machine that begins with this state, and the states that it leads to. */
function states(state: StateJson): ScopeJson {
  const named = [state.Next, state.Default, ...(state.Choices ?? []).map(({ Next }) => Next)];
  const others = named.flatMap((name) => name === undefined ? [] : [[name, { Type: "Pass", End: true }] as const]);
  return { StartAt: "S", States: { S: state, ...Object.fromEntries(others) } };
}

const branch = (name: string, Result: number): ScopeJson => ({
  StartAt: name,
  States: { [name]: { Type: "Pass", Result, End: true } },
});
const task: StateJson = { Type: "Task", Resource: "work:a", End: true };

const unlike = [
  {
    what: "another output",
    ran: states({ Type: "Pass", Result: 1, End: true }),
    read: states({ Type: "Pass", Result: 2, End: true }),
  },
  { what: "another next state", ran: states({ Type: "Pass", Next: "T" }), read: states({ Type: "Pass", Next: "U" }) },
  {
    what: "another error",
    ran: states({ Type: "Fail", Error: "A" }),
    read: states({ Type: "Fail", Error: "B" }),
  },
  {
    what: "another resource",
    ran: states(task),
    read: states({ ...task, Resource: "work:b" }),
  },
  {
    what: "another way to wait",
    ran: states({ Type: "Wait", Seconds: 3, End: true }),
    read: states({ Type: "Wait", Seconds: 4, End: true }),
  },
  {
    what: "another order of branches",
    ran: states({
      Type: "Parallel",
      Branches: [branch("A", 1), branch("B", 2)],
      End: true,
    }),
    read: states({
      Type: "Parallel",
      Branches: [branch("A", 2), branch("B", 1)],
      End: true,
    }),
  },
  {
    what: "another choice",
    ran: states({ Type: "Choice", Choices: [{ Variable: "$.n", NumericGreaterThan: -1, Next: "T" }], Default: "U" }),
    read: states({ Type: "Choice", Choices: [{ Variable: "$.n", NumericGreaterThan: 99, Next: "T" }], Default: "U" }),
  },
] as const;

for (const { what, ran: done, read } of unlike) {
  test(`the reference disagrees with ${what}`, () => {
    const root = ran(done, new SimRandom(5));
    checkExecution(done, root, false);
    throws(() => checkExecution(read, root, false), Disagreement);
  });
}

test("retries beyond what the retrier allows are not agreed to", () => {
  const retried = states({ ...task, Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 3 }] });
  const run = started(JSON.parse(JSON.stringify(retried)), {});
  const tree = new RunTree();
  let taken = 0;
  const take = () => {
    for (const event of run.events.slice(taken)) tree.take(event, run.nowEpochMs);
    taken = run.events.length;
  };
  for (let attempt = 0; attempt < 4; attempt++) {
    take();
    const [open] = run.openTasks;
    ok(open !== undefined);
    run.fail(open, "Boom");
    take();
    run.pass(60);
    take();
  }
  ok(tree.root !== undefined);
  checkExecution(retried, tree.root, false);
  const fewer = states({ ...task, Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 1 }] });
  const { root } = tree;
  throws(() => checkExecution(fewer, root, false), Disagreement);
});
