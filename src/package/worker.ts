/** `import { WeftWorker } from "@weft-dev/weft/worker"`: takes tasks from the engine on NATS and does them. */
export { type RunningTask, TaskFailure, type TaskHandler, WeftWorker, type WeftWorkerOptions } from "../sdk/mod.ts";
export { WeftClient, type WeftClientOptions, WeftError, type WeftErrorCode } from "../sdk/mod.ts";
export type { ActivityId, ExecutionId, Json, JsonObject, Limits, TaskId } from "../values/mod.ts";
