/** AWS's execution history, from our own events: a pure function. */
import { Schema } from "effect";
import {
  type Event,
  historyPlace,
  historyTypes,
  MAP_RUN_RESOURCE,
  MapRunOrder,
  type StateRetriedEvent,
  type StateStartedEvent,
  type UntoldEvent,
} from "../../protocol/mod.ts";
import type { ExecutionDetail, NumberedEvent } from "../../runtime/mod.ts";
import type { JsonObject } from "../../values/mod.ts";
import { awsTime } from "../answers.ts";
import { type AwsScope, mapRunArn } from "../arns.ts";
import { scopeOf } from "../executions/execution_names.ts";
import { shownAsOf } from "../executions/shown_as.ts";
import { Chains } from "./chain.ts";
import { eventDetails } from "./details.ts";
import { KnownExecution, type KnownState, type KnownTask } from "./known_execution.ts";
import { taskResource } from "./task_resource.ts";

/** What a history is made of. */
export interface HistorySource {
  /** Of one execution, all from its first to its newest. */
  readonly events: readonly NumberedEvent[];
  readonly execution: ExecutionDetail;
}

/** AWS's events, `id` from 1 without gaps, oldest first. */
export function awsHistory({ events, execution }: HistorySource): readonly JsonObject[] {
  const writer = new HistoryWriter(execution);
  for (const event of events) writer.add(event);
  return writer.written;
}

/** An event of ours, and the types of those of AWS that it stands for, in order. */
interface Told<E extends Event = Event> {
  readonly event: E;
  readonly atEpochMs: number;
  readonly types: readonly string[];
}

type EventOf<Type extends Event["type"]> = Extract<Event, { readonly type: Type }>;

/** Whom an event of AWS's is about. */
interface About {
  readonly state?: KnownState;
  readonly task?: KnownTask;
  /** Of an iteration. */
  readonly index?: number;
}

const decodeOrder = Schema.decodeUnknownSync(MapRunOrder);

/** Writes AWS's history of one execution, event by event; what was written stays as it is. */
export class HistoryWriter {
  readonly written: JsonObject[] = [];
  readonly #execution: ExecutionDetail;
  readonly #scope: AwsScope;
  readonly #roleArn: string;
  readonly #chains = new Chains();
  readonly #known = new KnownExecution();
  /** An expression of the engine's own failed for good: where the execution's end goes on. */
  #fatalFrom: number | undefined;

  constructor(execution: ExecutionDetail) {
    this.#execution = execution;
    this.#scope = scopeOf(execution);
    this.#roleArn = shownAsOf(execution).Execution?.RoleArn ?? "";
  }

  /** Events that begin nothing new while the execution is wound up are not told: AWS cuts off what runs. */
  add({ event, atEpochMs }: NumberedEvent): void {
    const place = historyPlace(event, this.#known);
    if (place === undefined) return;
    const types = historyTypes(event, place);
    switch (event.type) {
      case "ExecutionStartedEvent":
        for (const type of types) this.#write(type, { event, atEpochMs }, 0);
        return;
      case "ExecutionCompletingEvent":
      case "ExecutionCancelingEvent":
        this.#known.isEnding = true;
        return;
      case "ExecutionCompletedEvent":
        return this.#addEnd({ event, atEpochMs, types });
      case "ExecutionRedrivenEvent":
        return this.#addRedriven({ event, atEpochMs, types });
      case "StateStartedEvent":
        return this.#addEntered({ event, atEpochMs, types });
      case "StateRetryScheduledEvent":
      case "StateRetriedEvent":
      case "EvaluationFailedEvent":
      case "StateCompletedEvent":
        return this.#addOfState({ event, atEpochMs, types });
      case "BranchStartedEvent":
      case "IterationStartedEvent":
        return this.#addChildStarted({ event, atEpochMs, types });
      case "IterationCancelingEvent":
        return this.#addIterationCanceling({ event, atEpochMs, types });
      case "BranchCompletedEvent":
      case "IterationCompletedEvent":
        return this.#addChildEnded({ event, atEpochMs, types });
      case "TaskCreatedEvent":
        this.#addTask(event);
        return this.#addOfTask({ event, atEpochMs, types });
      case "TaskActivatedEvent":
      case "TaskSubmittedEvent":
      case "TaskCompletedEvent":
      case "TaskFailedEvent":
      case "TaskTimedOutEvent":
      case "TaskCanceledEvent":
        return this.#addOfTask({ event, atEpochMs, types });
      default:
        event satisfies UntoldEvent;
    }
  }

  get #root() {
    return this.#execution.executionId;
  }

