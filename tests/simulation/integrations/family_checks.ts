/** What must hold between executions and the children that they have started, read from the log alone. */
import type { Event } from "../../../src/protocol/mod.ts";
import type { MapRunRecord } from "../../../src/runtime/mod.ts";
import {
  canonicalJson,
  isJsonObject,
  type Json,
  MAP_RUN_RESOURCE,
  sha256Hex,
  uuidText,
} from "../../../src/values/mod.ts";
import type { ExecutionModel } from "../model/execution_model.ts";
import type { LogModel } from "../model/log_model.ts";
import type { World } from "../world/world.ts";

type TaskCreated = Extract<Event, { type: "TaskCreatedEvent" }>;

export class FamilyChecks {
  readonly #world: World;
  readonly #model: LogModel;
  /** Children by the task, or by the Map Run, that has started them. */
  readonly #children = new Map<string, ExecutionModel[]>();
  /** Turns of each execution that have been looked at. */
  readonly #seen = new Map<ExecutionModel, number>();

  constructor(world: World, model: LogModel) {
    this.#world = world;
    this.#model = model;
  }

  /** Looks at what an entry has brought: a child belongs to a task that is open, and a task ends after its children. */
  entryTaken(partition: number): void {
    for (const execution of this.#model.executions.values()) {
      if (execution.partition !== partition) continue;
      const seen = this.#seen.get(execution) ?? 0;
      this.#seen.set(execution, execution.turns.length);
      for (const { events } of execution.turns.slice(seen)) for (const event of events) this.#take(execution, event);
    }
  }

  /** What the children of a family are, when all has ended. */
  checkAll(): void {
    for (const execution of this.#model.executions.values()) {
      for (const task of execution.tasks.values()) {
        if (task.resource === MAP_RUN_RESOURCE) this.#checkMapRun(execution, task);
        else if (task.hasChildren === true) this.#checkNested(execution, task);
      }
    }
  }

