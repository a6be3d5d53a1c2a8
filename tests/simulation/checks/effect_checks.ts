/** What the engine lets out is compared with the log, at the moment it comes out. */
import type {
  ExecutionDescription,
  ExecutionSummary,
  FeedMessage,
  HistoryEvent,
  TaskAnswer,
} from "../../../src/runtime/mod.ts";
import type { TaskMessage } from "../../../src/tasks/port.ts";
import { canonicalJson, type ExecutionId, type Json } from "../../../src/values/mod.ts";
import type { ExecutionModel, ExecutionView } from "../model/execution_model.ts";
import type { LogModel } from "../model/log_model.ts";
import type { Answer } from "../world/gateway.ts";
import type { World } from "../world/world.ts";
import type { TaskCall } from "../workload/workers.ts";

export class EffectChecks {
  readonly #world: World;
  readonly #model: LogModel;

  constructor(world: World, model: LogModel) {
    this.#world = world;
    this.#model = model;
  }

  dispatched(message: TaskMessage): void {
    const { taskId, executionId, input, resource, attempt } = message;
    this.#world.note(() => `dispatch ${taskId}, attempt ${attempt}`);
    const created = this.#model.executions.get(executionId)?.tasks.get(taskId);
    if (created === undefined) {
      return this.#world.violate("effectAfterLog", `Task "${taskId}" is handed out before its turn is in the log`);
    }
    const isSame = created.resource === resource && created.attempt === attempt &&
      canonicalJson(created.input) === canonicalJson(input);
    if (!isSame) this.#world.violate("effectAfterLog", `Task "${taskId}" is not handed out as it stands in the log`);
  }

  fed(message: FeedMessage): void {
    const { executionId, sequence, events } = message;
    const turn = this.#model.executions.get(executionId)?.turns[sequence - 1];
    if (turn === undefined) {
      return this.#world.violate(
        "effectAfterLog",
        `The feed tells of turn ${sequence} of "${executionId}" before it is in the log`,
      );
    }
    turn.isFed = true;
    const said = events.map(({ id, type }) => `${id} ${type}`).join();
    const truth = turn.events.map(({ type }, index) => `${turn.firstEventId + index} ${type}`).join();
    if (said !== truth) {
      this.#world.violate(
        "feed",
        `The feed tells of turn ${sequence} of "${executionId}": ${said}, but it was ${truth}`,
      );
    }
  }

  /** A start was answered: the execution is in the log, with this key and input. */
  started(executionId: ExecutionId, status: string, key: string | undefined, input: Json): void {
    const execution = this.#model.executions.get(executionId);
    if (execution?.started === undefined) {
      return this.#world.violate("effectAfterLog", `The start of "${executionId}" is acknowledged but not in the log`);
    }
    if (execution.started.key !== key || canonicalJson(execution.started.input) !== canonicalJson(input)) {
      this.#world.violate("oneKeyOneExecution", `"${executionId}" is given to a start with another key or input`);
    }
    this.#knownStatus(execution, status);
  }

  /** A description must be one that was true after some turn, at the earliest the one known when it was asked for. */
  described(description: ExecutionDescription, turnsBefore: number): void {
    const execution = this.#summarized(description);
    if (execution === undefined) return;
    const { status, startedAt, endedAt, output, error, cause } = description;
    const view = { status, startedAt, endedAt, output, error, cause };
    this.#knownView(execution, view as ExecutionView, turnsBefore);
    if (canonicalJson(description.input) !== canonicalJson(execution.started?.input ?? null)) {
      this.#world.violate("effectAfterLog", `"${execution.id}" is described with another input`);
    }
  }

  listed(summaries: readonly ExecutionSummary[]): void {
    const seen = new Set<string>();
    for (const summary of summaries) {
      const execution = this.#summarized(summary);
      if (seen.has(summary.executionId)) {
        this.#world.violate("effectAfterLog", `"${summary.executionId}" is listed twice`);
      }
      seen.add(summary.executionId);
      if (execution !== undefined) this.#knownStatus(execution, summary.status);
    }
  }

  /** A page of a history: exactly the events that the log has, from `after` on. */
  told(executionId: ExecutionId, after: number, events: readonly HistoryEvent[], next: number | undefined): void {
    const execution = this.#model.executions.get(executionId);
    const all = execution?.turns.flatMap(({ events, atEpochMs }) => events.map((event) => ({ event, atEpochMs }))) ??
      [];
    for (const [index, told] of events.entries()) {
      const truth = all[after + index];
      const isSame = told.id === after + index + 1 && told.type === truth?.event.type &&
        told.timestamp === new Date(truth.atEpochMs).toISOString();
      if (!isSame) {
        return this.#world.violate(
          "history",
          `Event ${told.id} of "${executionId}" is told as ${told.type} behind ${
            after + index
          }, but the log has ${truth?.event.type}`,
        );
      }
    }
    const end = after + events.length;
    if (next !== undefined && next !== end) {
      this.#world.violate(
        "history",
        `The history of "${executionId}" goes on at ${next}, but it was told up to ${end}`,
      );
    }
  }

  /** A command was answered. */
  commanded(executionId: ExecutionId, status: string): void {
    const execution = this.#model.executions.get(executionId);
    if (execution === undefined) {
      return this.#world.violate(
        "effectAfterLog",
        `A command of "${executionId}" is answered, which is not in the log`,
      );
    }
    this.#knownStatus(execution, status);
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

  #summarized(summary: ExecutionSummary): ExecutionModel | undefined {
    const execution = this.#model.executions.get(summary.executionId);
    const started = execution?.started;
    if (started === undefined) {
      this.#world.violate("effectAfterLog", `"${summary.executionId}" is shown before it is in the log`);
      return undefined;
    }
    const isSame = started.key === summary.key && started.workflow === summary.workflow &&
      started.revision === summary.revision;
    if (!isSame) this.#world.violate("effectAfterLog", `"${summary.executionId}" is not shown as it was started`);
    return execution;
  }

  #knownView(execution: ExecutionModel, view: ExecutionView, turnsBefore: number): void {
    const wanted = canonicalJson({ ...view } as Json);
    // Once deleted, an execution shows how it had ended under its last status.
    const at = execution.turns.findLastIndex((turn) => turn.viewText === wanted);
    if (at < 0) {
      this.#world.violate("effectAfterLog", `"${execution.id}" is shown as ${wanted}, which the log does not say`);
    } else if (at + 1 < turnsBefore) {
      this.#world.violate("effectAfterLog", `"${execution.id}" is shown as it was before the question`);
    }
  }

  #knownStatus(execution: ExecutionModel, status: string): void {
    if (execution.turns.some(({ view }) => view.status === status)) return;
    this.#world.violate("effectAfterLog", `"${execution.id}" is said to be ${status}, which the log does not say`);
  }
}

function isResult({ kind }: TaskCall): boolean {
  return kind === "complete" || kind === "fail";
}
