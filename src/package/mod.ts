/**
 * `import { Executor } from "@weft-dev/weft"`: one state machine in one process, on SQLite or in memory.
 *
 * What is exported here and in the files beside it is the package's interface: it changes with a version only.
 */
export { Executor, type ExecutorOptions, type NatsSettings } from "../homes/mod.ts";
export { type RunningTask, TaskFailure, type TaskHandler } from "../sdk/mod.ts";
export type { ExecutionDescription, ExecutionStatus } from "../runtime/engine.ts";
export type { Diagnostic } from "../language/types.ts";
export { validateDefinition } from "../language/mod.ts";
export type { ActivityId, ExecutionId, Json, JsonObject, Limits, TaskId } from "../values/mod.ts";
