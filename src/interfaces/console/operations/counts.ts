/** Executions by status. */
import { Effect, Schema } from "effect";
import { executionStatuses } from "../../../protocol/mod.ts";
import { type ConsoleAnswer, type ConsoleCall, type ConsoleOperation, operation } from "../operation.ts";
import type { StatusCounts } from "../wire.ts";

/** Counted of each status; there may be a million. */
const COUNTED_MAX = 1_000;

function counts(call: ConsoleCall): ConsoleAnswer<StatusCounts> {
  return Effect.gen(function* () {
    const counted: Record<string, StatusCounts["counts"][string]> = {};
    for (const status of executionStatuses) {
      const { executions, next } = yield* call.registry.listDetails({
        ...call.space,
        of: "all",
        statuses: [status],
        limit: COUNTED_MAX,
      });
      counted[status] = { count: executions.length, atLeast: next !== undefined };
    }
    return { counts: counted };
  });
}

/** By name. */
export const countOperations: Readonly<Record<string, ConsoleOperation>> = {
  "executions/counts": operation(Schema.Struct({}), counts),
};
