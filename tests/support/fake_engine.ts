import { Effect } from "effect";
import {
  type Engine,
  type ExecutionDescription,
  type ExecutionStanding,
  type ExecutionStatus,
  type FeedMessage,
  type HistoryEvent,
  RequestRefused,
  type TaskAnswer,
  type WorkflowDescription,
} from "../../src/runtime/engine.ts";
import type { TaskMessage } from "../../src/tasks/port.ts";
import {
  activityId,
  type ExecutionId,
  executionId,
  hash7,
  isJsonObject,
  type Json,
  present,
  sha256Hex,
  type Space,
  taskId,
  timestamp,
} from "../../src/values/mod.ts";

interface FakeExecution {
  readonly space: Space;
  description: ExecutionDescription;
  readonly history: HistoryEvent[];
  turns: number;
  readonly waiting: ((description: ExecutionDescription) => void)[];
}

interface FakeTask {
  readonly message: TaskMessage;
  status: TaskAnswer["status"];
}

/** What a fake engine does besides answering. */
export interface FakeEngineOptions {
  /** Called with each task that an execution creates. */
  readonly onTask?: (task: TaskMessage) => void;
  readonly onFeed?: (message: FeedMessage) => void;
}

/**
 * An engine for tests of surfaces, in a few maps: a workflow is one state with a `Resource`, an execution is one task, and the
 * task's outcome is the execution's. `requests` has what it was asked. Answers are given at once or, for those that wait, by a callback.
 */
export class FakeEngine implements Engine {
  readonly requests: { readonly operation: string; readonly request: unknown }[] = [];
  readonly executions = new Map<string, FakeExecution>();
  readonly tasks = new Map<string, FakeTask>();
  readonly workflows = new Map<string, WorkflowDescription & { readonly definition: Json }>();
  /** Answers given in place of its own, by operation. */
  readonly answers = new Map<string, Effect.Effect<never, RequestRefused>>();
  onTask: (task: TaskMessage) => void;
  onFeed: (message: FeedMessage) => void;
  #logical = 0;

  constructor(options: FakeEngineOptions = {}) {
    this.onTask = options.onTask ?? (() => {});
    this.onFeed = options.onFeed ?? (() => {});
  }