  #addEnd(told: Told<EventOf<"ExecutionCompletedEvent">>): void {
    const { status, timedOut } = told.event;
    // What ends an execution from outside its states follows none of their events.
    const isFromOutside = status === "Canceled" || timedOut === true;
    const isCut = this.#known.isEnding && this.#fatalFrom === undefined;
    const end = isCut ? this.written.length : this.#fatalFrom ?? this.#chains.endOf(this.#root);
    for (const type of told.types) this.#write(type, told, isFromOutside ? 0 : end);
  }

  /** What runs on from here follows the redrive. */
  #addRedriven(told: Told): void {
    this.#known.isEnding = false;
    this.#fatalFrom = undefined;
    for (const type of told.types) this.#chains.advance(this.#root, this.#write(type, told, this.written.length));
  }

  #addEntered(told: Told<EventOf<"StateStartedEvent">>): void {
    const { activityId, stateType, stateName, parentBranchId, parentIterationId, resume } = told.event;
    const parent = parentBranchId ?? parentIterationId;
    const scopeId = parent ?? this.#root;
    const enteredBefore = resume?.historyId;
    const state: KnownState = {
      stateType,
      stateName,
      scopeId,
      isNested: parent !== undefined,
      enteredId: enteredBefore ?? this.written.length + 1,
      beforeEntered: this.#chains.endOf(scopeId),
      startedId: enteredBefore === undefined ? 0 : this.#chains.endOf(scopeId),
      ...noChildren(told.event),
      failedIndex: 0,
    };
    this.#known.states.set(activityId, state);
    const [entered, started] = told.types;
    if (entered !== undefined) this.#writeChained(entered, told, { state });
    if (started !== undefined) state.startedId = this.#writeChained(started, told, { state });
  }

  #addChildStarted(told: Told<EventOf<"BranchStartedEvent" | "IterationStartedEvent">>): void {
    const { event } = told;
    const state = this.#known.states.get(event.activityId);
    if (state === undefined) return;
    const childId = event.type === "BranchStartedEvent" ? event.branchId : event.iterationId;
    const { activityId, index } = event;
    this.#known.children.set(childId, { activityId, index, isCanceling: false });
    this.#chains.advance(childId, state.startedId);
    const { maxConcurrency, lastChildEnd, startedId } = state;
    const followsAnother = maxConcurrency > 0 && index >= maxConcurrency;
    const previous = followsAnother ? lastChildEnd ?? startedId : startedId;
    for (const type of told.types) this.#chains.advance(childId, this.#write(type, told, previous, { state, index }));
  }

  #addChildEnded(told: Told<EventOf<"BranchCompletedEvent" | "IterationCompletedEvent">>): void {
    const { event } = told;
    const { status, index } = event;
    const state = this.#known.states.get(event.activityId);
    if (state === undefined) return;
    const childId = event.type === "BranchCompletedEvent" ? event.branchId : event.iterationId;
    const end = this.#chains.endOf(childId);
    if (status === "Succeeded") state.succeededChildren += 1;
    state.lastChildEnd = end;
    let last = end;
    for (const type of told.types) {
      const previous = type === "MapIterationAborted" ? this.#known.cutAt(childId) ?? last : last;
      const id = this.#write(type, told, previous, { state, index });
      if (type.endsWith("StateSucceeded")) state.succeededId = id;
      else if (type === "MapIterationSucceeded") last = id;
    }
    const isLastChild = status === "Succeeded" && state.succeededChildren === state.childrenMax;
    if (isLastChild) this.#chains.advance(state.scopeId, last);
    if (status !== "Failed" || state.failedFrom !== undefined) return;
    state.failedFrom = end;
    state.failedIndex = index;
  }

  #addIterationCanceling(told: Told<EventOf<"IterationCancelingEvent">>): void {
    const { iterationId } = told.event;
    const iteration = this.#known.children.get(iterationId);
    const state = this.#known.stateOfChild(iterationId);
    if (iteration === undefined || state === undefined) return;
    iteration.isCanceling = true;
    const previous = this.#known.cutAt(iterationId) ?? this.#chains.endOf(iterationId);
    for (const type of told.types) this.#write(type, told, previous, { state, index: iteration.index });
  }

  #addTask({ taskId, activityId, resource, input }: EventOf<"TaskCreatedEvent">): void {
    this.#known.tasks.set(taskId, {
      activityId,
      whole: resource,
      resource: taskResource(resource),
      mapRunArn: resource === MAP_RUN_RESOURCE ? this.#mapRunArn(decodeOrder(input)) : "",
    });
  }

  #mapRunArn({ label, mapRun }: MapRunOrder): string {
    const [outermost = ""] = this.#execution.workflow.split("/");
    return mapRunArn(this.#scope, `${outermost}/${label}`, mapRun);
  }

  #addOfTask(told: Told<EventOf<`Task${string}` & Event["type"]>>): void {
    const task = this.#known.tasks.get(told.event.taskId);
    const state = task === undefined ? undefined : this.#known.states.get(task.activityId);
    if (task === undefined || state === undefined) return;
    for (const type of told.types) {
      const about = { state, task };
      if (type === "MapStateSucceeded") state.succeededId = this.#write(type, told, this.written.length, about);
      else if (type === "MapRunSucceeded") this.#write(type, told, this.#chains.endOf(state.scopeId), about);
      else this.#writeChained(type, told, about);
    }
  }

  /** Events of a state that has been entered: attempts, failed expressions, its end. */
  #addOfState(
    told: Told<
      EventOf<"StateRetryScheduledEvent" | "StateRetriedEvent" | "EvaluationFailedEvent" | "StateCompletedEvent">
    >,
  ): void {
    const { event } = told;
    const state = this.#known.states.get(event.activityId);
    if (state === undefined) return;
    switch (event.type) {
      case "StateRetryScheduledEvent":
        this.#goOnFromFailure(told, state);
        return;
      case "StateRetriedEvent":
        // Its children are counted anew with each attempt.
        Object.assign(state, noChildren(event));
        for (const type of told.types) state.startedId = this.#writeChained(type, told, { state });
        return;
      case "EvaluationFailedEvent":
        return this.#addEvaluationFailed({ ...told, event }, state);
      case "StateCompletedEvent":
        return this.#addStateEnd({ ...told, event }, state);
      default:
        return event satisfies never;
    }
  }

  /** The state goes on where the child that failed ended. @returns The types without that of the child */
  #goOnFromFailure(told: Told, state: KnownState): readonly string[] {
    const { types } = told;
    const { failedFrom, failedIndex } = state;
    if (failedFrom === undefined) return types;
    this.#chains.advance(state.scopeId, failedFrom);
    state.failedFrom = undefined;
    const [first, ...others] = types;
    if (first !== "MapIterationFailed") return types;
    this.#write(first, told, failedFrom, { state, index: failedIndex });
    return others;
  }

  /** An expression that fails while the state is entered follows what came before the state; a Wait's time that is none follows the state. */
  #addEvaluationFailed(told: Told<EventOf<"EvaluationFailedEvent">>, state: KnownState): void {
    const own = this.#goOnFromFailure(told, state);
    const { event } = told;
    const end = this.#chains.endOf(state.scopeId);
    for (const type of own) {
      if (type === "EvaluationFailed") {
        const isOfValue = event.location === "Timestamp" && state.stateType === "Wait";
        const previous = end === state.enteredId && !isOfValue ? state.beforeEntered : end;
        const id = this.#write(type, told, previous, { state });
        this.#chains.advance(state.scopeId, id);
      } else this.#write(type, told, end, { state });
    }
  }

  #addStateEnd(told: Told<EventOf<"StateCompletedEvent">>, state: KnownState): void {
    const { status, isFatal, activityId } = told.event;
    const isCut = status === "Canceled" && state.isNested;
    for (const type of this.#goOnFromFailure(told, state)) {
      const cutAt = isCut ? this.#known.cutAt(state.scopeId) : undefined;
      const id = this.#write(type, told, cutAt ?? this.#chains.endOf(state.scopeId), { state });
      // How it came out is hung onto the chain.
      if (cutAt === undefined && !/(Succeeded|Aborted)$/.test(type)) this.#chains.advance(state.scopeId, id);
    }
    if (isFatal === true) this.#fatalFrom = state.succeededId ?? this.#chains.endOf(state.scopeId);
    this.#known.states.delete(activityId);
  }

  /** Writes an event behind the end of its state's chain, and makes it the end. */
  #writeChained(type: string, told: Pick<Told, "event" | "atEpochMs">, about: About & { state: KnownState }): number {
    const { scopeId } = about.state;
    const id = this.#write(type, told, this.#chains.endOf(scopeId), about);
    this.#chains.advance(scopeId, id);
    return id;
  }

  #write(
    type: string,
    { event, atEpochMs }: Pick<Told, "event" | "atEpochMs">,
    previousEventId: number,
    { state, task, index = 0 }: About = {},
  ): number {
    const id = this.written.length + 1;
    this.written.push({
      id,
      previousEventId,
      type,
      timestamp: awsTime(atEpochMs),
      ...eventDetails(type, event, {
        region: this.#scope.region,
        roleArn: this.#roleArn,
        stateName: state?.stateName ?? "",
        resource: task?.resource,
        length: state?.max ?? 0,
        index,
        mapRunArn: task?.mapRunArn ?? "",
      }),
    });
    return id;
  }
}

/** A Parallel or Map whose children have not begun yet. */
function noChildren({ max, maxConcurrency = 0, mapRun }: StateStartedEvent | StateRetriedEvent) {
  return {
    max,
    childrenMax: mapRun === undefined ? max : undefined,
    maxConcurrency,
    succeededChildren: 0,
    failedFrom: undefined,
    lastChildEnd: undefined,
    succeededId: undefined,
  };
}
