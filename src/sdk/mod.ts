export { type RunningTask, type TaskBacklog, TaskFailure, type TaskHandler } from "../tasks/mod.ts";
export * from "./client_options.ts";
export * from "./cluster_reports.ts";
export * from "./feed.ts";
export * from "./feed_order.ts";
export * from "./standing_orders.ts";
export * from "./weft_client.ts";
export { WeftError, type WeftErrorCode } from "./weft_error.ts";
export * from "./weft_worker.ts";
