/**
 * Mocked tasks: an execution that was started with a test case (`…:stateMachine:name#testCase`) takes the results of the states that the
 * test case names from the mock configuration; nobody is asked. All its other tasks go where they always go.
 *
 * Which invocation of its state a task is stands in the execution's history, so a restart changes nothing.
 */
import { shownAsOf } from "../../aws/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import { type ExecutionId, parseTaskId, present, type Space } from "../../values/mod.ts";
import { type HistoryEvent, RequestRefused } from "../../runtime/mod.ts";
import type { RunnerEngine } from "../integration_runner.ts";
import { ask } from "../map_run/asking.ts";
import type { Integration, IntegrationRun, TaskResult } from "../port.ts";
import { MockConfig, outcomeAt, type TestCase } from "./mock_config.ts";

const HISTORY_PAGE = 1_000;
/** Executions whose test case is remembered. */
const KNOWN_MAX = 10_000;

/** Does the mocked tasks. To be asked first, and for every task. */
export class MockIntegration implements Integration {
  readonly name = "mocks";
  readonly #config: MockConfig;
  readonly #engine = Promise.withResolvers<RunnerEngine>();
  readonly #stopping = new AbortController();
  readonly #known = new Map<ExecutionId, Promise<TestCase | string | undefined>>();

  /** @throws {MockConfigInvalid} */
  constructor(file: { readonly path: string; readonly text: string }) {
    this.#config = new MockConfig(file);
  }

  /** From here on it can look executions up. */
  start(engine: RunnerEngine): void {
    this.#engine.resolve(engine);
  }

  close(): void {
    this.#stopping.abort();
    this.#known.clear();
  }

  /** Which tasks are mocked depends on their executions: see {@link isMocked}. */
  handles(): boolean {
    return true;
  }

  /** True when the task's result is in the configuration. */
  async isMocked({ executionId, stateName }: TaskMessage): Promise<boolean> {
    const testCase = await this.#testCase(executionId);
    return typeof testCase === "string" || testCase?.has(stateName) === true;
  }

  async run(task: TaskMessage, run: IntegrationRun): Promise<TaskResult> {
    const testCase = await this.#testCase(task.executionId);
    if (typeof testCase === "string") {
      const cause = `The mock configuration has no test case '${testCase}' of this state machine`;
      return { kind: "Failed", error: "States.Runtime", cause };
    }
    const mocked = testCase?.get(task.stateName);
    const invocation = await invocationOf(task, run);
    const outcome = mocked === undefined ? undefined : outcomeAt(mocked.response, invocation);
    if (outcome === undefined) {
      const cause =
        `The mocked response '${mocked?.name}' has nothing for invocation ${invocation} of '${task.stateName}'`;
      return { kind: "Failed", error: "States.Runtime", cause };
    }
    if ("Return" in outcome) return { kind: "Completed", output: outcome.Return, isFinal: true };
    const { Error: error, Cause } = outcome.Throw;
    return { kind: "Failed", error, ...present({ cause: Cause }) };
  }

  /** A mocked task has started nothing. */
  async reclaim(): Promise<void> {}

  /** The execution's test case; its name where the configuration does not have it. */
  #testCase(executionId: ExecutionId): Promise<TestCase | string | undefined> {
    const known = this.#known.get(executionId);
    if (known !== undefined) return known;
    const found = this.#find(executionId);
    found.catch(() => this.#known.delete(executionId));
    this.#known.set(executionId, found);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
    return found;
  }

  async #find(executionId: ExecutionId): Promise<TestCase | string | undefined> {
    const { registry } = await this.#engine.promise;
    const space = spaceOf(executionId);
    const detail = await ask(() => registry.executionById({ ...space, executionId }), this.#stopping.signal);
    const testCase = shownAsOf(detail).Asked?.testCase;
    if (testCase === undefined) return undefined;
    return this.#config.testCase(detail.workflow, testCase) ?? testCase;
  }
}

/** How often the task's state was run before it in this execution: retries and further visits alike. */
async function invocationOf(
  { executionId, taskId, stateName }: TaskMessage,
  { engine, signal }: IntegrationRun,
): Promise<number> {
  const space = parseTaskId(taskId) ?? { tenant: "", namespace: "" };
  const address = { tenant: space.tenant, namespace: space.namespace, executionId };
  const states = new Map<string, string>();
  let count = 0;
  for (let after: number | undefined = 0; after !== undefined;) {
    const from: number = after;
    const page: { readonly events: readonly HistoryEvent[]; readonly next?: number } = await ask(
      () => engine.executionHistory({ ...address, after: from, limit: HISTORY_PAGE }),
      signal,
    );
    for (const { type, activityId, stateName: name, taskId: id } of page.events) {
      if (type === "StateStartedEvent") states.set(String(activityId), String(name));
      if (type !== "TaskCreatedEvent") continue;
      if (id === taskId) return count;
      if (states.get(String(activityId)) === stateName) count += 1;
    }
    after = page.next;
  }
  throw new RequestRefused({ code: "Internal", message: `The history of "${executionId}" lacks its task "${taskId}"` });
}

function spaceOf(executionId: ExecutionId): Space {
  const [, tenant = "", namespace = ""] = executionId.split("/");
  return { tenant, namespace };
}
