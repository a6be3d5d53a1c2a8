/**
 * Mocked tasks: an execution that was started with a test case (`…:stateMachine:name#testCase`) takes the results of the states that the
 * test case names from the mock configuration; nobody is asked. All its other tasks go where they always go.
 *
 * Which invocation of its state a task is stands in the execution's history, so a restart changes nothing.
 */
import { Cache, Deferred, Duration, Effect, Exit } from "effect";
import { shownAsOf } from "../../aws/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import { type ActivityId, type ExecutionId, parseTaskId, present, type Space } from "../../values/mod.ts";
import { type NumberedEvent, RequestRefused } from "../../runtime/mod.ts";
import { untilAnswered } from "../engine_requests.ts";
import type { RunnerEngine } from "../integration_runner.ts";
import type { Integration, IntegrationRun, TaskResult } from "../port.ts";
import { MockConfig, outcomeAt, type TestCase } from "./mock_config.ts";

const HISTORY_PAGE = 1_000;
/** Executions whose test case is remembered. */
const KNOWN_MAX = 10_000;

/** An execution's test case; its name where the configuration does not have it; `undefined`: it was started with none. */
type KnownCase = TestCase | string | undefined;

/** Does the mocked tasks. To be asked first, and for every task. */
export class MockIntegration implements Integration {
  readonly name = "mocks";
  readonly #engine: Deferred.Deferred<RunnerEngine>;
  readonly #known: Cache.Cache<ExecutionId, KnownCase, RequestRefused>;

  private constructor(
    engine: Deferred.Deferred<RunnerEngine>,
    known: Cache.Cache<ExecutionId, KnownCase, RequestRefused>,
  ) {
    this.#engine = engine;
    this.#known = known;
  }

  /** @throws {MockConfigInvalid} at once */
  static make(file: { readonly path: string; readonly text: string }): Effect.Effect<MockIntegration> {
    const config = new MockConfig(file);
    return Effect.gen(function* () {
      const engine = yield* Deferred.make<RunnerEngine>();
      const known = yield* Cache.makeWith(
        (executionId: ExecutionId) =>
          Effect.flatMap(Deferred.await(engine), (known) => testCaseOf(config, known, executionId)),
        { capacity: KNOWN_MAX, timeToLive: (exit) => Exit.isSuccess(exit) ? Duration.infinity : Duration.zero },
      );
      return new MockIntegration(engine, known);
    });
  }

  /** From here on it can look executions up. */
  start(engine: RunnerEngine): void {
    Deferred.doneUnsafe(this.#engine, Exit.succeed(engine));
  }

  /** Which tasks are mocked depends on their executions: see {@link isMocked}. */
  handles(): boolean {
    return true;
  }

  /** True when the task's result is in the configuration. */
  isMocked({ executionId, stateName }: TaskMessage): Effect.Effect<boolean, RequestRefused> {
    return Effect.map(
      Cache.get(this.#known, executionId),
      (testCase) => typeof testCase === "string" || testCase?.has(stateName) === true,
    );
  }

  run(task: TaskMessage, run: IntegrationRun): Effect.Effect<TaskResult, RequestRefused> {
    const known = this.#known;
    return Effect.gen(function* () {
      const testCase = yield* Cache.get(known, task.executionId);
      if (typeof testCase === "string") {
        return failed(`The mock configuration has no test case '${testCase}' of this state machine`);
      }
      const mocked = testCase?.get(task.stateName);
      const invocation = yield* invocationOf(task, run);
      const outcome = mocked === undefined ? undefined : outcomeAt(mocked.response, invocation);
      if (outcome === undefined) {
        return failed(
          `The mocked response '${mocked?.name}' has nothing for invocation ${invocation} of '${task.stateName}'`,
        );
      }
      if ("Return" in outcome) return { kind: "Completed", output: outcome.Return, isFinal: true } as const;
      const { Error: error, Cause } = outcome.Throw;
      return { kind: "Failed", error, ...present({ cause: Cause }) } as const;
    });
  }

  /** A mocked task has started nothing. */
  reclaim(): Effect.Effect<void> {
    return Effect.void;
  }
}

function failed(cause: string): TaskResult {
  return { kind: "Failed", error: "States.Runtime", cause };
}

function testCaseOf(
  config: MockConfig,
  { registry }: RunnerEngine,
  executionId: ExecutionId,
): Effect.Effect<KnownCase, RequestRefused> {
  const detail = untilAnswered(() => registry.executionById({ ...spaceOf(executionId), executionId }));
  return Effect.map(detail, (detail) => {
    const testCase = shownAsOf(detail).Asked?.testCase;
    return testCase === undefined ? undefined : config.testCase(detail.workflow, testCase) ?? testCase;
  });
}

/** How often the task's state was run before it in this execution: retries and further visits alike. */
function invocationOf(
  { executionId, taskId, stateName }: TaskMessage,
  { registry }: IntegrationRun,
): Effect.Effect<number, RequestRefused> {
  const { tenant, namespace } = parseTaskId(taskId) ?? { tenant: "", namespace: "" };
  const address = { tenant, namespace, executionId };
  return Effect.gen(function* () {
    const states = new Map<ActivityId, string>();
    let count = 0;
    for (let after: number | undefined = 0; after !== undefined;) {
      const from: number = after;
      const page: { readonly events: readonly NumberedEvent[]; readonly next?: number } = yield* untilAnswered(
        () => registry.executionEvents({ ...address, after: from, limit: HISTORY_PAGE }),
      );
      for (const { event } of page.events) {
        if (event.type === "StateStartedEvent") states.set(event.activityId, event.stateName);
        if (event.type !== "TaskCreatedEvent") continue;
        if (event.taskId === taskId) return count;
        if (states.get(event.activityId) === stateName) count += 1;
      }
      after = page.next;
    }
    const message = `The history of "${executionId}" lacks its task "${taskId}"`;
    return yield* Effect.fail(new RequestRefused({ code: "Internal", message }));
  });
}

function spaceOf(executionId: ExecutionId): Space {
  const [, tenant = "", namespace = ""] = executionId.split("/");
  return { tenant, namespace };
}
