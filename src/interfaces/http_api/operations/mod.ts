import type { Operation } from "../call.ts";
import { executionOperations } from "./executions.ts";
import { historyOperations } from "./history.ts";
import { stateMachineOperations } from "./state_machines.ts";

/** Every operation of the API, by its name. */
export const operations: ReadonlyMap<string, Operation> = new Map(Object.entries({
  ...stateMachineOperations,
  ...executionOperations,
  ...historyOperations,
}));
