/** What the expressions of one activity may read: input, context object, variables. Built only as far as it is read. */
import { Budget } from "../../src/language/mod.ts";
import type { EvaluationScope, State, Variables } from "../../src/language/types.ts";
import type { ResumedState } from "../../src/protocol/mod.ts";
import { parseResource } from "../../src/values/mod.ts";
import type {
  ActivityId,
  BranchId,
  ExecutionId,
  IterationId,
  Json,
  JsonObject,
  Limits,
  TaskId,
} from "../../src/values/mod.ts";
import { parentOf } from "../child/child_records.ts";
import { BrokenInvariant, type ExecutionView, type TurnDraws } from "../actor.ts";

/** Where an activity stands in the tree, and what it was entered with. */
export interface Place {
  readonly activityId: ActivityId;
  readonly stateName: string;
  readonly input: Json;
  readonly enteredAtEpochMs: number;
  readonly attempt: number;
  readonly parentBranchId?: BranchId;
  readonly parentIterationId?: IterationId;
  /** The state goes on in a redriven execution. */
  readonly resume?: ResumedState | undefined;
}

const noVariables: Variables = {};

/** What expressions of one activity may read, made when they ask for it. */
export class StateScope implements EvaluationScope {
  readonly rawInput: Json;
  readonly draws: TurnDraws;
  readonly limits: Limits;
  readonly budget: Budget;
  readonly #view: ExecutionView;
  readonly #place: Place;
  /** The task that this activity is about to create: what `$$.Task.Token` is made of. */
  readonly taskId: TaskId | undefined;
  #contextObject: JsonObject | undefined;
  #variables: Variables | undefined;

  constructor(view: ExecutionView, place: Place, taskId?: TaskId) {
    this.#view = view;
    this.#place = place;
    this.rawInput = place.input;
    this.draws = view.draws;
    this.limits = view.limits;
    this.budget = new Budget(view.meter);
    this.taskId = taskId;
  }

  /** The task's id, where there must be one. */
  get requiredTaskId(): TaskId {
    if (this.taskId === undefined) throw new BrokenInvariant(`No task id was drawn for "${this.#place.stateName}"`);
    return this.taskId;
  }

  get contextObject(): JsonObject {
    return this.#contextObject ??= this.#makeContextObject();
  }

  get variables(): Variables {
    return this.#variables ??= variablesAt(this.#view, this.#place);
  }

  #makeContextObject(): JsonObject {
    const place = this.#place;
    const { context } = this.#view.execution();
    const type = this.#view.machine.allStates.get(place.stateName)?.Type;
    const isRetryable = type === "Task" || type === "Parallel" || type === "Map";
    const state = {
      EnteredTime: new Date(place.enteredAtEpochMs).toISOString(),
      Name: place.stateName,
      ...(isRetryable ? { RetryCount: place.attempt - 1 } : {}),
    };
    const { executionId } = context;
    const token = this.taskId === undefined || !hasToken(this.#view.machine.allStates.get(place.stateName))
      ? {}
      : { Task: { Token: this.draws.taskToken(executionId, place.activityId, this.taskId) } };
    const item = mapItem(this.#view, place);
    return {
      Execution: {
        Id: executionId,
        Input: context.input,
        Name: context.key ?? executionId.slice(executionId.lastIndexOf("/") + 1),
        StartTime: new Date(context.startedAtEpochMs).toISOString(),
        RedriveCount: context.redriveCount ?? 0,
        ...(context.redrivenAtEpochMs === undefined
          ? {}
          : { RedriveTime: new Date(context.redrivenAtEpochMs).toISOString() }),
        ...section(context.shownAs, "Execution"),
      },
      State: state,
      StateMachine: { Id: context.workflowId, Name: context.workflow, ...section(context.shownAs, "StateMachine") },
      ...token,
      ...(item === undefined ? {} : { Map: { Item: item } }),
    };
  }
}

function section(shownAs: JsonObject | undefined, name: string): JsonObject {
  const value = shownAs?.[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : {};
}

/** The item of the innermost Map around an activity. */
function mapItem(view: ExecutionView, place: Place): JsonObject | undefined {
  let parentId = parentOf(place);
  while (parentId !== undefined) {
    const child = view.child(parentId)?.context;
    if (child === undefined) return undefined;
    const parent = view.activity(child.activityId)?.context;
    if ("iterationId" in child) return { Index: child.index, Value: parent?.items?.[child.index] ?? null };
    parentId = parent === undefined ? undefined : parentOf(parent);
  }
  return undefined;
}

/** Variables seen at a place: those of its own scope over those of the scopes around it. */
function variablesAt(view: ExecutionView, place: Pick<Place, "parentBranchId" | "parentIterationId">): Variables {
  const parentId = parentOf(place);
  const child = parentId === undefined ? undefined : view.child(parentId);
  if (child === undefined) return view.execution().context.variables ?? noVariables;
  const around = view.activity(child.context.activityId)?.context;
  const outer = around === undefined ? noVariables : variablesAt(view, around);
  const own = child.context.variables;
  return own === undefined ? outer : outer === noVariables ? own : { ...outer, ...own };
}

/** The execution that an activity belongs to. */
export function executionIdOf(view: ExecutionView): ExecutionId {
  return view.execution().context.executionId;
}

/** A request of a service and a function have an end of their own, and no token that anybody could send. */
function hasToken(state: State | undefined): boolean {
  if (state?.Type !== "Task") return true;
  const resource = parseResource(state.Resource);
  if (resource.kind === "Function") return false;
  return resource.kind !== "Service" || resource.pattern !== "Request";
}
