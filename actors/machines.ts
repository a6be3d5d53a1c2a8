/** The machines of the actors, ready to be applied. */
import type {
  ActivityContext,
  ActivityEvent,
  ActivityStatus,
  ChildEvent,
  ChildStatus,
  ExecutionContext,
  ExecutionEvent,
  ExecutionStatus,
  TaskContext,
  TaskEvent,
  TaskStatus,
} from "../src/protocol/mod.ts";
import { activityMachine, activityUpdates } from "./activity/activity_machine.ts";
import { childMachine, childUpdates } from "./child/child_machine.ts";
import type { ChildContext } from "./child/child_records.ts";
import { executionMachine, executionUpdates } from "./execution/execution_machine.ts";
import { type FlatMachine, flatMachine } from "./flat_machine.ts";
import { taskMachine, taskUpdates } from "./task/task_machine.ts";

/** {@link executionMachine} as a table. */
export const executions: FlatMachine<ExecutionStatus, ExecutionContext, ExecutionEvent> = flatMachine(
  executionMachine,
  executionUpdates,
);
/** {@link activityMachine} as a table. */
export const activities: FlatMachine<ActivityStatus, ActivityContext, ActivityEvent> = flatMachine(
  activityMachine,
  activityUpdates,
);
/** {@link childMachine} as a table: of branches and iterations. */
export const children: FlatMachine<ChildStatus, ChildContext, ChildEvent> = flatMachine(childMachine, childUpdates);
/** {@link taskMachine} as a table. */
export const tasks: FlatMachine<TaskStatus, TaskContext, TaskEvent> = flatMachine(taskMachine, taskUpdates);
