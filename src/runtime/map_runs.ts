/**
 * Map Runs as they are kept: one record each in the registry, beside the execution whose Map state started it.
 *
 * Whoever does the Map Run writes its progress; anybody may change its settings meanwhile. Both write against the revision that
 * they read, so that neither loses what the other wrote.
 */
import { Effect, Schema } from "effect";
import { Format } from "../protocol/mod.ts";
import {
  executionOfMapRun,
  isJsonObject,
  type Json,
  parseExecutionId,
  type ResourceName,
  type Space,
} from "../values/mod.ts";
import type { RequestRefused } from "./engine.ts";
import type { Registry, ResourceDescription } from "./registry.ts";
import { refused } from "./requests/checks.ts";

const optional = Schema.optionalKey;

/** How many items or executions there are of each kind. */
export const MapRunCounts = Schema.Struct({
  pending: Schema.Number,
  running: Schema.Number,
  succeeded: Schema.Number,
  failed: Schema.Number,
  timedOut: Schema.Number,
  aborted: Schema.Number,
  total: Schema.Number,
  /** Those whose results a ResultWriter has written. */
  resultsWritten: Schema.Number,
});
export type MapRunCounts = typeof MapRunCounts.Type;

/** A Map Run as it stands. */
export const MapRunRecord = Schema.Struct({
  executionId: Schema.String,
  activityId: Schema.String,
  taskId: Schema.String,
  /** The machine by whose name it goes: that of the outermost execution, where Map Runs are nested. */
  workflow: Schema.String,
  label: Schema.String,
  executionType: Schema.Literals(["STANDARD", "EXPRESS"]),
  status: Schema.Literals(["RUNNING", "SUCCEEDED", "FAILED", "ABORTED"]),
  startedAtEpochMs: Schema.Number,
  endedAtEpochMs: optional(Schema.Number),
  /** 0: no bound of its own. */
  maxConcurrency: Schema.Number,
  toleratedFailureCount: Schema.Number,
  /** Of all items, 0 to 100. */
  toleratedFailurePercentage: Schema.Number,
  itemCounts: MapRunCounts,
  executionCounts: MapRunCounts,
  /** What the items came from, as it was when they were first read: see `ItemSource`. */
  source: optional(Schema.String),
  /** Redrives, and the newest of them: what had ended without success before it goes on. */
  redriveCount: optional(Schema.Number),
  redrivenAtEpochMs: optional(Schema.Number),
  /** It fails so, once its children are reclaimed. */
  failing: optional(Schema.Struct({ error: Schema.String, cause: Schema.String })),
});
export type MapRunRecord = typeof MapRunRecord.Type;

/** What can be changed while it runs. */
export type MapRunSettings = Pick<
  MapRunRecord,
  "maxConcurrency" | "toleratedFailureCount" | "toleratedFailurePercentage"
>;

/** A Map Run's record, and the revision that the next write must expect. */
export interface KeptMapRun {
  readonly id: string;
  readonly record: MapRunRecord;
  readonly revision: number;
}

type Answer<T> = Effect.Effect<T, RequestRefused>;

const KIND = "map_run";
/** @throws when the registry holds something else: a defect */
const format = new Format({ what: "a Map Run", schema: MapRunRecord, older: [] });
const decode = (value: Json): MapRunRecord => format.decode(value);

type Resources = Pick<Registry, "putResource" | "describeResource" | "listResources" | "deleteResource">;

/** Map Runs by their ids. */
export class MapRuns {
  readonly #registry: Resources;

  constructor(registry: Resources) {
    this.#registry = registry;
  }

  /** Fails with `NotFound`. */
  describe(space: Space, id: string): Answer<KeptMapRun> {
    const name = resourceOf(space, id);
    if (name === undefined) return Effect.fail(missing(id));
    return Effect.mapError(
      Effect.map(this.#registry.describeResource(name), kept),
      (refusal) => refusal.code === "NotFound" ? missing(id) : refusal,
    );
  }

  /** All that an execution has started, oldest first. */
  list(space: Space, executionId: string): Answer<readonly KeptMapRun[]> {
    const first = firstName(executionId);
    if (first === undefined) return Effect.succeed([]);
    return Effect.map(
      this.#registry.listResources({ ...space, kind: KIND, names: [first] }),
      (found) => found.map(kept).sort((a, b) => a.record.startedAtEpochMs - b.record.startedAtEpochMs),
    );
  }

  /** Writes a record. `AlreadyExists`, `InvalidStatus`: somebody else wrote since; read it again. @param revision 0: a new one */
  put(space: Space, id: string, record: MapRunRecord, revision: number): Answer<KeptMapRun> {
    const name = resourceOf(space, id);
    if (name === undefined) return Effect.fail(missing(id));
    const value: Json = { ...record };
    return Effect.map(this.#registry.putResource({ ...name, value, expectedRevision: revision }), kept);
  }

  /** Deletes a record; one that is not there is as good as deleted. */
  forget(space: Space, id: string): Answer<void> {
    const name = resourceOf(space, id);
    if (name === undefined) return Effect.void;
    return Effect.catch(
      Effect.asVoid(this.#registry.deleteResource(name)),
      (refusal) => refusal.code === "NotFound" ? Effect.void : Effect.fail(refusal),
    );
  }

  /** Changes settings of one that runs. Fails with `NotFound`, and `InvalidStatus` when it has ended. */
  update(space: Space, id: string, settings: Partial<MapRunSettings>): Answer<KeptMapRun> {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        const { record, revision } = yield* this.describe(space, id);
        if (record.status !== "RUNNING") {
          return yield* Effect.fail(
            refused("InvalidStatus", `Expected Map Run "${id}" to be RUNNING, but it is ${record.status}`),
          );
        }
        const written = yield* Effect.catch(
          this.put(space, id, { ...record, ...settings }, revision),
          (refusal) => refusal.code === "InvalidStatus" ? Effect.succeed(undefined) : Effect.fail(refusal),
        );
        if (written !== undefined) return written;
      }
    });
  }
}

function kept({ names, value, revision }: ResourceDescription): KeptMapRun {
  return { id: names[1] ?? "", record: decode(isJsonObject(value) ? value : null), revision };
}

function firstName(executionId: string): string | undefined {
  const parts = parseExecutionId(executionId);
  return parts === undefined ? undefined : `${parts.hash}-${parts.hlc}`;
}

function resourceOf(space: Space, id: string): ResourceName | undefined {
  const execution = executionOfMapRun(space, id);
  const first = execution === undefined ? undefined : firstName(execution);
  return first === undefined ? undefined : { ...space, kind: KIND, names: [first, id] };
}

function missing(id: string): RequestRefused {
  return refused("NotFound", `Map Run "${id}" does not exist`);
}
