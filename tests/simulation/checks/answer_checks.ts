/** What the engine answers to those who want something is compared with the log, at the moment of the answer. */
import type { ExecutionDescription, StartExecutionRequest, TaskAnswer } from "../../../src/runtime/mod.ts";
import { canonicalJson, type ExecutionId, workflowId } from "../../../src/values/mod.ts";
import type { ExecutionModel } from "../model/execution_model.ts";
import type { LogMark, LogModel } from "../model/log_model.ts";
import type { Answer, Answerer } from "../world/gateway.ts";
import type { World } from "../world/world.ts";
import { keyName } from "../workload/space.ts";
import type { TaskCall } from "../workload/workers.ts";
import type { ReadChecks } from "./read_checks.ts";

const finalStatuses = ["Succeeded", "Failed", "Canceled", "Deleting"];

/** A start as it was asked for. */
export type Start = Pick<StartExecutionRequest, "tenant" | "namespace" | "workflow" | "input" | "key">;

export class AnswerChecks {
  readonly #world: World;
  readonly #model: LogModel;
  readonly #reads: ReadChecks;

  constructor(world: World, model: LogModel, reads: ReadChecks) {
    this.#world = world;
    this.#model = model;
    this.#reads = reads;
  }

  /** A start was answered: it is in the log, or what stands in its way is. */
  started(
    start: Start,
    answer: Answer<{ readonly executionId: ExecutionId; readonly status: string }>,
    mark: LogMark,
    by: Answerer,
  ): void {
    if (answer.kind === "refused") return this.#startRefused(start, answer, mark, by);
    if (answer.kind !== "ok") return;
    const { executionId, status } = answer.value;
    const execution = this.#model.executions.get(executionId);
    if (execution?.started === undefined) {
      return this.#world.violate("effectAfterLog", `The start of "${executionId}" is acknowledged but not in the log`);
    }
    if (!isStartOf(start, execution)) {
      this.#world.violate("oneKeyOneExecution", `"${executionId}" is given to a start with another key or input`);
    }
    this.#reads.knownStatus(execution, status, mark, by);
    const holder = this.#holdersSince(start, mark)[0];
    if (holder === undefined || holder === execution || holder.isDeleted || !by.isCertain) return;
    this.#world.violate("oneKeyOneExecution", `"${executionId}" is given to a key that "${holder.id}" has`);
  }

  /** An execution was waited for. */
  ended(description: ExecutionDescription, mark: LogMark, by: Answerer): void {
    this.#reads.described(description, mark, by);
    if (finalStatuses.includes(description.status)) return;
    this.#world.violate(
      "effectAfterLog",
      `"${description.executionId}" is said to have ended as ${description.status}`,
    );
  }

  /** A command was answered. */
  commanded(
    answer: Answer<{ readonly executionId: ExecutionId; readonly status: string }>,
    mark: LogMark,
    by: Answerer,
  ): void {
    if (answer.kind !== "ok") return;
    const { executionId, status } = answer.value;
    const execution = this.#model.executions.get(executionId);
    if (execution === undefined) {
      return this.#world.violate(
        "effectAfterLog",
        `A command of "${executionId}" is answered, which is not in the log`,
      );
    }
    this.#reads.knownStatus(execution, status, mark, by);
  }

  /** A worker's word was answered: what the answer says is in the log. */
  taskAnswered(call: TaskCall, answer: Answer<TaskAnswer>): void {
    const executions = [...this.#model.executions.values()];
    const execution = executions.find(({ tasks }) => tasks.has(call.taskId));
    const end = execution?.taskEnds.get(call.taskId);
    if (answer.kind === "refused") {
      if (answer.code === "Unavailable" || (call.kind === "activate" && execution?.activated.has(call.taskId))) return;
      if (answer.code === "NotFound" && execution?.isDeleted === true) return;
      const isOver = end !== undefined || (!isResult(call) && execution?.reclaimed.has(call.taskId) === true);
      if (answer.code !== "InvalidStatus" || !isOver) {
        this.#world.violate(
          "effectAfterLog",
          `${call.kind} ${call.taskId} is refused (${answer.code}) without a reason`,
        );
      }
      return;
    }
    const isTrue = isResult(call) && execution?.reclaimed.has(call.taskId) === true
      ? end?.type === "TaskTimedOutEvent" || end?.type === "TaskCanceledEvent"
      : call.kind === "complete"
      ? end?.type === "TaskCompletedEvent" && canonicalJson(end.output) === canonicalJson(call.output ?? null)
      : call.kind === "fail"
      ? end?.type === "TaskFailedEvent" && end.reason === call.error
      : execution?.activated.has(call.taskId) === true;
    if (!isTrue) {
      this.#world.violate("effectAfterLog", `${call.kind} ${call.taskId} is acknowledged but not in the log`);
    }
  }

  /** Only because of what the log says: the key is that of another start, or there is no such workflow. */
  #startRefused(
    start: Start,
    answer: Extract<Answer<unknown>, { kind: "refused" }>,
    mark: LogMark,
    by: Answerer,
  ): void {
    const { workflow } = start;
    if (answer.code === "Unavailable") return;
    if (answer.code === "NotFound") {
      const id = workflowId(start, workflow);
      // A start looks its workflow up among those that were acknowledged, and so does not wait for what is on its way.
      const sight = this.#model.kept.get(id)?.judge(undefined, mark.told.get(id) ?? 1) ?? "current";
      if (sight === "current" || !by.isCertain) return;
      // It was waited for, and deleted meanwhile.
      if (this.#holdersSince(start, mark).some(({ isDeleted }) => isDeleted)) return;
    }
    if (answer.code === "AlreadyExists") {
      const holders = this.#holdersSince(start, by.isCertain ? mark : undefined);
      if (holders.some((holder) => !isStartOf(start, holder))) return;
      return this.#world.violate(
        "oneKeyOneExecution",
        `A start with the key, workflow and input of "${holders[0]?.id}" is refused: ${answer.message}`,
      );
    }
    this.#world.violate("startsExistAndEnd", `A start is refused: ${answer.code}, ${answer.message}`);
  }

  /** Whose its key was when it was asked for, and since. */
  #holdersSince(start: Start, mark: LogMark | undefined): readonly ExecutionModel[] {
    if (start.key === undefined) return [];
    const name = keyName(start, start.key);
    return (this.#model.holders.get(name) ?? []).slice(Math.max(0, (mark?.holders.get(name) ?? 0) - 1));
  }
}

function isStartOf({ key, workflow, input }: Start, { started }: ExecutionModel): boolean {
  return started?.key === key && started?.workflow === workflow &&
    canonicalJson(started.input) === canonicalJson(input);
}

function isResult({ kind }: TaskCall): boolean {
  return kind === "complete" || kind === "fail";
}
