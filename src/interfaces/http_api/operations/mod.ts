import type { Operation } from "../call.ts";
import { activityOperations } from "./activities.ts";
import { aliasOperations } from "./aliases.ts";
import { describeOperations } from "./describe_execution.ts";
import { historyOperations } from "./history.ts";
import { listOperations } from "./list_executions.ts";
import { mapRunOperations } from "./map_runs.ts";
import { redriveOperations } from "./redrive.ts";
import { startOperations } from "./start_execution.ts";
import { stateMachineOperations } from "./state_machines.ts";
import { tagOperations } from "./tags.ts";
import { taskOperations } from "./task_outcomes.ts";
import { testStateOperations } from "./test_state.ts";
import { validationOperations } from "./validation.ts";
import { versionOperations } from "./versions.ts";

/** Every operation of the API, by its name. */
export const operations: ReadonlyMap<string, Operation> = new Map(Object.entries({
  ...activityOperations,
  ...aliasOperations,
  ...describeOperations,
  ...listOperations,
  ...startOperations,
  ...historyOperations,
  ...mapRunOperations,
  ...redriveOperations,
  ...stateMachineOperations,
  ...tagOperations,
  ...taskOperations,
  ...testStateOperations,
  ...validationOperations,
  ...versionOperations,
}));