  putWorkflow(request: Space & { readonly name: string; readonly definition: string | Json }) {
    return this.#answer("putWorkflow", request, () => {
      const diagnostics = this.validateDefinition(request.definition);
      if (diagnostics.length > 0) {
        return refused("InvalidDefinition", "The definition is not a state machine", diagnostics);
      }
      const text = typeof request.definition === "string" ? request.definition : JSON.stringify(request.definition);
      const key = workflowKey(request, request.name);
      const before = this.workflows.get(key);
      const workflow = {
        name: request.name,
        revision: (before?.revision ?? 0) + 1,
        hash: sha256Hex(text),
        createdAt: before?.createdAt ?? now(),
        updatedAt: now(),
        definition: JSON.parse(text) as Json,
      };
      this.workflows.set(key, workflow);
      return Effect.succeed(workflow);
    });
  }

  describeWorkflow(request: Space & { readonly name: string }) {
    return this.#answer("describeWorkflow", request, () => this.#workflow(request, request.name));
  }

  listWorkflows(request: Space & { readonly limit?: number; readonly next?: string }) {
    return this.#answer("listWorkflows", request, () => {
      const prefix = workflowKey(request, "");
      const all = [...this.workflows].filter(([key]) => key.startsWith(prefix)).map(([, workflow]) => workflow);
      const { items, next } = page(all, request);
      return Effect.succeed({ workflows: items.map(({ definition: _, ...rest }) => rest), ...next });
    });
  }

  deleteWorkflow(request: Space & { readonly name: string }) {
    return this.#answer(
      "deleteWorkflow",
      request,
      () =>
        Effect.map(this.#workflow(request, request.name), ({ name }) => {
          this.workflows.delete(workflowKey(request, name));
          return { name };
        }),
    );
  }

  validateDefinition(definition: string | Json) {
    const machine = typeof definition === "string" ? parseOrNull(definition) : definition;
    if (isJsonObject(machine) && typeof machine["StartAt"] === "string" && isJsonObject(machine["States"])) return [];
    const message = "Expected an object with StartAt and States";
    return [{ severity: "ERROR", code: "SCHEMA_VALIDATION_FAILED", message, location: "" } as const];
  }

  startExecution(request: Parameters<Engine["startExecution"]>[0]) {
    return this.#answer(
      "startExecution",
      request,
      () => Effect.map(this.#start(request), ({ description: { executionId, status } }) => ({ executionId, status })),
    );
  }

  runExecution(request: Parameters<Engine["runExecution"]>[0]) {
    return this.#answer("runExecution", request, () => Effect.flatMap(this.#start(request), whenEnded));
  }

  awaitExecution(request: Space & { readonly executionId: string }) {
    return this.#answer("awaitExecution", request, () => Effect.flatMap(this.#execution(request), whenEnded));
  }

  describeExecution(request: Parameters<Engine["describeExecution"]>[0]) {
    return this.#answer(
      "describeExecution",
      request,
      () =>
        Effect.map(
          this.#execution(request),
          (execution) =>
            request.states === true
              ? { ...execution.description, standing: standingOf(execution) }
              : execution.description,
        ),
    );
  }

  executionHistory(request: Parameters<Engine["executionHistory"]>[0]) {
    return this.#answer("executionHistory", request, () =>
      Effect.map(this.#execution(request), ({ history }) => {
        const after = request.after ?? 0;
        const events = history.filter(({ id }) => id > after).slice(0, request.limit ?? 100);
        const last = events.at(-1)?.id ?? after;
        return { events, ...(last < history.length ? { next: last } : {}) };
      }));
  }

  listExecutions(request: Parameters<Engine["listExecutions"]>[0]) {
    return this.#answer("listExecutions", request, () => {
      const all = [...this.executions.values()].reverse()
        .filter(({ space }) => space.tenant === request.tenant && space.namespace === request.namespace)
        .map(({ description: { input: _, output: __, cause: ___, ...summary } }) => summary)
        .filter(({ workflow, status }) =>
          workflow === (request.workflow ?? workflow) && status === (request.status ?? status)
        );
      const { items, next } = page(all, request);
      return Effect.succeed({ executions: items, ...next });
    });
  }

  cancelExecution(request: Parameters<Engine["cancelExecution"]>[0]) {
    return this.#answer("cancelExecution", request, () =>
      Effect.flatMap(this.#execution(request), (execution) => {
        if (execution.description.endedAt !== undefined) return refused("InvalidStatus", "It has ended");
        const { error, cause } = request;
        this.#end(execution, "Canceled", {
          ...(error === undefined ? {} : { error }),
          ...(cause === undefined ? {} : { cause }),
        });
        return Effect.succeed(statusOf(execution));
      }));
  }

  redriveExecution(request: Parameters<Engine["redriveExecution"]>[0]) {
    return this.#answer("redriveExecution", request, () =>
      Effect.flatMap(this.#execution(request), (execution) => {
        const { status } = execution.description;
        if (status !== "Failed" && status !== "Canceled") return refused("InvalidStatus", "It has not failed");
        const { endedAt: _, error: __, cause: ___, ...description } = execution.description;
        execution.description = { ...description, status: "Running" };
        return Effect.succeed({ ...statusOf(execution), redriveCount: 1 });
      }));
  }

  deleteExecution(request: Space & { readonly executionId: string }) {
    return this.#answer("deleteExecution", request, () =>
      Effect.flatMap(this.#execution(request), (execution) => {
        if (execution.description.endedAt === undefined) return refused("InvalidStatus", "It has not ended");
        this.executions.delete(execution.description.executionId);
        return Effect.succeed({ ...statusOf(execution), status: "Deleting" as const });
      }));
  }

  completeTask(request: Space & { readonly token: string; readonly output: Json }) {
    return this.#answer(
      "completeTask",
      request,
      () =>
        this.#endTask(
          request,
          "Completed",
          (execution) => this.#end(execution, "Succeeded", { output: request.output }),
        ),
    );
  }

  failTask(request: Parameters<Engine["failTask"]>[0]) {
    const { error, cause } = request;
    return this.#answer(
      "failTask",
      request,
      () =>
        this.#endTask(request, "Failed", (execution) =>
          this.#end(execution, "Failed", {
            ...(error === undefined ? {} : { error }),
            ...(cause === undefined ? {} : { cause }),
          })),
    );
  }

  submitTask(request: Space & { readonly token: string; readonly output: Json }) {
    return this.#answer("submitTask", request, () => this.#endTask(request, "Activated", () => {}));
  }

  heartbeatTask(request: Space & { readonly token: string }) {
    return this.#answer("heartbeatTask", request, () => this.#endTask(request, "Activated", () => {}));
  }

  activateTask(request: Space & { readonly token: string }) {
    return this.#answer("activateTask", request, () => this.#endTask(request, "Activated", () => {}));
  }

  /** Adds events as one turn of the execution and, unless `lost`, tells the feed. */
  record(id: ExecutionId, types: readonly string[], options: { readonly lost?: boolean } = {}): void {
    const execution = this.executions.get(id);
    if (execution === undefined) throw new Error(`There is no execution "${id}"`);
    const events = types.map((type, index) => ({ id: execution.history.length + index + 1, type, timestamp: now() }));
    execution.history.push(...events);
    execution.turns++;
    const { space, turns } = execution;
    if (options.lost !== true) this.onFeed({ ...space, executionId: id, sequence: turns, events });
  }

  #answer<T>(
    operation: string,
    request: unknown,
    give: () => Effect.Effect<T, RequestRefused>,
  ): Effect.Effect<T, RequestRefused> {
    return Effect.suspend((): Effect.Effect<T, RequestRefused> => {
      this.requests.push({ operation, request });
      return this.answers.get(operation) ?? give();
    });
  }

  #start(request: Parameters<Engine["startExecution"]>[0]): Effect.Effect<FakeExecution, RequestRefused> {
    return Effect.flatMap(this.#workflow(request, request.workflow), (workflow) => {
      const { key, input } = request;
      const known = key === undefined
        ? undefined
        : [...this.executions.values()].find((e) => e.description.key === key);
      if (known !== undefined) {
        if (JSON.stringify(known.description.input) === JSON.stringify(input)) return Effect.succeed(known);
        return refused("AlreadyExists", `There is an execution with key "${key}" and another input`);
      }
      return Effect.succeed(this.#create(request, workflow));
    });
  }

  #create(
    request: Parameters<Engine["startExecution"]>[0],
    workflow: WorkflowDescription & { readonly definition: Json },
  ) {
    const { tenant, namespace, key, input } = request;
    const space = { tenant, namespace };
    const at = timestamp(1_900_000_000, ++this.#logical);
    const id = executionId(space, hash7(key ?? String(this.#logical)), at);
    const description: ExecutionDescription = {
      executionId: id,
      workflow: workflow.name,
      revision: workflow.revision,
      ...(key === undefined ? {} : { key }),
      status: "Running",
      input,
      startedAt: now(),
    };
    const execution: FakeExecution = { space, description, history: [], turns: 0, waiting: [] };
    this.executions.set(id, execution);
    this.record(id, ["ExecutionStartedEvent", "StateStartedEvent", "TaskCreatedEvent"]);
    const [stateName = "", state = {}] = Object.entries(statesOf(workflow.definition))[0] ?? [];
    const message: TaskMessage = {
      taskId: taskId(space, hash7(String(state["Resource"])), at),
      token: `token-${this.#logical}`,
      executionId: id,
      activityId: activityId(id, at),
      stateName,
      resource: String(state["Resource"]),
      input,
      attempt: 1,
      createdAt: now(),
      ...(typeof state["TimeoutSeconds"] === "number" ? { timeoutSeconds: state["TimeoutSeconds"] } : {}),
      ...(typeof state["HeartbeatSeconds"] === "number" ? { heartbeatSeconds: state["HeartbeatSeconds"] } : {}),
    };
    this.tasks.set(message.token, { message, status: "Created" });
    this.onTask(message);
    return execution;
  }

  #endTask(
    request: Space & { readonly token: string },
    status: TaskAnswer["status"],
    then: (execution: FakeExecution) => void,
  ): Effect.Effect<TaskAnswer, RequestRefused> {
    const task = this.tasks.get(request.token);
    const execution = task === undefined ? undefined : this.executions.get(task.message.executionId);
    if (task === undefined || execution === undefined || execution.space.tenant !== request.tenant) {
      return refused("InvalidToken", "There is no such token");
    }
    if (task.status === "Completed" || task.status === "Failed") return refused("InvalidStatus", "The task has ended");
    task.status = status;
    then(execution);
    return Effect.succeed({ taskId: task.message.taskId, status });
  }

  #end(
    execution: FakeExecution,
    status: ExecutionStatus,
    outcome: { readonly output?: Json; readonly error?: string; readonly cause?: string },
  ): void {
    execution.description = { ...execution.description, ...outcome, status, endedAt: now() };
    this.record(execution.description.executionId, [
      "TaskCompletedEvent",
      "StateCompletedEvent",
      "ExecutionCompletedEvent",
    ]);
    for (const wake of execution.waiting.splice(0)) wake(execution.description);
  }

  #workflow(space: Space, name: string) {
    const workflow = this.workflows.get(workflowKey(space, name));
    return workflow === undefined ? refused("NotFound", `Workflow "${name}" does not exist`) : Effect.succeed(workflow);
  }

  #execution(request: Space & { readonly executionId: string }) {
    const execution = this.executions.get(request.executionId);
    if (execution !== undefined && execution.space.tenant === request.tenant) return Effect.succeed(execution);
    return refused("NotFound", `Execution "${request.executionId}" does not exist`);
  }
}

