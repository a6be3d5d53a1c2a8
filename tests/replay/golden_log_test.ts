// Logs of every release are replayed for ever: each gives the executions that the release itself had made of it.
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { ExecutionActors, keptActors, replayTurn, restoredActors } from "../../actors/mod.ts";
import {
  commandSchemas,
  decodeBatch,
  decodeTurn,
  eventSchemas,
  GENESIS_HASH,
  partitionSchemas,
  readRecord,
  recordFormat,
  type Turn,
} from "../../src/protocol/mod.ts";
import { canonicalJson, type Json, type JsonObject, parseExecutionId } from "../../src/values/mod.ts";
import { assertOutcomes } from "../support/records/outcomes.ts";
import { goldenLines, releases } from "./golden/golden_files.ts";
import { type RecordShape, recordShapes } from "./golden/shapes.ts";

const schemas = { ...commandSchemas, ...eventSchemas, ...partitionSchemas };
const all = await releases();

/** Turns of a release's log, with the records as they stand there. */
async function logOf(
  release: string,
): Promise<{ readonly turns: readonly Turn[]; readonly raw: readonly JsonObject[] }> {
  let previous = GENESIS_HASH;
  const turns: Turn[] = [];
  const raw: JsonObject[] = [];
  for (const text of await goldenLines<string>(release, "log.jsonl")) {
    const batch = decodeBatch(new TextEncoder().encode(text));
    if (Result.isFailure(batch)) throw new Error(batch.failure.reason);
    deepStrictEqual(batch.success.previous, previous);
    previous = batch.success.hash;
    turns.push(...batch.success.turns);
    for (const line of text.split("\n").slice(2).filter((it) => !it.startsWith("mac "))) raw.push(...rawRecords(line));
  }
  return { turns, raw };
}

function rawRecords(line: string): readonly JsonObject[] {
  const { records } = JSON.parse(line) as { readonly records: readonly (JsonObject | string)[] };
  return records.filter((record) => typeof record !== "string");
}

for (const release of all) {
  test(`the log of ${release} gives the executions that ${release} had`, async () => {
    const executions = new Map<string, ExecutionActors>();
    const { turns } = await logOf(release);
    for (const turn of turns.filter(({ subject }) => parseExecutionId(subject) !== undefined)) {
      const actors = executions.get(turn.subject) ?? new ExecutionActors();
      executions.set(turn.subject, actors);
      replayTurn(actors, turn);
      assertOutcomes(turn);
    }
    let count = 0;
    for (const { key, value } of await goldenLines<{ key: string; value: JsonObject }>(release, "store.jsonl")) {
      if (!key.startsWith("p0/x/")) continue;
      // What is recorded is brought up to the current version, as the records are.
      const recorded = restoredActors(value["actors"] ?? null);
      if (Result.isFailure(recorded)) throw new Error(recorded.failure.reason);
      const { executionId } = recorded.success;
      const replayed = executions.get(executionId);
      ok(replayed !== undefined, executionId);
      deepStrictEqual(canonicalJson(keptActors(replayed)), canonicalJson(keptActors(recorded.success)), executionId);
      count += 1;
    }
    ok(count >= 20);
  });

  test(`every record of ${release} is read, and is what ${release} meant`, async () => {
    for (const { line, record } of await goldenLines<{ line: string; record: Json }>(release, "records.jsonl")) {
      const turn = decodeTurn(line);
      if (Result.isFailure(turn)) throw new Error(turn.failure.reason);
      const meant = readRecord(record);
      if (Result.isFailure(meant)) throw new Error(meant.failure.reason);
      deepStrictEqual(turn.success.records, [meant.success]);
    }
  });
}

/** `{type} {version}` of every record in the golden files. */
async function coverage(): Promise<{ readonly inLogs: ReadonlySet<string>; readonly inAll: ReadonlySet<string> }> {
  const named = ({ type, version }: JsonObject) => `${type} ${version}`;
  const inLogs = new Set<string>();
  const inAll = new Set<string>();
  for (const release of all) {
    for (const record of (await logOf(release)).raw) inLogs.add(named(record));
    for (const { record } of await goldenLines<{ record: JsonObject }>(release, "records.jsonl")) {
      inAll.add(named(record));
    }
  }
  return { inLogs, inAll: new Set([...inLogs, ...inAll]) };
}

const advice =
  "Add the record to tests/replay/golden/story.ts, at its end, and make golden files: npm run golden RELEASE";

test("the golden files have every record in every version, and every version is read from a log", async () => {
  const { inLogs, inAll } = await coverage();
  const wanted = Object.entries(schemas).flatMap(([type, schema]) =>
    recordFormat(type, schema).versions.map((_, index) => `${type} ${index + 1}`)
  );
  deepStrictEqual(wanted.filter((record) => !inAll.has(record)), [], advice);
  deepStrictEqual(wanted.filter((record) => !inLogs.has(record)), [], advice);
  ok([...inAll].some((record) => record.includes("Rejection")), advice);
});

test("the schema of a released version of a record does not change", async () => {
  const current = new Map(recordShapes().map((shape) => [`${shape.type} ${shape.version}`, shape]));
  const released = new Map<string, RecordShape & JsonObject>();
  for (const release of all) {
    for (const shape of await goldenLines<RecordShape & JsonObject>(release, "shapes.jsonl")) {
      const name = `${shape.type} ${shape.version}`;
      released.set(name, released.get(name) ?? shape);
    }
  }
  for (const [name, shape] of released) {
    const now = current.get(name);
    if (now === undefined) continue; // an older version: its golden records say that it is read
    deepStrictEqual(
      now,
      shape,
      `${name} is released: make it revisedRecord(…) of the next version in src/protocol, and move what it was into olderRecord(…) with its upcaster`,
    );
  }
});
