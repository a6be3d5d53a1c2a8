export { ActivityTaskQueue, isActivity, type QueuedTask } from "./activity_task_queue.ts";
export type { ActivityTask, ActivityTasks } from "./activity_tasks.ts";
export { type HttpApi, type HttpApiOptions, HttpUnavailable, serveHttpApi } from "./server.ts";
export {
  type NestedCaller,
  nestedRefusal,
  type NestedRequest,
  type NestedStart,
  shownNested,
  startedChild,
  startNested,
} from "./executions/nested.ts";
export type { HttpTrace, TraceHttp } from "./test_state/trace_http.ts";
export { executionKey } from "./executions/execution_names.ts";
export { type AwsScope, executionArn, expressArn, machineArn, mapRunArn } from "./wire/arns.ts";
