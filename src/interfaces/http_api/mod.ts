export { ActivityTaskQueue, isActivity, type QueuedTask } from "./activity_task_queue.ts";
export type { ActivityTask, ActivityTasks } from "./activity_tasks.ts";
export { type HttpApi, type HttpApiOptions, HttpUnavailable, serveHttpApi } from "./server.ts";
export type { AwsScope } from "./wire/arns.ts";
