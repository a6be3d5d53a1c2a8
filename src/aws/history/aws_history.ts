/** AWS's execution history, from our own events: a pure function. */
import { historyTypes } from "../../protocol/mod.ts";
import type { ExecutionDetail, HistoryEvent } from "../../runtime/mod.ts";
import type { JsonObject } from "../../values/mod.ts";
import { awsTime } from "../answers.ts";
import { scopeOf } from "../executions/execution_names.ts";
import { shownAsOf } from "../executions/shown_as.ts";
import { type ChainedState, Chains } from "./chain.ts";
import { eventDetails } from "./details.ts";
import { historyFacts, number, object, text } from "./facts.ts";
import { type TaskResource, taskResource } from "./task_resource.ts";

/** What a history is made of. */
export interface HistorySource {
  /** Of one execution, all from its first to its newest. */
  readonly events: readonly HistoryEvent[];
  readonly execution: ExecutionDetail;
}

/** AWS's events, `id` from 1 without gaps, oldest first. */
export function awsHistory({ events, execution }: HistorySource): readonly JsonObject[] {
  const writer = new HistoryWriter(execution);
  for (const event of events) writer.add(event);
  return writer.written;
}

interface KnownTask {
  readonly activityId: string;
  readonly resource: TaskResource;
  readonly whole: string;
  readonly mapRunArn: string;
}

interface KnownChild {
  readonly activityId: string;
  readonly index: number;
  isCanceling: boolean;
}

/** Writes AWS's history of one execution, event by event; what was written stays as it is. */
export class HistoryWriter {
  readonly written: JsonObject[] = [];
  readonly #execution: ExecutionDetail;
  readonly #region: string;
  readonly #roleArn: string;
  readonly #chains = new Chains();
  readonly #states = new Map<string, ChainedState>();
  readonly #tasks = new Map<string, KnownTask>();
  /** Branches and iterations, by their ids. */
  readonly #children = new Map<string, KnownChild>();
  #isEnding = false;
  /** An expression of the engine's own failed for good: where the execution's end goes on. */
  #fatalFrom: number | undefined;

  constructor(execution: ExecutionDetail) {
    this.#execution = execution;
    this.#region = scopeOf(execution).region;
    this.#roleArn = shownAsOf(execution).Execution?.RoleArn ?? "";
  }

  /** Events that begin nothing new while the execution is wound up are not told: AWS cuts off what runs. */
  add(event: HistoryEvent): void {
    if (event.type === "ExecutionCompletedEvent") return this.#addEnd(event);
    if (event.type === "ExecutionRedrivenEvent") return this.#addRedriven(event);
    if (this.#isEnding) return;
    switch (event.type) {
      case "ExecutionStartedEvent":
        this.#write("ExecutionStarted", event, 0);
        return;
      case "ExecutionCompletingEvent":
      case "ExecutionCancelingEvent":
        this.#isEnding = true;
        return;
      case "StateStartedEvent":
        return this.#addEntered(event);
      case "BranchStartedEvent":
      case "IterationStartedEvent":
        return this.#addChildStarted(event);
      case "IterationCancelingEvent":
        return this.#addIterationCanceling(event);
      case "BranchCompletedEvent":
      case "IterationCompletedEvent":
        return this.#addChildEnded(event);
      case "TaskCreatedEvent":
        this.#addTask(event);
        return this.#addTaskEvent(event);
      default:
        return text(event, "taskId") === undefined ? this.#addOfState(event) : this.#addTaskEvent(event);
    }
  }

  get #root(): string {
    return this.#execution.executionId;
  }

