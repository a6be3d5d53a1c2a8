import { Effect } from "effect";
import type { ExecutionDetail, ListedExecution, Registry } from "../../../src/runtime/mod.ts";
import type { Space } from "../../../src/values/mod.ts";

/** Listed executions with their payloads, in the order of the list. */
export async function detailsOf(
  registry: Registry,
  space: Space,
  listed: readonly ListedExecution[],
): Promise<readonly ExecutionDetail[]> {
  return await Effect.runPromise(
    Effect.forEach(listed, ({ executionId }) => registry.executionById({ ...space, executionId })),
  );
}
