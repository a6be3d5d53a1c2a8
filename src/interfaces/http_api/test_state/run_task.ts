import { Effect, Result } from "effect";
import { type AwsAnswer, spaceOf } from "../../../aws/mod.ts";
import type { TaskState } from "../../../language/types.ts";
import type { Json } from "../../../values/mod.ts";
import type { AwsCall } from "../call.ts";
import type { WorkResult } from "./run_test.ts";

/** Names of the workflows that run tasks under test; they are not listed. */
export const TEST_WORKFLOW_PREFIX = "weft-test-state-";

/** How long a test may run, seconds. */
const TEST_SECONDS_MAX = 300;

/**
 * Has a task done by whoever does tasks of its resource: as the only state of a workflow that is gone afterwards.
 * Retries and catchers are the test's own concern.
 */
export function runTask(call: AwsCall, state: TaskState, input: Json): AwsAnswer<WorkResult> {
  const space = spaceOf(call.scope);
  const name = `${TEST_WORKFLOW_PREFIX}${call.draws.uuid()}`;
  const timeoutSeconds = typeof state.TimeoutSeconds === "number" ? { TimeoutSeconds: state.TimeoutSeconds } : {};
  const definition = {
    StartAt: "Task",
    TimeoutSeconds: TEST_SECONDS_MAX,
    QueryLanguage: "JSONata",
    // What was evaluated already, as it is.
    States: {
      Task: { Type: "Task", Resource: state.Resource, Arguments: "{% $states.input %}", ...timeoutSeconds, End: true },
    },
  };
  const run = Effect.gen(function* () {
    yield* call.engine.putWorkflow({ ...space, name, definition });
    const ended = yield* call.registry.runKeyed({ ...space, workflow: name, input });
    yield* Effect.ignore(call.engine.deleteExecution({ ...space, executionId: ended.executionId }));
    if (ended.status === "Succeeded") return Result.succeed(ended.output ?? null);
    const { error, cause } = ended;
    return Result.fail(ended.timedOut === true ? { error: "States.Timeout" } : { error, cause });
  });
  return Effect.ensuring(run, Effect.ignore(call.engine.deleteWorkflow({ ...space, name })));
}
