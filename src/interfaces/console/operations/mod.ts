import { Effect, Schema } from "effect";
import { type ConsoleOperation, operation } from "../operation.ts";
import type { Overview } from "../wire.ts";
import { changeOperations } from "./changes.ts";
import { countOperations } from "./counts.ts";
import { executionOperations } from "./executions.ts";
import { taskOperations } from "./tasks.ts";

/** Every operation, by name. */
export const operations: Readonly<Record<string, ConsoleOperation>> = {
  ...executionOperations,
  ...countOperations,
  ...changeOperations,
  ...taskOperations,
};

/** What is served here. */
export function overviewOperation(overview: Overview): ConsoleOperation {
  return operation(Schema.Struct({}), () => Effect.succeed(overview));
}
