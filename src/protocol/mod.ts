export * from "./batch.ts";
export * from "./commands.ts";
export * from "./contexts.ts";
export * from "./events.ts";
export type { ActorId, EndStatus } from "./fields.ts";
export * from "./map_run_order.ts";
export * from "./partition_events.ts";
export * from "./rejections.ts";
export * from "./turn.ts";
