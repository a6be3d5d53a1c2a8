/** The machines of the five actors, ready to be applied. */
import type {
  ActivityContext,
  BranchContext,
  ExecutionContext,
  IterationContext,
  TaskContext,
} from "../src/protocol/mod.ts";
import type { ActivityStatus, ChildStatus, ExecutionStatus, TaskStatus } from "./actor.ts";
import { activityMachine } from "./activity/activity_machine.ts";
import { branchMachine } from "./branch/branch_machine.ts";
import { executionMachine } from "./execution/execution_machine.ts";
import { flatMachine } from "./flat_machine.ts";
import { iterationMachine } from "./iteration/iteration_machine.ts";
import { taskMachine } from "./task/task_machine.ts";

/** {@link executionMachine} as a table. */
export const executions = flatMachine<ExecutionStatus, ExecutionContext>(executionMachine);
/** {@link activityMachine} as a table. */
export const activities = flatMachine<ActivityStatus, ActivityContext>(activityMachine);
/** {@link branchMachine} as a table. */
export const branches = flatMachine<ChildStatus, BranchContext>(branchMachine);
/** {@link iterationMachine} as a table. */
export const iterations = flatMachine<ChildStatus, IterationContext>(iterationMachine);
/** {@link taskMachine} as a table. */
export const tasks = flatMachine<TaskStatus, TaskContext>(taskMachine);
