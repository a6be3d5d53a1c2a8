/** A local store from a snapshot: what a node with an empty disk begins with. */
import { Effect } from "effect";
import type { StorageUnavailable } from "../../../storage/port.ts";
import { keptEntry } from "./checkpoint.ts";
import type { Checkpoint, PartitionStore } from "./partition_store.ts";
import type { Applied } from "./stored_values.ts";
import { nothing } from "./snapshot_keeper.ts";

/** Executions copied at a time. */
const PAGE = 500;

/**
 * Copies a snapshot into an empty local store. What ended before it is not in it: the store is marked as to be completed from the
 * log. Returns the manifest, or `undefined` when the bucket has none.
 */
export function restoreSnapshot(
  bucket: PartitionStore,
  local: PartitionStore,
): Effect.Effect<Applied | undefined, StorageUnavailable> {
  return Effect.gen(function* () {
    const manifest = yield* bucket.loadApplied();
    if (manifest === undefined) return undefined;
    // What a copy that was broken off has left is of an older snapshot.
    yield* local.clear();
    const hashes = yield* bucket.loadDefinitionHashes();
    const texts = yield* bucket.loadDefinitions(hashes);
    const definitions = hashes.flatMap((hash, index) => {
      const text = texts[index];
      return text === undefined ? [] : [{ hash, text }];
    });
    yield* local.commit({
      ...nothing,
      definitions,
      keptDefinitions: yield* bucket.loadKeptDefinitions(),
      revisions: yield* bucket.loadRevisions(),
      workflows: yield* bucket.loadWorkflows(),
      resources: yield* bucket.loadResources(),
    });
    let after: string | undefined;
    for (;;) {
      const page = yield* bucket.allExecutions(after, PAGE);
      // The indexes by time are made anew.
      const executions = page.map(({ id, kept }) => keptEntry(id, kept));
      yield* local.commit({ ...nothing, executions: withOneClaimEach(executions) });
      after = page.at(-1)?.key;
      if (after === undefined || page.length < PAGE) break;
    }
    // Last: a copy that was broken off is begun anew.
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
