/** What stands in a bucket of snapshots, for tests: rows as the manifest has them count. */
import { Effect } from "effect";
import { RunLines, takeMerged } from "../../../src/runtime/partition/snapshots/run_text.ts";
import type { Manifest } from "../../../src/runtime/partition/snapshots/snapshot_bucket.ts";
import type { KeyValueStore } from "../../../src/storage/port.ts";
import type { Json } from "../../../src/values/mod.ts";

/** The rows of a partition by key, and how far they are; none when there is no manifest, or a block that it names is not there. */
export function snapshotRowsIn(read: (key: string) => Json | undefined, partition: number) {
  const manifest = read(`p${partition}/manifest`) as Manifest | undefined;
  const rows = new Map<string, string>();
  if (manifest?.applied === undefined) return undefined;
  for (const { name, blocks } of manifest.runs) {
    const lines = new RunLines();
    for (let block = 0; block < blocks; block++) {
      const text = read(`p${partition}/s/${name}/${String(block).padStart(6, "0")}`);
      if (typeof text !== "string") throw new Error(`Block ${block} of run ${name} is missing`);
      lines.addBlock(text);
      for (const row of takeMerged([lines], Infinity)) {
        if (row.text === undefined) rows.delete(row.key);
        else rows.set(row.key, row.text);
      }
    }
  }
  return { manifest, applied: manifest.applied, rows };
}

/** The rows of a partition in a store, by key. */
export async function snapshotRows(store: KeyValueStore, partition = 0): Promise<ReadonlyMap<string, string>> {
  const page = await Effect.runPromise(store.list<Json>({ prefix: `p${partition}/`, limit: 10_000 }));
  const all = new Map(page.map(({ key, value }) => [key, value]));
  return snapshotRowsIn((key) => all.get(key), partition)?.rows ?? new Map();
}

/** Writes another text in the place of a row's, wherever it stands. */
export async function changeSnapshotRow(store: KeyValueStore, key: string, text: string): Promise<void> {
  for (const entry of await Effect.runPromise(store.list<Json>({ prefix: "p0/s/", limit: 10_000 }))) {
    const lines = String(entry.value).split("\n").map((line) => line.startsWith(`${key}\t`) ? `${key}\t${text}` : line);
    await Effect.runPromise(store.set(entry.key, lines.join("\n")));
  }
}
