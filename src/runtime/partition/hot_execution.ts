import { Result, Schema } from "effect";
import {
  ExecutionActors,
  type ExecutionSnapshot,
  keptActors,
  notRedrivable,
  restoredActors,
} from "../../../actors/mod.ts";
import {
  type ExecutionId,
  type Json,
  type Limits,
  parseExecutionId,
  payloadBytes,
  present,
  type Space,
} from "../../values/mod.ts";
import type { ExecutionDescription, ExecutionSummary } from "../engine.ts";
import type { WallClock } from "../clock.ts";
import type { ExecutionDetail } from "../registry.ts";
import type { StoredRow } from "./store/execution_rows.ts";
import { type ListedExecution, listedExecution } from "./store/listed_execution.ts";

/** Where a turn stands in the log, and how many events the execution has with it. */
export type TurnPlace = readonly [sequence: number, eventCount: number];

/** How an execution stands in the store: its row, and what the indexes say of it. */
export interface StoredExecution extends StoredRow {
  readonly dueAt: number | undefined;
  readonly attention: boolean;
}

/** It is not in the store. */
export const notStored: StoredExecution = { status: undefined, isLarge: false, dueAt: undefined, attention: false };

/** An execution in memory: its actors, and what the partition knows of its places. */
export interface HotExecution {
  readonly id: ExecutionId;
  readonly actors: ExecutionActors;
  /** Its turns in the order of the log. */
  readonly turns: TurnPlace[];
  /** Sequence of the oldest turn that the local store does not have; 0 when it has all. */
  firstDirty: number;
  /** Sequence of its newest turn, durable or on its way. */
  lastSequence: number;
  /** How it stands in the store. */
  stored: StoredExecution;
  /** A defect stopped its turn: its memory may be half changed, and is neither written nor believed until it is built anew. */
  isSuspect: boolean;
  /** Defects in a row while its turns were decided. */
  failures: number;
  /** Why it takes no commands any more: an operator must look. */
  parked: string | undefined;
}

/** An execution as it stood when a question was decided: an answer must not speak of turns that came later, which may be lost. */
export interface ExecutionAsOf {
  readonly id: ExecutionId;
  readonly execution: ExecutionSnapshot;
}

/** The execution as it stands now. */
export function asOfNow({ id, actors }: HotExecution): ExecutionAsOf {
  return { id, execution: actors.execution };
}

/** The store could not give it back, or it has not been built anew yet: nothing is known of it. */
export function isUnreadable({ parked, actors, isSuspect }: HotExecution): boolean {
  return isSuspect || (parked !== undefined && actors.eventCount === 0);
}

/** What the local store keeps of an execution. */
export const KeptExecution = Schema.Struct({
  actors: Schema.declare<Json>((value): value is Json => value !== undefined),
  turns: Schema.Array(Schema.Tuple([Schema.Number, Schema.Number])),
  dueAt: Schema.NullOr(Schema.Number),
  attention: Schema.Boolean,
  /** Of the bucket of earlier releases: nobody asks for it any more. */
  snapshotted: Schema.Boolean,
});
export type KeptExecution = typeof KeptExecution.Type;

/** An execution that memory has just heard of. */
export function newHotExecution(id: ExecutionId): HotExecution {
  return {
    id,
    actors: new ExecutionActors(),
    turns: [],
    firstDirty: 0,
    lastSequence: 0,
    stored: notStored,
    isSuspect: false,
    failures: 0,
    parked: undefined,
  };
}

/** About how much memory an execution's payloads take: bytes of their JSON, each counted once. */
export function heldBytes({ actors }: HotExecution): number {
  const counted = new Set<Json>();
  let bytes = 0;
  const count = (payload: Json | undefined): void => {
    if (typeof payload === "string") bytes += payload.length;
    if (typeof payload !== "object" || payload === null || counted.has(payload)) return;
    counted.add(payload);
    bytes += payloadBytes(payload);
  };
  const { input, output, variables } = actors.execution.context;
  count(input);
  count(output);
  count(variables);
  for (const { context } of actors.activities.values()) {
    count(context.input);
    count(context.items);
  }
  for (const { context } of actors.tasks.values()) count(context.input);
  for (const { context } of actors.children.values()) count(context.output);
  return bytes;
}

/** When the execution's earliest timer is due. */
export function dueAt(hot: HotExecution): number | undefined {
  let earliest: number | undefined;
  for (const deadline of hot.actors.timers.values()) {
    if (earliest === undefined || deadline < earliest) earliest = deadline;
  }
  return earliest;
}

/** Something is promised for it that a new leader must find at once: a task to hand out, commands to take up. */
export function needsAttention(hot: HotExecution): boolean {
  return hot.actors.tasks.size > 0 || hot.actors.unprocessed.size > 0;
}

/** As it is put into the store. */
export function keptExecution(hot: HotExecution): KeptExecution {
  return {
    actors: keptActors(hot.actors),
    turns: [...hot.turns],
    dueAt: dueAt(hot) ?? null,
    attention: needsAttention(hot),
    snapshotted: false,
  };
}

/** The inverse of {@link keptExecution}; a failure says what does not fit. */
export function restoredExecution(id: ExecutionId, kept: KeptExecution): Result.Result<HotExecution, string> {
  const restored = Result.mapError(restoredActors(kept.actors), ({ reason }) => reason);
  return Result.map(restored, (actors) => ({
    ...newHotExecution(id),
    actors,
    turns: [...kept.turns],
    lastSequence: kept.turns.at(-1)?.[0] ?? 0,
    stored: {
      status: actors.execution.value,
      // It may be: to remove a row that is not there does no harm.
      isLarge: true,
      dueAt: kept.dueAt ?? undefined,
      attention: kept.attention,
    },
  }));
}

/** The space of an execution's id. */
export function spaceOf(id: ExecutionId): Space {
  const { tenant = "", namespace = "" } = parseExecutionId(id) ?? {};
  return { tenant, namespace };
}

/** As lists of the engine's own surfaces show it. */
export function summarize(listed: ListedExecution): ExecutionSummary {
  const { executionId, workflow, revision, status, key, mapRun, error, startedAt, endedAt, timedOut } = listed;
  return { executionId, workflow, revision, status, startedAt, ...present({ key, mapRun, error, endedAt, timedOut }) };
}

/** As a description gives it, payloads included. */
export function describe(execution: ExecutionSnapshot): ExecutionDescription {
  return { ...summarize(listedExecution(execution)), ...payloads(execution) };
}

/** As surfaces that translate another API see it. */
export function detail(
  execution: ExecutionSnapshot,
  { limits, clock }: { readonly limits: Limits; readonly clock: WallClock },
): ExecutionDetail {
  return {
    ...listedExecution(execution),
    ...payloads(execution),
    ...present({ notRedrivable: notRedrivable(execution, limits, clock.nowEpochMs()) }),
  };
}

function payloads({ context: { input, output, ending, endedAtEpochMs } }: ExecutionSnapshot) {
  return { input, ...present({ output, cause: endedAtEpochMs === undefined ? undefined : ending?.message }) };
}
