import { Schema } from "effect";
import type { ExecutionSnapshot } from "../../../../actors/mod.ts";
import { executionStatuses } from "../../../protocol/mod.ts";
import { type ExecutionId, isJsonObject, type Json, type JsonObject, present } from "../../../values/mod.ts";

const optional = Schema.optionalKey;

/** What lists show of an execution, and what they are searched by: everything about it but its payloads and its cause. */
export const ListedExecution = Schema.Struct({
  executionId: Schema.declare<ExecutionId>((value): value is ExecutionId => typeof value === "string"),
  workflow: Schema.String,
  revision: Schema.Number,
  status: Schema.Literals(executionStatuses),
  key: optional(Schema.String),
  /** The Map Run whose child it is. */
  mapRun: optional(Schema.String),
  error: optional(Schema.String),
  /** ISO 8601, milliseconds, UTC. */
  startedAt: Schema.String,
  endedAt: optional(Schema.String),
  definitionHash: Schema.String,
  shownAs: optional(Schema.declare<JsonObject>((value): value is JsonObject => isJsonObject(value as Json))),
  /** The machine's `TimeoutSeconds` ran out. */
  timedOut: optional(Schema.Literal(true)),
  /** How often it was redriven, and when last. */
  redriveCount: Schema.Number,
  redrivenAtEpochMs: optional(Schema.Number),
});
export type ListedExecution = typeof ListedExecution.Type;

/** An execution as lists show it. */
export function listedExecution({ value, context }: ExecutionSnapshot): ListedExecution {
  const { executionId, workflow, revision, key, mapRun, definitionHash, shownAs, ending } = context;
  const { startedAtEpochMs, endedAtEpochMs, redriveCount = 0, redrivenAtEpochMs } = context;
  const hasEnded = endedAtEpochMs !== undefined;
  return {
    executionId,
    workflow,
    revision,
    status: value,
    startedAt: new Date(startedAtEpochMs).toISOString(),
    definitionHash,
    redriveCount,
    ...present({
      key,
      mapRun,
      shownAs,
      redrivenAtEpochMs,
      error: hasEnded ? ending?.reason : undefined,
      endedAt: hasEnded ? new Date(endedAtEpochMs).toISOString() : undefined,
      timedOut: ending?.timedOut === true ? true as const : undefined,
    }),
  };
}
