/**
 * What every adapter of `LogStream` must do, as tests. An adapter's test file says how to make a place for logs, and calls
 * `testLogContract`; what only one adapter can do is tested in its own file.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Cause, Effect, Exit, type Layer, type Scope } from "effect";
import { AppendConflict, LogDamaged, LogStream, type PartitionLog } from "../../../src/log/mod.ts";

/** An adapter under test. */
export interface LogAdapter {
  readonly name: string;
  /** A new place for logs, removed after the test. Each time the returned layer is built it opens the same place. */
  place(t: TestContext): Promise<Layer.Layer<LogStream, unknown>>;
  /** What was written is there again when the layer is built anew. */
  readonly durable: boolean;
}

/** A test's work with the logs of one place. */
export type LogWork<A = void> = (stream: LogStream["Service"]) => Effect.Effect<A, unknown, Scope.Scope>;

/** Builds the layer, does the work, and closes everything again. */
export function withLogs<A>(layer: Layer.Layer<LogStream, unknown>, work: LogWork<A>): Promise<A> {
  return Effect.runPromise(Effect.scoped(Effect.flatMap(LogStream, work)).pipe(Effect.provide(layer)));
}

/** An entry of `size` bytes that no other number gives. */
export function entryOf(number: number, size = 8): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (number * 31 + i * 7 + (number >> 8)) & 255;
  return bytes;
}

/** Appends entries `from` to `through`, one after the other. */
export const appendAll = (log: PartitionLog, from: number, through: number, size?: number) =>
  Effect.gen(function* () {
    for (let number = from; number <= through; number++) {
      strictEqual(yield* log.append(entryOf(number, size), number - 1), number);
    }
  });

/** Reads page after page from `from` to the end. */
export const readAll = (log: PartitionLog, from: number, limit: number) =>
  Effect.gen(function* () {
    const found: { sequence: number; bytes: Uint8Array }[] = [];
    for (let next = from;; next = (found.at(-1)?.sequence ?? 0) + 1) {
      const page = yield* log.read(next, limit);
      ok(page.length <= limit);
      if (page.length === 0) return found;
      found.push(...page);
    }
  });

/** Registers the contract's tests for one adapter. */
export function testLogContract(adapter: LogAdapter): void {
  const check = (name: string, work: LogWork) => {
    test(`${adapter.name}: ${name}`, async (t) => await withLogs(await adapter.place(t), work));
  };
  testAppends(check);
  testReads(check);
  testTrims(check);
  if (adapter.durable) testReopening(adapter);
}

type Check = (name: string, work: LogWork) => void;

function testAppends(check: Check): void {
  check("append() returns the expected sequence plus one", (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(3);
      strictEqual(log.partition, 3);
      deepStrictEqual(yield* log.bounds(), { first: 1, last: 0 });
      yield* appendAll(log, 1, 3);
      deepStrictEqual(yield* log.bounds(), { first: 1, last: 3 });
    }));

  check(
    "append() fails with AppendConflict and writes nothing when the last sequence is another",
    (stream) =>
      Effect.gen(function* () {
        const log = yield* stream.open(0);
        const refused = (expected: number) => Effect.flip(log.append(entryOf(9), expected));
        deepStrictEqual(yield* refused(1), new AppendConflict({ partition: 0, expectedSequence: 1 }));
        yield* appendAll(log, 1, 2);
        for (const expected of [0, 1, 3, 1_000]) ok((yield* refused(expected)) instanceof AppendConflict);
        deepStrictEqual(yield* log.read(1, 10), [1, 2].map((sequence) => ({ sequence, bytes: entryOf(sequence) })));
        strictEqual(yield* log.append(entryOf(3), 2), 3);
      }),
  );

  check(
    "append() lets exactly one of two writers win when both expect the same sequence",
    (stream) =>
      Effect.gen(function* () {
        const writers = [yield* stream.open(0), yield* stream.open(0)];
        for (let expected = 0; expected < 30; expected++) {
          const outcomes = yield* Effect.all(
            writers.map((log, index) => Effect.result(log.append(entryOf(100 * expected + index), expected))),
            { concurrency: "unbounded" },
          );
          const won = outcomes.findIndex(({ _tag }) => _tag === "Success");
          ok(won !== -1 && outcomes.filter(({ _tag }) => _tag === "Success").length === 1);
          ok(outcomes.every((outcome) => outcome._tag === "Success" || outcome.failure instanceof AppendConflict));
          const [stored] = yield* (writers[1 - won] ?? writers[0])?.read(expected + 1, 10) ?? Effect.succeed([]);
          deepStrictEqual(stored, { sequence: expected + 1, bytes: entryOf(100 * expected + won) });
        }
      }),
  );

  check(
    "append() takes the largest entry and an empty one, and one byte more is a defect",
    (stream) =>
      Effect.gen(function* () {
        const log = yield* stream.open(0);
        ok(log.entryBytesMax >= 524_288);
        strictEqual(yield* log.append(entryOf(1, log.entryBytesMax), 0), 1);
        strictEqual(yield* log.append(new Uint8Array(0), 1), 2);
        const exit = yield* Effect.exit(log.append(entryOf(3, log.entryBytesMax + 1), 2));
        ok(Exit.isFailure(exit) && Cause.hasDies(exit.cause));
        const [largest, ...rest] = yield* readAll(log, 1, 10);
        deepStrictEqual(largest, { sequence: 1, bytes: entryOf(1, log.entryBytesMax) });
        deepStrictEqual(rest, [{ sequence: 2, bytes: new Uint8Array(0) }]);
      }),
  );

  check("append() of several partitions at the same moment keeps them apart", (stream) =>
    Effect.gen(function* () {
      const logs = yield* Effect.all(Array.from({ length: 8 }, (_, partition) => stream.open(partition)));
      yield* Effect.all(logs.map((log, partition) => appendAll(log, 1, 5 + partition)), { concurrency: "unbounded" });
      for (const log of logs) deepStrictEqual(yield* log.bounds(), { first: 1, last: 5 + log.partition });
    }));
}

