/** A local store from a snapshot: what a node with an empty disk begins with. */
import { Effect } from "effect";
import type { StorageUnavailable } from "../../../storage/port.ts";
import type { Json } from "../../../values/mod.ts";
import { keptEntry } from "../store/checkpoint.ts";
import { type Checkpoint, nothing } from "../store/checkpoint_writes.ts";
import type { PartitionStore } from "../store/partition_store.ts";
import { idAt, type Write } from "../store/store_keys.ts";
import { type Applied, decodeKept } from "../store/stored_values.ts";
import type { SnapshotRow } from "./run_text.ts";
import type { SnapshotBucket } from "./snapshot_bucket.ts";

/** Executions copied at a time from what an earlier release has left. */
const PAGE = 500;
const EXECUTIONS = "x/";

/** Copies a snapshot into an empty local store. Returns how far it is, or `undefined` when the bucket has none. */
export function restoreSnapshot(
  bucket: SnapshotBucket,
  local: PartitionStore,
): Effect.Effect<Applied | undefined, StorageUnavailable> {
  return Effect.gen(function* () {
    const held = yield* bucket.load();
    const { applied, runs = [] } = held?.manifest ?? {};
    if (applied === undefined) return yield* restoreLegacy(bucket.legacy, local);
    // What a copy that was broken off has left is of an older snapshot.
    yield* local.clear();
    yield* bucket.read(runs, (rows) => local.commit(checkpointOf(rows)));
    // Last: a copy that was broken off is begun anew.
    yield* local.commit({ ...nothing, applied });
    return applied;
  });
}

/** The indexes are made anew. */
function checkpointOf(snapshotRows: readonly SnapshotRow[]): Checkpoint {
  const executions: Checkpoint["executions"][number][] = [];
  const rows: Write[] = [];
  for (const { key, text } of snapshotRows) {
    if (text === undefined) continue;
    const value: Json = JSON.parse(text);
    if (!key.startsWith(EXECUTIONS)) rows.push({ key, value });
    else executions.push(keptEntry(idAt(key.slice(EXECUTIONS.length)), decodeKept({ key, value }), text.length));
  }
  return { ...nothing, rows, executions: withOneClaimEach(executions) };
}

/** What ended before it is not in a snapshot of an earlier release: the store is marked as to be completed from the log. */
function restoreLegacy(
  legacy: PartitionStore,
  local: PartitionStore,
): Effect.Effect<Applied | undefined, StorageUnavailable> {
  return Effect.gen(function* () {
    if ((yield* legacy.loadApplied()) === undefined) return undefined;
    yield* legacy.upgrade();
    const manifest = yield* legacy.loadApplied();
    if (manifest === undefined) return undefined;
    yield* local.clear();
    const hashes = yield* legacy.loadDefinitionHashes();
    const texts = yield* legacy.loadDefinitions(hashes);
    const definitions = hashes.flatMap((hash, index) => {
      const text = texts[index];
      return text === undefined ? [] : [{ hash, text }];
    });
    yield* local.commit({
      ...nothing,
      definitions,
      keptDefinitions: yield* legacy.loadKeptDefinitions(),
      revisions: yield* legacy.loadRevisions(),
      workflows: yield* legacy.loadWorkflows(),
      resources: yield* legacy.loadResources(),
    });
    let after: string | undefined;
    for (;;) {
      const page = yield* legacy.allExecutions(after, PAGE);
      const executions = page.map(({ id, kept }) => keptEntry(id, kept));
      yield* local.commit({ ...nothing, executions: withOneClaimEach(executions) });
      after = page.at(-1)?.key;
      if (after === undefined || page.length < PAGE) break;
    }
    const { previous: _previous, ...applied } = manifest;
    yield* local.commit({ ...nothing, applied, rebuildThrough: applied.sequence });
    return applied;
  });
}

/** Of two executions with one key the earlier has been deleted, which the log will say: the key is the later one's. */
function withOneClaimEach(executions: Checkpoint["executions"]): Checkpoint["executions"] {
  const holders = new Map<string, string>();
  const nameOf = ({ id, key }: Checkpoint["executions"][number]) => `${id.split("/e")[0]} ${key?.key}`;
  for (const entry of executions) holders.set(nameOf(entry), entry.id);
  return executions.map((entry) => holders.get(nameOf(entry)) === entry.id ? entry : { ...entry, key: undefined });
}
