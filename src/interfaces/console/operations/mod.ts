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

/** What is served here, and whose executions the caller is shown where he names no space. */
export function overviewOperation(server: Pick<Overview, "version" | "home">): ConsoleOperation {
  return operation(Schema.Struct({}), ({ space }) => Effect.succeed<Overview>({ ...server, ...space }));
}
