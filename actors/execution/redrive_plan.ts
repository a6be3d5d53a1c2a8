/**
 * Where a redriven execution goes on, read from its own events: the states that began and did not succeed, in each branch and
 * iteration by itself, with the inputs and variables that they had.
 */
import { type Event, isOfTask, type ResumedChild, type ResumedState } from "../../src/protocol/mod.ts";
import { type ActivityId, type Json, type JsonObject, present } from "../../src/values/mod.ts";
import { type ChildEnd, childIdOf, type ChildStart, parentOf } from "../child/child_records.ts";

/** What `RedriveExecutionCommand` carries of it. */
export interface RedrivePlan {
  readonly resume: ResumedState;
  readonly variables?: JsonObject;
}

/** A run of states one after the other: the execution's own, a branch's or an iteration's. */
interface Scope {
  readonly input: Json;
  variables: JsonObject | undefined;
  /** Entered and not left with success. */
  current: StateRun | undefined;
  /** Would be entered next. */
  next: { readonly stateName: string; readonly input: Json } | undefined;
  /** How it succeeded. */
  output: Json | undefined;
}

interface StateRun {
  readonly stateName: string;
  readonly input: Json;
  readonly historyId: number;
  readonly scope: Scope;
  max: number | undefined;
  items: readonly Json[] | undefined;
  maxConcurrency: number | undefined;
  /** Its Map Run, where it has one: then its children are not of this execution. */
  mapRun: string | undefined;
  children: Scope[];
}

const newScope = (input: Json, variables?: JsonObject): Scope => ({
  input,
  variables,
  current: undefined,
  next: undefined,
  output: undefined,
});

/**
 * The plan for an execution with these events, first to newest; `undefined` when they are none of one that has ended without success.
 *
 * @param startAt the machine's first state: for an execution that ended before it entered one
 */
export function redrivePlan(events: readonly Event[], startAt: string): RedrivePlan | undefined {
  const reader = new PlanReader();
  for (const event of events) reader.take(event);
  const { root } = reader;
  if (root === undefined) return undefined;
  const resume = stateOf(root) ?? { stateName: startAt, input: root.input };
  return { resume, ...present({ variables: root.variables }) };
}

class PlanReader {
  root: Scope | undefined;
  readonly #scopes = new Map<string, Scope>();
  readonly #runs = new Map<ActivityId, StateRun>();

  /** Tasks do not say where states go on: their states do. */
  take(event: Event): void {
    if (isOfTask(event)) return;
    switch (event.type) {
      case "ExecutionStartedEvent":
        this.root = newScope(event.input);
        return;
      case "ExecutionRedrivenEvent":
        if (this.root !== undefined) this.root = newScope(this.root.input, event.variables);
        return;
      case "StateStartedEvent":
        return this.#start(event);
      case "StateRetryScheduledEvent": {
        const run = this.#runs.get(event.activityId);
        if (run !== undefined) run.children = [];
        return;
      }
      case "StateRetriedEvent": {
        const run = this.#runs.get(event.activityId);
        if (run !== undefined) begin(run, event);
        return;
      }
      case "StateCompletedEvent":
        return this.#complete(event);
      case "BranchStartedEvent":
      case "IterationStartedEvent":
        return this.#startChild(event);
      case "BranchCompletedEvent":
      case "IterationCompletedEvent":
        return this.#endChild(event);
      case "ExecutionRunningEvent":
      case "ExecutionCompletingEvent":
      case "ExecutionCancelingEvent":
      case "ExecutionCompletedEvent":
      case "ExecutionDeletingEvent":
      case "EvaluationFailedEvent":
      case "StateCompletingEvent":
      case "BranchCancelingEvent":
      case "IterationCancelingEvent":
      case "TimerFiredEvent":
        return; // where states go on is not theirs to say
      default:
        return event satisfies never;
    }
  }

  #start(event: Extract<Event, { type: "StateStartedEvent" }>): void {
    const { activityId, stateName, input, historyId } = event;
    const scope = this.#scopes.get(parentOf(event) ?? "") ?? this.root;
    if (scope === undefined) return;
    const run: StateRun = {
      stateName,
      input,
      historyId,
      scope,
      max: undefined,
      items: undefined,
      maxConcurrency: undefined,
      mapRun: undefined,
      children: [],
    };
    begin(run, event);
    scope.current = run;
    scope.next = undefined;
    this.#runs.set(activityId, run);
  }

  #complete({ activityId, status, output, assigned, next }: Extract<Event, { type: "StateCompletedEvent" }>): void {
    const run = this.#runs.get(activityId);
    this.#runs.delete(activityId);
    if (run === undefined || status !== "Succeeded") return;
    const { scope } = run;
    scope.current = undefined;
    if (assigned !== undefined) scope.variables = { ...scope.variables, ...assigned };
    if (next !== undefined) scope.next = { stateName: next, input: output ?? null };
  }

  #startChild(event: ChildStart): void {
    const { activityId, index, input, variables } = event;
    const run = this.#runs.get(activityId);
    if (run === undefined) return;
    const scope = newScope(input, variables);
    run.children[index] = scope;
    this.#scopes.set(childIdOf(event), scope);
  }

  #endChild({ activityId, index, status, output }: ChildEnd): void {
    const scope = this.#runs.get(activityId)?.children[index];
    if (scope !== undefined && status === "Succeeded") scope.output = output ?? null;
  }
}

function begin(run: StateRun, event: Extract<Event, { type: "StateStartedEvent" | "StateRetriedEvent" }>): void {
  run.max = event.max;
  run.items = event.items;
  run.maxConcurrency = event.maxConcurrency;
  run.mapRun = event.mapRun;
  run.children = [];
}

function stateOf({ current, next }: Scope): ResumedState | undefined {
  if (current === undefined) return next;
  const { stateName, input, historyId, max, items, maxConcurrency, mapRun, children } = current;
  const state = { stateName, input, historyId };
  if (mapRun !== undefined) {
    // Items that are the input itself are not told twice: what a redrive may carry is bounded.
    return { ...state, mapRun, ...(items === undefined || items === input ? {} : { items }) };
  }
  // What has begun no child is evaluated anew.
  if (max === undefined || children.length === 0) return state;
  return {
    ...state,
    max,
    children: children.map(childOf),
    ...present({ items, maxConcurrency }),
  };
}

function childOf(scope: Scope): ResumedChild {
  const { input, output, variables } = scope;
  if (output !== undefined) return { input, output };
  const state = stateOf(scope);
  return {
    input,
    ...present({ state, variables }),
  };
}
