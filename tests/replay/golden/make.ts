/** Makes the golden files of a release: what this version of the code writes, keeps and answers. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/embedded.ts";
import { encodeTurn } from "../../../src/protocol/mod.ts";
import type { FeedMessage } from "../../../src/runtime/mod.ts";
import { makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import type { KeyValueStore } from "../../../src/storage/port.ts";
import type { Json } from "../../../src/values/mod.ts";
import { sampleRecords } from "../../support/records/sample_records.ts";
import { TestNode } from "../../support/test_node.ts";
import { recordShapes } from "./shapes.ts";
import { story } from "./story.ts";
import { nodeOptions, plain, tell, toldByFeed } from "./tell.ts";

/** Content of each file by its name, of texts and of databases. */
export type GoldenFiles = ReadonlyMap<string, string | Uint8Array>;

/** Runs everything that the golden files are made of. */
export async function makeGoldenFiles(): Promise<GoldenFiles> {
  return new Map<string, string | Uint8Array>([
    ...await storyFiles(),
    ...recordFiles(),
    ...await databaseFiles(),
  ]);
}

async function storyFiles(): Promise<readonly [string, string][]> {
  const snapshots = makeMemoryStorage();
  const feed: Json[] = [];
  const options = { ...nodeOptions, snapshots, feed: (message: FeedMessage) => void feed.push(toldByFeed(message)) };
  const { node, told } = await tell(await TestNode.open(undefined, options), story, options);
  await node.checkpoint();
  await node.clock.paused(2);
  await node.written(snapshots, () => node.clock.advance(10_000));
  await node.close();
  const log: Json[] = [];
  for (let sequence = 1; sequence <= await node.disk.lastSequence(0); sequence++) {
    log.push(new TextDecoder().decode(await node.disk.entry(0, sequence)));
  }
  return [
    ["answers.jsonl", lines(told.map(plain))],
    ["feed.jsonl", lines(feed)],
    ["log.jsonl", lines(log)],
    ["store.jsonl", lines(await allEntries(node.disk.storage))],
    ["bucket.jsonl", lines(await allEntries(snapshots))],
  ];
}

async function allEntries(store: KeyValueStore): Promise<readonly Json[]> {
  const entries: Json[] = [];
  for (const prefix of ["c", "p"]) {
    const page = await Effect.runPromise(store.list<Json>({ prefix, limit: 10_000 }));
    entries.push(...page.map(({ key, value }) => plain({ key, value })));
  }
  return entries;
}

/** Every record, with all its fields and with few, as it stands in a turn and in whole. */
function recordFiles(): readonly [string, string][] {
  const samples = sampleRecords.flatMap(({ full, bare }) => [full, bare]);
  const shapes = lines(recordShapes());
  const records = samples.map((record) =>
    plain({
      line: encodeTurn({
        subject: "/acme/shop/e0123456/0123456789abcdef",
        sequence: 3,
        atEpochMs: 1_900_000_000_000,
        timestamp: "0123456789abcdef",
        records: [record],
      }),
      record,
    })
  );
  return [["records.jsonl", lines(records)], ["shapes.jsonl", shapes]];
}

/** Machines of the databases: one ended, one whose task is at work, one that waits. */
const machines = {
  pass: { StartAt: "P", States: { P: { Type: "Pass", End: true } } },
  task: { StartAt: "T", States: { T: { Type: "Task", Resource: "work", End: true } } },
  wait: { StartAt: "W", States: { W: { Type: "Wait", Seconds: 60, End: true } } },
} as const;

async function databaseFiles(): Promise<readonly [string, Uint8Array][]> {
  const store = await mkdtemp(join(tmpdir(), "weft-golden-"));
  try {
    const begun = Promise.withResolvers<void>();
    const handlers = {
      work: () => {
        begun.resolve();
        return new Promise<never>(() => {});
      },
    };
    const home = await openEmbeddedHome({ store, partitions: 1, handlers });
    const space = { tenant: "acme", namespace: "shop" };
    for (const [name, definition] of Object.entries(machines)) {
      await Effect.runPromise(home.engine.putWorkflow({ ...space, name, definition }));
    }
    await Effect.runPromise(home.engine.runExecution({ ...space, workflow: "pass", input: { n: 1 }, key: "pass" }));
    for (const workflow of ["task", "wait"]) {
      await Effect.runPromise(home.engine.startExecution({ ...space, workflow, input: { n: 2 }, key: workflow }));
    }
    await begun.promise;
    await home.close();
    const names = ["log.db", "state.db", "cluster.db"];
    return await Promise.all(
      names.map(async (name): Promise<[string, Uint8Array]> => [name, await readFile(join(store, name))]),
    );
  } finally {
    await rm(store, { recursive: true, force: true });
  }
}

function lines(values: readonly Json[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

/** Writes them into a folder that must not be there. */
export async function writeGoldenFiles(folder: string, files: GoldenFiles): Promise<void> {
  await mkdir(folder);
  for (const [name, content] of files) await writeFile(join(folder, name), content, { flag: "wx" });
}