function whenEnded(execution: FakeExecution): Effect.Effect<ExecutionDescription> {
  if (execution.description.endedAt !== undefined) return Effect.succeed(execution.description);
  return Effect.callback((resume) => {
    execution.waiting.push((description) => resume(Effect.succeed(description)));
  });
}

function refused(
  code: RequestRefused["code"],
  message: string,
  diagnostics?: readonly unknown[],
): Effect.Effect<never, RequestRefused> {
  return Effect.fail(new RequestRefused({ code, message, ...(diagnostics === undefined ? {} : { diagnostics }) }));
}

function page<T>(all: readonly T[], request: { readonly limit?: number; readonly next?: string }) {
  const from = Number(request.next ?? 0);
  const to = from + (request.limit ?? 100);
  return { items: all.slice(from, to), next: to < all.length ? { next: String(to) } : {} };
}

function statesOf(definition: Json): Record<string, Record<string, Json>> {
  return (definition as { readonly States: Record<string, Record<string, Json>> }).States;
}

function statusOf({ description: { executionId, status } }: FakeExecution) {
  return { executionId, status };
}

function workflowKey({ tenant, namespace }: Space, name: string): string {
  return `${tenant}/${namespace}/${name}`;
}

function parseOrNull(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function now(): string {
  return new Date().toISOString();
}

/** Its one state, or that at which it failed. */
function standingOf({ description, history }: FakeExecution): ExecutionStanding {
  const begun = history.find(({ type }) => type === "StateStartedEvent");
  const [stateName, activityId] = [String(begun?.["stateName"] ?? "Do"), String(begun?.["activityId"] ?? "a")];
  if (description.endedAt !== undefined) {
    const { error, cause } = description;
    return {
      states: [],
      openCount: 0,
      ...(description.status === "Failed" ? { failed: { activityId, stateName, ...present({ error, cause }) } } : {}),
    };
  }
  const state = {
    activityId,
    stateName,
    stateType: "Task",
    status: "Running",
    enteredAt: description.startedAt,
    attempt: 1,
  } as const;
  return { states: [state], openCount: 1 };
}
