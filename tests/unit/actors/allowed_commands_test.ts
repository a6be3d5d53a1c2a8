// Goal: the machines are the only source of what may be done in which status.
// Method: each command is decided for an actor in each of its statuses, with and without something running below it; it must be
// accepted exactly where XState says of the machine that it can take what the command comes to, and the machine must take all of it.
import { ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { type AnyStateMachine, transition } from "xstate";
import { activityMachine } from "../../../actors/activity/activity_machine.ts";
import type { ActorSnapshot, ExecutionView } from "../../../actors/actor.ts";
import { childMachine } from "../../../actors/child/child_machine.ts";
import { decide } from "../../../actors/decide.ts";
import { executionMachine } from "../../../actors/execution/execution_machine.ts";
import { taskMachine } from "../../../actors/task/task_machine.ts";
import type { Command, Ending, StartExecutionCommand } from "../../../src/protocol/mod.ts";
import { branchId, hash7, iterationId, taskId, timestamp } from "../../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../../support/execution_run.ts";

type Decided = Exclude<Command, StartExecutionCommand>;

/** An actor in a status, a command to it, and what that comes to there. */
interface Situation {
  readonly title: string;
  readonly machine: AnyStateMachine;
  readonly actor: ActorSnapshot<string, object>;
  readonly view: ExecutionView;
  readonly command: Decided;
  /** The first event that would follow; `true` or `false` where not the actor's own status decides. */
  readonly asked: { readonly type: string; readonly status?: string } | boolean;
}

const doing = (name: string) => ({
  StartAt: name,
  States: { [name]: { Type: "Task", Resource: "work", End: true } },
});
const inParallel = started(oneState({ Type: "Parallel", Branches: [doing("A"), doing("B")], End: true }));
const inMap = started(oneState({ Type: "Map", ItemProcessor: doing("A"), End: true }), [1, 2]);

/** What a run says, with something else in some places. */
function viewOf(run: ExecutionRun, instead: Partial<ExecutionView>): ExecutionView {
  const { actors, machine, limits, draws } = run;
  return {
    machine,
    limits,
    draws,
    meter: { steps: 0 },
    execution: () => actors.execution,
    activity: (id) => actors.activities.get(id),
    child: (id) => actors.children.get(id),
    task: (id) => actors.tasks.get(id),
    historyCount: () => 0,
    openChildOf: () => undefined,
    childOutputs: () => [null, null],
    ...instead,
  };
}

function only<T>(actors: Iterable<T>): T {
  for (const actor of actors) return actor;
  throw new Error("Expected an actor, but there is none");
}

const { executionId } = inParallel.actors;
const execution = inParallel.actors.execution.context;
const parallel = only(inParallel.actors.activities.values()).context;
const map = only(inMap.actors.activities.values()).context;
const branch = only(inParallel.actors.branches).context;
const iteration = only(inMap.actors.iterations).context;
const task = only(inParallel.actors.tasks.values()).context;
const stateOfTask = [...inParallel.actors.activities.values()][1]?.context ?? parallel;

const failed: Ending = { status: "Failed", reason: "Broken" };
const canceled: Ending = { status: "Canceled" };
const now = inParallel.nowEpochMs;

/** Each status of an execution as it can be: how it will end or has ended, and whether states may run in it. */
const executions = [
  { value: "Pending", more: {}, below: [false] },
  { value: "Running", more: {}, below: [false, true] },
  { value: "Completing", more: { ending: failed }, below: [false, true] },
  { value: "Canceling", more: { ending: canceled }, below: [false, true] },
  { value: "Succeeded", more: { ending: { status: "Succeeded" }, endedAtEpochMs: now }, below: [false] },
  { value: "Failed", more: { ending: failed, endedAtEpochMs: now }, below: [false] },
  { value: "Canceled", more: { ending: canceled, endedAtEpochMs: now }, below: [false] },
  { value: "Deleting", more: { ending: failed, endedAtEpochMs: now }, below: [false] },
] as const;

function ofExecution(
  command: Decided,
  asked: (at: { readonly below: boolean; readonly ending?: Ending; readonly value: string }) => Situation["asked"],
): readonly Situation[] {
  return executions.flatMap(({ value, more, below }) =>
    below.map((below) => {
      const actor = { value, context: { ...execution, ...more } };
      const openChildOf = () => below ? parallel.activityId : undefined;
      return {
        title: `${value}${below ? ", something runs" : ""}`,
        machine: executionMachine,
        actor,
        view: viewOf(inParallel, { execution: () => actor, openChildOf }),
        command,
        asked: asked({ below, value, ...more }),
      };
    })
  );
}

/** Each status of an activity with children, as it can be. */
const activities = [
  { value: "Running", more: {}, below: [false, true] },
  { value: "Retrying", more: { branchStatus: undefined, iterationStatus: undefined }, below: [false] },
  { value: "Completing", more: { ending: failed }, below: [false, true] },
] as const;

function ofActivity(
  command: Decided,
  asked: (at: { readonly below: boolean; readonly value: string }) => Situation["asked"],
  { run, context } = { run: inParallel, context: parallel },
): readonly Situation[] {
  return activities.flatMap(({ value, more, below }) =>
    below.map((below) => {
      const actor = { value, context: { ...context, ...more } };
      const openChildOf = () => below ? branch.branchId : undefined;
      return {
        title: `${value}${below ? ", something runs" : ""}`,
        machine: activityMachine,
        actor,
        view: viewOf(run, { activity: () => actor, openChildOf }),
        command,
        asked: asked({ below, value }),
      };
    })
  );
}

const children = [
  { value: "Running", below: [false, true] },
  { value: "Canceling", below: [false, true] },
  { value: "Succeeded", below: [false] },
  { value: "Failed", below: [false] },
  { value: "Canceled", below: [false] },
] as const;

function ofChild(
  command: Decided,
  context: typeof branch | typeof iteration,
  asked: (at: { readonly below: boolean }) => Situation["asked"],
): readonly Situation[] {
  return children.flatMap(({ value, below }) =>
    below.map((below) => {
      const actor = { value, context };
      const openChildOf = () => below ? stateOfTask.activityId : undefined;
      const run = "branchId" in context ? inParallel : inMap;
      return {
        title: `${value}${below ? ", something runs" : ""}`,
        machine: childMachine,
        actor,
        view: viewOf(run, { child: () => actor, openChildOf }),
        command,
        asked: asked({ below }),
      };
    })
  );
}

/** Each status of a task, of one that has children too. */
const tasks = [
  { value: "Created", more: {} },
  { value: "Activated", more: {} },
  { value: "Created", more: { hasChildren: true } },
  { value: "Activated", more: { hasChildren: true } },
  { value: "Reclaiming", more: { hasChildren: true, why: "timeout" } },
] as const;

function ofTask(
  command: Decided,
  asked: (at: { readonly value: string; readonly hasChildren?: boolean }) => Situation["asked"],
): readonly Situation[] {
  return tasks.map(({ value, more }) => {
    const actor = { value, context: { ...task, ...more } };
    return {
      title: `${value}${"hasChildren" in more ? ", with children" : ""}`,
      machine: taskMachine,
      actor,
      view: viewOf(inParallel, { task: () => actor }),
      command,
      asked: asked({ value, ...more }),
    };
  });
}

/** What needs no worker to have said that it took the task up: that is said with it. */
const activatedOr = (type: string) => ({ value }: { readonly value: string }) => ({
  type: value === "Created" ? "TaskActivatedEvent" : type,
});
/** What is over for a task: at once, or when its children are reclaimed. */
const overAs = (type: string) => ({ hasChildren = false }) => ({ type: hasChildren ? "TaskReclaimingEvent" : type });

const { taskId: id } = task;
const { branchId: ofBranch } = branch;
const { iterationId: ofIteration } = iteration;
const { activityId } = parallel;

/** For each command all situations: a new command does not compile until its are written. */
const situations = {
  StartExecutionCommand: [], // decided before there is an actor
  CompleteExecutionCommand: ofExecution(
    { type: "CompleteExecutionCommand", version: 1, executionId, status: "Succeeded", output: 1 },
    ({ below, ending }) =>
      below
        ? { type: "ExecutionCompletingEvent", status: "Succeeded" }
        : { type: "ExecutionCompletedEvent", status: ending?.status ?? "Succeeded" },
  ),
  CancelExecutionCommand: ofExecution(
    { type: "CancelExecutionCommand", version: 1, executionId },
    ({ below, ending }) => {
      if (ending !== undefined) return false; // how it ends is said already
      return below ? { type: "ExecutionCancelingEvent" } : { type: "ExecutionCompletedEvent", status: "Canceled" };
    },
  ),
  RedriveExecutionCommand: ofExecution({
    type: "RedriveExecutionCommand",
    version: 1,
    executionId,
    redriveCount: 1,
    resume: { stateName: "S", input: {} },
    turns: [1],
  }, () => ({ type: "ExecutionRedrivenEvent" })),
  DeleteExecutionCommand: ofExecution(
    { type: "DeleteExecutionCommand", version: 1, executionId },
    () => ({ type: "ExecutionDeletingEvent" }),
  ),
  StartStateCommand: ofExecution(
    { type: "StartStateCommand", version: 1, activityId, executionId, stateName: "S", input: {} },
    ({ value }) => value === "Running",
  ),
  CompleteStateCommand: (["Succeeded", "Failed"] as const).flatMap((status) =>
    ofActivity(
      { type: "CompleteStateCommand", version: 1, activityId, status, output: [] },
      ({ below }) => ({ type: below ? "StateCompletingEvent" : "StateCompletedEvent", status }),
    )
  ),
  RetryStateCommand: ofActivity(
    { type: "RetryStateCommand", version: 1, activityId },
    () => ({ type: "StateRetriedEvent" }),
  ),
  CancelStateCommand: ofActivity(
    { type: "CancelStateCommand", version: 1, activityId },
    ({ below }) => ({ type: below ? "StateCompletingEvent" : "StateCompletedEvent", status: "Canceled" }),
  ),
  StartBranchCommand: ofActivity(
    {
      type: "StartBranchCommand",
      version: 1,
      executionId,
      activityId,
      branchId: branchId(activityId, 1),
      index: 1,
      input: {},
    },
    () => ({ type: "BranchStartedEvent" }),
    { run: inParallel, context: { ...parallel, branchStatus: { max: 2, started: 1, done: 0 } } },
  ),
  CompleteBranchCommand: ofChild(
    { type: "CompleteBranchCommand", version: 1, branchId: ofBranch, status: "Succeeded" },
    branch,
    () => ({ type: "BranchCompletedEvent", status: "Succeeded" }),
  ),
  CancelBranchCommand: ofChild(
    { type: "CancelBranchCommand", version: 1, branchId: ofBranch },
    branch,
    ({ below }) => below ? { type: "BranchCancelingEvent" } : { type: "BranchCompletedEvent", status: "Canceled" },
  ),
  StartIterationCommand: ofActivity(
    {
      type: "StartIterationCommand",
      version: 1,
      executionId: inMap.actors.executionId,
      activityId: map.activityId,
      iterationId: iterationId(map.activityId, 1),
      index: 1,
      input: {},
    },
    () => ({ type: "IterationStartedEvent" }),
    { run: inMap, context: { ...map, iterationStatus: { max: 2, started: 1, done: 0 } } },
  ),
  CompleteIterationCommand: ofChild(
    { type: "CompleteIterationCommand", version: 1, iterationId: ofIteration, status: "Failed" },
    iteration,
    () => ({ type: "IterationCompletedEvent", status: "Failed" }),
  ),
  CancelIterationCommand: ofChild(
    { type: "CancelIterationCommand", version: 1, iterationId: ofIteration },
    iteration,
    ({ below }) =>
      below ? { type: "IterationCancelingEvent" } : { type: "IterationCompletedEvent", status: "Canceled" },
  ),
  CreateTaskCommand: ofActivity({
    type: "CreateTaskCommand",
    version: 1,
    taskId: taskId({ tenant: "acme", namespace: "shop" }, hash7("work"), timestamp(9, 9)),
    activityId,
    executionId,
    resource: "work",
    input: {},
  }, ({ value }) => value === "Running"),
  ActivateTaskCommand: ofTask(
    { type: "ActivateTaskCommand", version: 1, taskId: id },
    () => ({ type: "TaskActivatedEvent" }),
  ),
  HeartbeatTaskCommand: ofTask(
    { type: "HeartbeatTaskCommand", version: 1, taskId: id },
    activatedOr("TaskHeartbeatRecordedEvent"),
  ),
  SubmitTaskCommand: ofTask(
    { type: "SubmitTaskCommand", version: 1, taskId: id, output: 1 },
    activatedOr("TaskSubmittedEvent"),
  ),
  CompleteTaskCommand: [
    ...ofTask({ type: "CompleteTaskCommand", version: 1, taskId: id, output: 1 }, activatedOr("TaskCompletedEvent")),
    // Its runner's word is the end of one that is reclaimed, and of that alone.
    ...ofTask(
      { type: "CompleteTaskCommand", version: 1, taskId: id, output: 1, byRunner: true },
      ({ value }) =>
        value === "Reclaiming" ? { type: "TaskTimedOutEvent" } : activatedOr("TaskCompletedEvent")({ value }),
    ),
  ],
  FailTaskCommand: ofTask({ type: "FailTaskCommand", version: 1, taskId: id }, activatedOr("TaskFailedEvent")),
  TimeOutTaskCommand: ofTask(
    { type: "TimeOutTaskCommand", version: 1, taskId: id, clock: "timeout" },
    overAs("TaskTimedOutEvent"),
  ),
  CancelTaskCommand: ofTask({ type: "CancelTaskCommand", version: 1, taskId: id }, overAs("TaskCanceledEvent")),
  FireTimerCommand: [], // decided by what is due, and nothing is due of an actor that waits for no time
} satisfies Record<Command["type"], readonly Situation[]>;

for (const [type, all] of Object.entries<readonly Situation[]>(situations)) {
  for (const { title, machine, actor, view, command, asked } of all) {
    const before = machine.resolveState(actor);
    const isAllowed = typeof asked === "boolean" ? asked : before.can(asked);
    test(`${type}${"byRunner" in command ? " of the runner" : ""} is ${isAllowed ? "accepted" : "rejected"}: ${title}`, () => {
      const decision = decide(view, new Map(), command);
      if ("rejection" in decision) {
        strictEqual(decision.rejection.reason, "InvalidStatus");
        return ok(!isAllowed, `Expected the command to be accepted, but got "${decision.rejection.message}"`);
      }
      ok(isAllowed, "Expected the command to be rejected, but it was accepted");
      let snapshot = before;
      for (const event of decision.events) {
        if (typeof asked === "boolean") continue;
        ok(snapshot.can(event), `The machine takes ${event.type} while ${snapshot.value}`);
        [snapshot] = transition(machine, snapshot, event);
      }
      if (typeof asked !== "boolean") strictEqual(decision.events[0]?.type, asked.type);
    });
  }
}

test("a state that is canceled already is not canceled again", () => {
  const actor = { value: "Completing" as const, context: { ...parallel, ending: canceled } };
  for (const child of [undefined, branch.branchId]) {
    const view = viewOf(inParallel, { activity: () => actor, openChildOf: () => child });
    ok("rejection" in decide(view, new Map(), { type: "CancelStateCommand", version: 1, activityId }));
  }
});
