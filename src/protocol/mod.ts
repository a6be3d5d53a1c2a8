export * from "./batch.ts";
export * from "./batch_seal.ts";
export * from "./commands.ts";
export * from "./contexts.ts";
export * from "./events.ts";
export type { ActorId, EndStatus } from "./fields.ts";
export * from "./history_place.ts";
export * from "./history_types.ts";
export * from "./map_run_order.ts";
export * from "./partition_events.ts";
export {
  isCommand,
  isEvent,
  payloadFieldsOf,
  readRecord,
  recordFormat,
  shortenedFieldsOf,
  type TakenUpCommand,
  type TurnRecord,
} from "./records.ts";
export * from "./rejections.ts";
export * from "./resumption.ts";
export type { StartFacts, StartOptions } from "./start_facts.ts";
export * from "./turn.ts";
export * from "./versions.ts";
