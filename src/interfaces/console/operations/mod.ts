import { Effect, Schema } from "effect";
import { type ConsoleOperation, operation } from "../operation.ts";
import type { Partition } from "../../../runtime/mod.ts";
import { present } from "../../../values/mod.ts";
import type { EngineStatus, Overview } from "../wire.ts";
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

/** How the partitions of this node stand. */
export function engineOperation(partitions: readonly Pick<Partition, "partition" | "status">[]): ConsoleOperation {
  return operation(Schema.Struct({}), () =>
    Effect.sync((): EngineStatus => ({
      partitions: partitions.map(({ partition, status }) => {
        const now = status();
        return {
          partition,
          kind: now.kind,
          ...present({
            epoch: now.kind === "leading" ? now.epoch : undefined,
            incident: now.kind === "stopped" ? now.incident : undefined,
          }),
        };
      }),
    })));
}
