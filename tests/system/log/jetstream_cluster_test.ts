import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { connect } from "@nats-io/transport-node";
import { Effect, Fiber, Schedule } from "effect";
import { AppendConflict, type PartitionLog } from "../../../src/log/mod.ts";
import { layerJetStream } from "../../../src/log/jetstream/mod.ts";
import { startNatsCluster } from "../../support/nats_cluster.ts";
import { entryOf, readAll, withLogs } from "../../support/contracts/log.ts";

const ENTRIES_BETWEEN_STEP_DOWNS = 150;
const STEP_DOWNS = 4;

// Goal: the log's leader may move at any time; no acknowledged entry is lost or doubled, and no reader is told of damage.
// Method: three servers; one writer that reads back after each unknown outcome, one reader that reads all again and again, and
// a step-down of the stream's leader every 150 entries, in mid-append.
test("JetStream log: keeps every acknowledged entry once while the leader of its stream moves", async (t) => {
  const cluster = await startNatsCluster();
  t.after(() => cluster.stop());
  const connection = await connect({ servers: [...cluster.urls], noAsyncTraces: true, maxReconnectAttempts: -1 });
  t.after(() => connection.close());
  const stepDown = Effect.promise(() => connection.request("$JS.API.STREAM.LEADER.STEPDOWN.WEFT_LOG_0"));
  await withLogs(layerJetStream({ connection, replicas: 3, timeoutMs: 1_000 }), (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      let done = false;
      const reader = yield* Effect.forkChild(Effect.gen(function* () {
        while (!done) yield* whileUnavailable(readAll(log, 1, 100));
      }));
      const last = ENTRIES_BETWEEN_STEP_DOWNS * (STEP_DOWNS + 1);
      for (let sequence = 1; sequence <= last; sequence++) {
        if (sequence % ENTRIES_BETWEEN_STEP_DOWNS === 0) yield* Effect.forkChild(stepDown);
        yield* appendSurely(log, sequence);
      }
      done = true;
      yield* Fiber.join(reader);
      const found = yield* whileUnavailable(readAll(log, 1, 400));
      deepStrictEqual(found, Array.from({ length: last }, (_, i) => ({ sequence: i + 1, bytes: entryOf(i + 1) })));
    }));
});

/** Appends until it is known to be there: after an unknown outcome, and after a conflict with our own late append, it reads back. */
const appendSurely = (log: PartitionLog, sequence: number) =>
  Effect.gen(function* () {
    for (;;) {
      const outcome = yield* Effect.result(log.append(entryOf(sequence), sequence - 1));
      if (outcome._tag === "Success") return;
      const found = yield* whileUnavailable(log.read(sequence, 1));
      if (found.length > 0) return deepStrictEqual(found, [{ sequence, bytes: entryOf(sequence) }]);
      ok(!(outcome.failure instanceof AppendConflict), "a conflict with nothing");
    }
  });

/** Does it again as long as the log is unavailable; any other failure fails. */
const whileUnavailable = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
  Effect.retry(effect, {
    while: ({ _tag }) => _tag === "LogUnavailable",
    schedule: Schedule.max([Schedule.spaced("50 millis"), Schedule.recurs(200)]),
  });
