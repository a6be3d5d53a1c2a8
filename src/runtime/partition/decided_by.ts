import type { HotExecution } from "./hot_execution.ts";
import type { PartitionInput } from "./partition_input.ts";
import type { PartitionMemory } from "./partition_memory.ts";

/** Inputs for which something of a state is evaluated. */
const needDefinition: ReadonlySet<PartitionInput["kind"]> = new Set(["command", "timers", "continue", "scope"]);

/** Executions whose definitions are needed to take these inputs up. */
export function decidedBy(inputs: readonly PartitionInput[], { hot }: PartitionMemory): readonly HotExecution[] {
  return inputs.flatMap((input) =>
    "executionId" in input && needDefinition.has(input.kind) ? hot.get(input.executionId) ?? [] : []
  );
}
