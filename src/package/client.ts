/** `import { WeftClient } from "@weft-dev/weft/client"`: the engine on NATS, as a program sees it. */
export {
  type ExecutionState,
  type Feed,
  type FeedGap,
  type FeedItem,
  type FeedOptions,
  type GapOutcome,
  type ListFilter,
  type PageOptions,
  type StartOptions,
  WeftClient,
  type WeftClientOptions,
  WeftError,
  type WeftErrorCode,
} from "../sdk/mod.ts";
export type {
  ExecutionDescription,
  ExecutionStatus,
  ExecutionSummary,
  HistoryEvent,
  TaskAnswer,
  WorkflowDescription,
} from "../runtime/engine.ts";
export type { Diagnostic } from "../language/types.ts";
export type { ExecutionId, Json, JsonObject, TaskId } from "../values/mod.ts";