  /** The record of a Map Run says what its children came to. */
  checkRecord(id: string, { status, executionCounts, itemCounts }: MapRunRecord): void {
    const children = this.#children.get(id) ?? [];
    const counted = {
      succeeded: children.filter(({ ended }) => ended?.status === "Succeeded").length,
      failed: children.filter(({ ended }) => ended?.status === "Failed" && ended.timedOut !== true).length,
      aborted: children.filter(({ ended }) => ended?.status === "Canceled").length,
      total: children.length,
    };
    const { succeeded, failed, aborted, total, running } = executionCounts;
    const told = { succeeded, failed, aborted, total };
    if (status === "RUNNING" || running > 0) {
      return this.#wrong(`Map Run "${id}" is ${status} with ${running} running, and its execution has ended`);
    }
    if (canonicalJson(told) !== canonicalJson(counted)) {
      this.#wrong(
        `Map Run "${id}" is ${status} and counts ${JSON.stringify(told)}, but has ${JSON.stringify(counted)}`,
      );
    }
    const sum = itemCounts.pending + itemCounts.running + itemCounts.succeeded + itemCounts.failed +
      itemCounts.timedOut +
      itemCounts.aborted;
    if (sum !== itemCounts.total) {
      this.#wrong(`The items of Map Run "${id}" do not add up: ${JSON.stringify(itemCounts)}`);
    }
  }

  #take(execution: ExecutionModel, event: Event): void {
    if (event.type === "ExecutionStartedEvent") return this.#takeChild(execution, event);
    const isEnd = event.type === "TaskCompletedEvent" || event.type === "TaskFailedEvent" ||
      event.type === "TaskTimedOutEvent" || event.type === "TaskCanceledEvent";
    if (!isEnd) return;
    const task = execution.tasks.get(event.taskId);
    const running = task === undefined ? undefined : this.#childrenOf(task).find((child) => !child.isEnded);
    if (running === undefined) return;
    this.#world.violate(
      "nothingAfterEnd",
      `Task "${event.taskId}" ends (${event.type}) while its child "${running.id}" runs on`,
    );
  }

  #takeChild(child: ExecutionModel, { shownAs, mapRun }: Extract<Event, { type: "ExecutionStartedEvent" }>): void {
    const parent = isJsonObject(shownAs?.["Parent"]) ? shownAs["Parent"]["TaskId"] : undefined;
    const key = mapRun ?? (typeof parent === "string" ? parent : undefined);
    if (key === undefined) return;
    const siblings = this.#children.get(key) ?? [];
    this.#children.set(key, [...siblings, child]);
    for (const execution of this.#model.executions.values()) {
      for (const task of execution.tasks.values()) {
        const isOver = keyOf(task) === key && execution.taskEnds.has(task.taskId);
        if (isOver) {
          this.#world.violate("nothingAfterEnd", `"${child.id}" starts after its task "${task.taskId}" has ended`);
        }
      }
    }
  }

  #childrenOf(task: TaskCreated): readonly ExecutionModel[] {
    return this.#children.get(keyOf(task)) ?? [];
  }

  #checkNested({ taskEnds }: ExecutionModel, task: TaskCreated): void {
    const children = this.#childrenOf(task);
    if (children.length > 1) return this.#wrong(`Task "${task.taskId}" has ${children.length} children`);
    const [child] = children;
    const end = taskEnds.get(task.taskId);
    if (end?.type === "TaskCompletedEvent") {
      const told = isJsonObject(end.output) ? end.output["Output"] : undefined;
      const isSame = child?.ended?.status === "Succeeded" && told !== undefined &&
        canonicalJson(told) === canonicalJson(child.ended.output ?? null);
      if (!isSame) this.#wrong(`Task "${task.taskId}" completes otherwise than its child`);
    } else if (end?.type === "TaskFailedEvent" && child?.ended?.status !== "Failed") {
      this.#wrong(
        `Task "${task.taskId}" fails (${end.reason}: ${end.message}), but its child is ${child?.ended?.status}`,
      );
    }
  }

  #checkMapRun({ taskEnds, turns }: ExecutionModel, task: TaskCreated): void {
    const events = turns.flatMap(({ events }) => events);
    const started = events.find((event) => event.type === "StateStartedEvent" && event.activityId === task.activityId);
    const input = started?.type === "StateStartedEvent" ? started.input : null;
    const items = (isJsonObject(input) ? input["list"] : undefined) as readonly Json[];
    const id = keyOf(task);
    const byName = new Map(this.#childrenOf(task).map((child) => [nameOf(child), child]));
    const children = items.map((_, index) => byName.get(uuidText(sha256Hex(`${id}/${index}`))));
    if (byName.size !== children.filter((child) => child !== undefined).length) {
      this.#wrong(`Map Run "${id}" has children for no item of its own`);
    }
    const end = taskEnds.get(task.taskId);
    if (end?.type !== "TaskCompletedEvent") return;
    const results = end.output as readonly Json[];
    if (results.length !== items.length) this.#wrong(`Map Run "${id}" has ${results.length} results`);
    for (const [index, child] of children.entries()) {
      const result = results[index] ?? null;
      const isRight = child?.ended?.status === "Succeeded"
        ? canonicalJson(result) === canonicalJson(child.ended.output ?? null)
        : child?.ended?.status === "Failed" && isJsonObject(result) && result["Status"] === "FAILED";
      if (!isRight) {
        this.#wrong(`Result ${index} of Map Run "${id}" is not its child's, which is ${child?.ended?.status}`);
      }
    }
  }

  #wrong(message: string): void {
    this.#world.violate("childrenArithmetic", message);
  }
}

function keyOf({ taskId, resource, input }: TaskCreated): string {
  return resource === MAP_RUN_RESOURCE && isJsonObject(input) ? String(input["mapRun"]) : taskId;
}

function nameOf({ started }: ExecutionModel): string {
  const execution = started?.shownAs?.["Execution"];
  return isJsonObject(execution) ? String(execution["Name"]) : "";
}