  #addEnd(event: HistoryEvent): void {
    const facts = historyFacts(event);
    const [type = ""] = historyTypes(facts, {});
    // What ends an execution from outside its states follows none of their events.
    const isFromOutside = facts.status === "Canceled" || facts.timedOut === true;
    const end = this.#isEnding && this.#fatalFrom === undefined ? this.written.length : this.#chains.endOf(this.#root);
    this.#write(type, event, isFromOutside ? 0 : this.#fatalFrom ?? end);
  }

  /** What runs on from here follows the redrive. */
  #addRedriven(event: HistoryEvent): void {
    this.#isEnding = false;
    this.#fatalFrom = undefined;
    this.#chains.advance(this.#root, this.#write("ExecutionRedriven", event, this.written.length));
  }

  #addEntered(event: HistoryEvent): void {
    const activityId = text(event, "activityId") ?? "";
    const parent = text(event, "parentBranchId") ?? text(event, "parentIterationId");
    const scopeId = parent ?? this.#root;
    const facts = historyFacts(event);
    const state: ChainedState = {
      stateType: text(event, "stateType") ?? "",
      stateName: text(event, "stateName") ?? "",
      scopeId,
      isNested: parent !== undefined,
      enteredId: facts.resume?.historyId ?? this.written.length + 1,
      beforeEntered: this.#chains.endOf(scopeId),
      startedId: facts.resume === undefined ? 0 : this.#chains.endOf(scopeId),
      max: undefined,
      maxConcurrency: 0,
      mapRun: undefined,
      succeededChildren: 0,
      failedFrom: undefined,
      failedIndex: 0,
      lastChildEnd: undefined,
      succeededId: undefined,
    };
    this.#states.set(activityId, state);
    this.#begin(state, event);
    const [entered, started] = historyTypes(facts, { stateType: state.stateType });
    if (entered !== undefined) this.#writeChained(entered, event, state);
    if (started !== undefined) state.startedId = this.#writeChained(started, event, state);
  }

  /** A Parallel's or Map's children are counted anew with each attempt. */
  #begin(state: ChainedState, event: HistoryEvent): void {
    state.max = number(event, "max");
    state.maxConcurrency = number(event, "maxConcurrency") ?? 0;
    state.mapRun = text(event, "mapRun");
    state.succeededChildren = 0;
    state.failedFrom = undefined;
    state.lastChildEnd = undefined;
    state.succeededId = undefined;
  }

  #addChildStarted(event: HistoryEvent): void {
    const state = this.#stateOf(event);
    const childId = text(event, "branchId") ?? text(event, "iterationId") ?? "";
    if (state === undefined) return;
    const index = number(event, "index") ?? 0;
    this.#children.set(childId, { activityId: text(event, "activityId") ?? "", index, isCanceling: false });
    this.#chains.advance(childId, state.startedId);
    if (event.type === "BranchStartedEvent" || event["isKept"] === true) return;
    const { maxConcurrency, lastChildEnd, startedId } = state;
    const followsAnother = maxConcurrency > 0 && index >= maxConcurrency;
    const id = this.#write(
      "MapIterationStarted",
      event,
      followsAnother ? lastChildEnd ?? startedId : startedId,
      state,
    );
    this.#chains.advance(childId, id);
  }

  #addChildEnded(event: HistoryEvent): void {
    const state = this.#stateOf(event);
    const childId = text(event, "branchId") ?? text(event, "iterationId") ?? "";
    if (state === undefined) return;
    const facts = historyFacts(event);
    const end = this.#chains.endOf(childId);
    if (facts.status === "Succeeded") state.succeededChildren += 1;
    state.lastChildEnd = end;
    const { stateType } = state;
    const isLastChild = state.succeededChildren === state.max && facts.status === "Succeeded";
    const { isCanceling = false } = this.#children.get(childId) ?? {};
    const hasFailedChild = state.failedFrom !== undefined;
    let last = end;
    for (const type of historyTypes(facts, { stateType, isLastChild, isCanceling, hasFailedChild })) {
      const id = this.#write(type, event, type === "MapIterationAborted" ? this.#cutAt(childId) ?? last : last, state);
      if (type.endsWith("StateSucceeded")) state.succeededId = id;
      else if (type === "MapIterationSucceeded") last = id;
    }
    if (isLastChild) this.#chains.advance(state.scopeId, last);
    if (facts.status !== "Failed" || hasFailedChild) return;
    state.failedFrom = end;
    state.failedIndex = number(event, "index") ?? 0;
  }

  #addIterationCanceling(event: HistoryEvent): void {
    const iterationId = text(event, "iterationId") ?? "";
    const iteration = this.#children.get(iterationId);
    const state = this.#states.get(iteration?.activityId ?? "");
    if (iteration === undefined || state === undefined) return;
    iteration.isCanceling = true;
    const previous = this.#cutAt(iterationId) ?? this.#chains.endOf(iterationId);
    for (const type of historyTypes(historyFacts(event), {})) {
      this.#write(type, { ...event, index: iteration.index }, previous, state);
    }
  }

  /** Where the child's chain is cut: the last event of that child, beside it or further up, which failed. */
  #cutAt(childId: string): number | undefined {
    for (let scopeId = childId;;) {
      const state = this.#states.get(this.#children.get(scopeId)?.activityId ?? "");
      if (state === undefined || state.failedFrom !== undefined) return state?.failedFrom;
      scopeId = state.scopeId;
    }
  }

  #addTask(event: HistoryEvent): void {
    const whole = text(event, "resource") ?? "";
    const order = object(event, "input") ?? {};
    const { account, region } = scopeOf(this.#execution);
    this.#tasks.set(text(event, "taskId") ?? "", {
      activityId: text(event, "activityId") ?? "",
      resource: taskResource(whole),
      whole,
      mapRunArn: `arn:aws:states:${region}:${account}:mapRun:${this.#execution.workflow.split("/")[0]}/${
        text(order, "label") ?? ""
      }:${text(order, "mapRun") ?? ""}`,
    });
  }

  #addTaskEvent(event: HistoryEvent): void {
    const task = this.#tasks.get(text(event, "taskId") ?? "");
    const state = task === undefined ? undefined : this.#states.get(task.activityId);
    if (task === undefined || state === undefined) return;
    for (const type of historyTypes(historyFacts(event), { resource: task.whole })) {
      if (type === "MapStateSucceeded") state.succeededId = this.#write(type, event, this.written.length, state, task);
      else this.#writeChained(type, event, state, task);
    }
  }

  /** Events of a state that has been entered: attempts, failed expressions, its end. */
  #addOfState(event: HistoryEvent): void {
    const state = this.#stateOf(event);
    if (state === undefined) return;
    const facts = historyFacts(event);
    const { stateType, isNested, max, mapRun } = state;
    const isEmpty = max === 0 && mapRun === undefined;
    const hasFailedChild = state.failedFrom !== undefined;
    const types = historyTypes(facts, { stateType, isNested, isEmpty, hasFailedChild });
    switch (event.type) {
      case "StateRetryScheduledEvent":
        this.#goOnFromFailure(event, state, types);
        return;
      case "StateRetriedEvent":
        this.#begin(state, event);
        for (const type of types) state.startedId = this.#writeChained(type, event, state);
        return;
      case "EvaluationFailedEvent":
        return this.#addEvaluationFailed(event, state, types);
      case "StateCompletedEvent":
        return this.#addStateEnd(event, state, types);
      default:
        return;
    }
  }

  /** The state goes on where the child that failed ended. @returns The types without that of the child */
  #goOnFromFailure(event: HistoryEvent, state: ChainedState, types: readonly string[]): readonly string[] {
    const { failedFrom, failedIndex } = state;
    if (failedFrom === undefined) return types;
    this.#chains.advance(state.scopeId, failedFrom);
    state.failedFrom = undefined;
    const [first, ...others] = types;
    if (first !== "MapIterationFailed") return types;
    this.#write(first, { ...event, index: failedIndex }, failedFrom, state);
    return others;
  }

  /** An expression that fails while the state is entered follows what came before the state. */
  #addEvaluationFailed(event: HistoryEvent, state: ChainedState, types: readonly string[]): void {
    const own = this.#goOnFromFailure(event, state, types);
    const end = this.#chains.endOf(state.scopeId);
    for (const type of own) {
      if (type === "EvaluationFailed") {
        const id = this.#write(type, event, end === state.enteredId ? state.beforeEntered : end, state);
        this.#chains.advance(state.scopeId, id);
      } else this.#write(type, event, end, state);
    }
  }

  #addStateEnd(event: HistoryEvent, state: ChainedState, types: readonly string[]): void {
    const isCut = event["status"] === "Canceled" && state.isNested;
    for (const type of this.#goOnFromFailure(event, state, types)) {
      const cutAt = isCut ? this.#cutAt(state.scopeId) : undefined;
      if (cutAt !== undefined) this.#write(type, event, cutAt, state);
      else this.#writeChained(type, event, state, undefined, !/(Succeeded|Aborted)$/.test(type));
    }
    if (event["isFatal"] === true) this.#fatalFrom = state.succeededId ?? this.#chains.endOf(state.scopeId);
    this.#states.delete(text(event, "activityId") ?? "");
  }

  #stateOf(event: HistoryEvent): ChainedState | undefined {
    return this.#states.get(text(event, "activityId") ?? "");
  }

  /** Writes an event behind the end of its state's chain, and by default makes it the end. */
  #writeChained(
    type: string,
    event: HistoryEvent,
    state: ChainedState,
    task?: KnownTask,
    advances = true,
  ): number {
    const id = this.#write(type, event, this.#chains.endOf(state.scopeId), state, task);
    if (advances) this.#chains.advance(state.scopeId, id);
    return id;
  }

  #write(type: string, event: HistoryEvent, previousEventId: number, state?: ChainedState, task?: KnownTask): number {
    const id = this.written.length + 1;
    this.written.push({
      id,
      previousEventId,
      type,
      timestamp: awsTime(event.timestamp),
      ...eventDetails(type, event, {
        region: this.#region,
        roleArn: this.#roleArn,
        stateName: state?.stateName ?? "",
        resource: task?.resource,
        length: state?.max ?? 0,
        mapRunArn: task?.mapRunArn ?? "",
      }),
    });
    return id;
  }
}