function testReads(check: Check): void {
  check(
    "read() returns entries in order, at most as many as asked, and none past the end",
    (stream) =>
      Effect.gen(function* () {
        const log = yield* stream.open(0);
        deepStrictEqual(yield* log.read(1, 5), []);
        yield* appendAll(log, 1, 5);
        const sequences = (from: number, limit: number) =>
          Effect.map(log.read(from, limit), (entries) => entries.map(({ sequence }) => sequence));
        deepStrictEqual(yield* sequences(1, 2), [1, 2]);
        deepStrictEqual(yield* sequences(4, 10), [4, 5]);
        deepStrictEqual(yield* sequences(5, 1), [5]);
        deepStrictEqual(yield* sequences(6, 10), []);
        deepStrictEqual(yield* sequences(100, 10), []);
      }),
  );

  check("read() sees what was acknowledged just before, whoever wrote it", (stream) =>
    Effect.gen(function* () {
      const writer = yield* stream.open(0);
      const reader = yield* stream.open(0);
      for (let number = 1; number <= 50; number++) {
        yield* writer.append(entryOf(number), number - 1);
        deepStrictEqual(yield* reader.read(number, 3), [{ sequence: number, bytes: entryOf(number) }]);
      }
    }));

  check("read() pages through thousands of entries without a gap", (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* appendAll(log, 1, 2_500);
      const found = yield* readAll(log, 1, 999);
      deepStrictEqual(found, Array.from({ length: 2_500 }, (_, i) => ({ sequence: i + 1, bytes: entryOf(i + 1) })));
      strictEqual((yield* readAll(log, 2_400, 7)).length, 101);
    }));

  check("read() pages through large entries", (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* appendAll(log, 1, 24, 400_000);
      const found = yield* readAll(log, 1, 1_000);
      deepStrictEqual(found.map(({ sequence }) => sequence), Array.from({ length: 24 }, (_, i) => i + 1));
      ok(found.every(({ sequence, bytes }) => Buffer.compare(bytes, entryOf(sequence, 400_000)) === 0));
    }));
}

function testTrims(check: Check): void {
  check(
    "trim() removes the oldest entries, and reading them fails with LogDamaged",
    (stream) =>
      Effect.gen(function* () {
        const log = yield* stream.open(0);
        yield* appendAll(log, 1, 6);
        yield* log.trim(0);
        deepStrictEqual(yield* log.bounds(), { first: 1, last: 6 });
        yield* log.trim(4);
        yield* log.trim(4);
        yield* log.trim(2);
        deepStrictEqual(yield* log.bounds(), { first: 5, last: 6 });
        deepStrictEqual((yield* log.read(5, 10)).map(({ sequence }) => sequence), [5, 6]);
        for (const from of [1, 4]) ok((yield* Effect.flip(log.read(from, 10))) instanceof LogDamaged);
      }),
  );

  check(
    "trim() may remove the last entry, and also what is past it: the last sequence stays",
    (stream) =>
      Effect.gen(function* () {
        const log = yield* stream.open(0);
        yield* log.trim(5);
        deepStrictEqual(yield* log.bounds(), { first: 1, last: 0 });
        yield* appendAll(log, 1, 3);
        yield* log.trim(1_000);
        deepStrictEqual(yield* log.bounds(), { first: 4, last: 3 });
        deepStrictEqual(yield* log.read(4, 10), []);
        ok((yield* Effect.flip(log.append(entryOf(1), 0))) instanceof AppendConflict);
        yield* appendAll(log, 4, 5);
        deepStrictEqual(yield* log.bounds(), { first: 4, last: 5 });
        deepStrictEqual((yield* log.read(4, 10)).map(({ sequence }) => sequence), [4, 5]);
      }),
  );

  check("trim() of thousands of entries leaves the rest readable", (stream) =>
    Effect.gen(function* () {
      const log = yield* stream.open(0);
      yield* appendAll(log, 1, 2_300);
      yield* log.trim(2_290);
      deepStrictEqual((yield* readAll(log, 2_291, 4)).map(({ sequence }) => sequence), [
        ...Array.from({ length: 10 }, (_, i) => 2_291 + i),
      ]);
    }));
}

function testReopening(adapter: LogAdapter): void {
  test(`${adapter.name}: opening again finds entries, bounds and trims as they were left`, async (t) => {
    const layer = await adapter.place(t);
    await withLogs(layer, (stream) =>
      Effect.gen(function* () {
        yield* appendAll(yield* stream.open(0), 1, 5);
        const trimmed = yield* stream.open(1);
        yield* appendAll(trimmed, 1, 5);
        yield* trimmed.trim(5);
      }));
    await withLogs(layer, (stream) =>
      Effect.gen(function* () {
        const log = yield* stream.open(0);
        deepStrictEqual(yield* log.bounds(), { first: 1, last: 5 });
        deepStrictEqual((yield* log.read(2, 2)).map(({ bytes }) => bytes), [entryOf(2), entryOf(3)]);
        yield* appendAll(log, 6, 6);
        const trimmed = yield* stream.open(1);
        deepStrictEqual(yield* trimmed.bounds(), { first: 6, last: 5 });
        yield* appendAll(trimmed, 6, 6);
      }));
  });
}
