export type { StateInScope } from "../../actors/mod.ts";
export { effectClock, pauseFor, type Randomness, systemClock, systemRandomness, type WallClock } from "./clock.ts";
export { DefinitionCache } from "./definition_cache.ts";
export {
  CLUSTER_SETTINGS_KEY,
  ClusterSealed,
  type ClusterSettings,
  loadClusterSettings,
  readClusterSettings,
  type Sealing,
} from "./cluster_settings.ts";
export * from "./engine.ts";
export { DRIFT_SECONDS_MAX, HlcSource } from "./hlc_source.ts";
export { keepLed, type LedWork } from "./keep_led.ts";
export { type LedListener, type LedResource, LedResources } from "./led_resources.ts";
export { type KeptMapRun, type MapRunCounts, type MapRunRecord, MapRuns, type MapRunSettings } from "./map_runs.ts";
export { decodeNodeReport, NODE_REPORTS_SUBJECT, type NodeReport } from "./node_report.ts";
export { type EndedExecution, type NodeOptions, runNode, type WeftNode } from "./node.ts";
export type { Failpoint, TermInspection } from "./partition/partition_options.ts";
export type { ParkedExecution, Partition, PartitionReport, PartitionStatus } from "./partition/partition.ts";
export type {
  ChildStart,
  ExecutionDetail,
  KeyedStart,
  ListDetailsRequest,
  ListedExecution,
  NumberedEvent,
  PinnedDefinition,
  Registry,
  ResourceDescription,
  StartChildRequest,
} from "./registry.ts";
export { TaskTokens } from "./task_token.ts";
export { TimerQueue } from "./partition/timers/timer_queue.ts";
