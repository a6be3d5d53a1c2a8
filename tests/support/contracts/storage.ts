/**
 * What every adapter of the storage port must do, as tests. An adapter's test file says how to make a place for a store, and
 * calls `testStorageContract`; what only one adapter can do is tested in its own file.
 */
import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Cause, Effect, Exit, type Layer, type Scope } from "effect";
import { type KeyValueStore, type ListSelector, Storage } from "../../../src/storage/mod.ts";
import type { Json } from "../../../src/values/mod.ts";

/** An adapter under test. */
export interface StorageAdapter {
  readonly name: string;
  /** A new place for a store, removed after the test. Each time the returned layer is built it opens the same place. */
  place(t: TestContext): Promise<Layer.Layer<Storage, unknown>>;
  /** What was written is there again when the layer is built anew. */
  readonly durable: boolean;
}

/** A test's work with the store of one place. */
export type StorageWork<A = void> = (store: KeyValueStore) => Effect.Effect<A, unknown, Scope.Scope>;

/** Builds the layer, does the work, and closes everything again. */
export function withStorage<A>(layer: Layer.Layer<Storage, unknown>, work: StorageWork<A>): Promise<A> {
  return Effect.runPromise(Effect.scoped(Effect.flatMap(Storage, work)).pipe(Effect.provide(layer)));
}

type Check = (name: string, work: StorageWork) => void;

/** Registers the contract's tests for one adapter. */
export function testStorageContract(adapter: StorageAdapter): void {
  const check: Check = (name, work) => {
    test(`${adapter.name}: ${name}`, async (t) => await withStorage(await adapter.place(t), work));
  };
  testKeys(check);
  testLists(check);
  testAtomic(check);
  testAtomicSize(check);
  if (adapter.durable) testReopening(adapter);
}

const valueOf = (store: KeyValueStore, key: string) => Effect.map(store.get<Json>(key), (entry) => entry?.value);

const versionOf = (store: KeyValueStore, key: string) =>
  Effect.map(store.get<Json>(key), (entry) => entry?.versionstamp ?? null);

const keysOf = (store: KeyValueStore, selector: ListSelector) =>
  Effect.map(store.list<Json>(selector), (entries) => entries.map(({ key }) => key));

const diesWith = (effect: () => Effect.Effect<unknown, unknown>) =>
  Effect.map(Effect.exit(Effect.suspend(effect)), (exit) => Exit.isFailure(exit) && Cause.hasDies(exit.cause));

function testKeys(check: Check): void {
  check("get() returns what was set last, and null for what is not there", (store) =>
    Effect.gen(function* () {
      strictEqual(yield* store.get("a"), null);
      yield* store.set("a", 1);
      yield* store.set("a", { b: [1, "é\u2028", null, true], "": {} });
      deepStrictEqual(yield* valueOf(store, "a"), { b: [1, "é\u2028", null, true], "": {} });
      yield* store.delete("a");
      yield* store.delete("a");
      strictEqual(yield* store.get("a"), null);
    }));

  check("get() gives back every kind of JSON value", (store) =>
    Effect.gen(function* () {
      const values: Json[] = [null, true, false, 0, -1.5, 1e300, "", ":x", "'; DROP", [], {}, [[]], { value: null }];
      for (const [index, value] of values.entries()) yield* store.set(`kind/${index}`, value);
      for (const [index, value] of values.entries()) deepStrictEqual(yield* valueOf(store, `kind/${index}`), value);
    }));

  check("get() takes a value of a megabyte", (store) =>
    Effect.gen(function* () {
      const value = { text: "x".repeat(900_000) };
      yield* store.set("large", value);
      deepStrictEqual(yield* valueOf(store, "large"), value);
    }));

  check("getMany() keeps the order asked, with null for what is not there", (store) =>
    Effect.gen(function* () {
      for (let i = 0; i < 30; i++) yield* store.set(`k${i}`, i);
      const found = yield* store.getMany<number>(["k7", "none", "k3", "k7"]);
      deepStrictEqual(found.map((entry) => entry?.value ?? null), [7, null, 3, 7]);
      const keys = Array.from({ length: 30 }, (_, i) => `k${29 - i}`);
      deepStrictEqual((yield* store.getMany(keys)).map((entry) => entry?.key), keys);
      deepStrictEqual(yield* store.getMany([]), []);
    }));

  check("the versionstamp of a key rises with every write, also over a delete", (store) =>
    Effect.gen(function* () {
      const seen: string[] = [];
      for (let i = 0; i < 12; i++) {
        if (i === 6) yield* store.delete("a");
        yield* store.set("a", "same");
        yield* store.set("b", i);
        seen.push((yield* versionOf(store, "a")) ?? "");
      }
      deepStrictEqual(seen, [...new Set(seen)].sort());
      deepStrictEqual((yield* store.getMany(["a"]))[0]?.versionstamp, seen.at(-1));
    }));

  check("keys of every allowed character and length are apart from each other", (store) =>
    Effect.gen(function* () {
      const keys = ["A", "a", "_", "-", "=", "0", "a/b", "/a/b", "a=b", "a-b", "a_b", "x".repeat(512), "-/=/_"];
      for (const key of keys) yield* store.set(key, key);
      deepStrictEqual((yield* store.getMany(keys)).map((entry) => entry?.value), keys);
      deepStrictEqual(yield* keysOf(store, { prefix: "", limit: 100 }), keys.toSorted());
    }));

  check("keys that are none are a defect", (store) =>
    Effect.gen(function* () {
      for (const key of ["", "a//b", "a/", "a b", "a.b", "a*", "é", "x".repeat(513), "a\n"]) {
        ok(yield* diesWith(() => store.get(key)), key);
        ok(yield* diesWith(() => store.set(key, 1)), key);
        ok(yield* diesWith(() => store.atomic().set(key, 1).commit()), key);
      }
    }));
}

function testLists(check: Check): void {
  const fill = (store: KeyValueStore) =>
    Effect.forEach(["b/3", "b/1", "a", "b/2/x", "b/2", "b", "b-", "b/10", "c"], (key) => store.set(key, { key }));

  check(
    "list() returns what begins with the prefix, in the order of character codes",
    (store) =>
      Effect.gen(function* () {
        yield* fill(store);
        deepStrictEqual(yield* keysOf(store, { prefix: "b/", limit: 10 }), ["b/1", "b/10", "b/2", "b/2/x", "b/3"]);
        deepStrictEqual(yield* keysOf(store, { prefix: "b", limit: 3 }), ["b", "b-", "b/1"]);
        deepStrictEqual(yield* keysOf(store, { prefix: "b/2", limit: 10 }), ["b/2", "b/2/x"]);
        deepStrictEqual(yield* keysOf(store, { prefix: "b/1", limit: 10 }), ["b/1", "b/10"]);
        deepStrictEqual(yield* keysOf(store, { prefix: "none", limit: 10 }), []);
        strictEqual((yield* keysOf(store, { prefix: "", limit: 100 })).length, 9);
        deepStrictEqual((yield* store.list({ prefix: "b/3", limit: 1 }))[0], yield* store.get("b/3"));
      }),
  );

  check("list() keeps to start, end, after and reverse", (store) =>
    Effect.gen(function* () {
      yield* fill(store);
      const within = { prefix: "b/", limit: 10 };
      deepStrictEqual(yield* keysOf(store, { ...within, start: "b/10", end: "b/3" }), ["b/10", "b/2", "b/2/x"]);
      deepStrictEqual(yield* keysOf(store, { ...within, after: "b/2" }), ["b/2/x", "b/3"]);
      deepStrictEqual(yield* keysOf(store, { ...within, reverse: true, limit: 2 }), ["b/3", "b/2/x"]);
      deepStrictEqual(yield* keysOf(store, { ...within, reverse: true, after: "b/2" }), ["b/10", "b/1"]);
      deepStrictEqual(yield* keysOf(store, { ...within, start: "b/2", reverse: true, after: "b/3" }), ["b/2/x", "b/2"]);
      deepStrictEqual(yield* keysOf(store, { ...within, start: "c" }), []);
      deepStrictEqual(yield* keysOf(store, { ...within, after: "b/3" }), []);
      deepStrictEqual(yield* keysOf(store, { ...within, start: "a", end: "zz" }), yield* keysOf(store, within));
    }));

  check("list() pages through everything once", (store) =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 120 }, (_, i) => `p/${String(i * 7 % 120).padStart(3, "0")}`);
      for (const key of keys) yield* store.set(key, key);
      for (const reverse of [false, true]) {
        const found: string[] = [];
        for (let page = [""]; page.length > 0;) {
          const after = found.at(-1);
          page = yield* keysOf(store, { prefix: "p/", reverse, limit: 50, ...(after === undefined ? {} : { after }) });
          found.push(...page);
        }
        deepStrictEqual(found, reverse ? keys.toSorted().toReversed() : keys.toSorted());
      }
    }));

  check("list() does not show what was deleted", (store) =>
    Effect.gen(function* () {
      yield* fill(store);
      strictEqual((yield* keysOf(store, { prefix: "b/", limit: 10 })).length, 5);
      yield* store.delete("b/2");
      yield* store.delete("b/10");
      deepStrictEqual(yield* keysOf(store, { prefix: "b/", limit: 3 }), ["b/1", "b/2/x", "b/3"]);
      yield* store.set("b/2", "again");
      deepStrictEqual(yield* keysOf(store, { prefix: "b/", limit: 2, after: "b/1" }), ["b/2", "b/2/x"]);
    }));

  check("list() refuses a limit that is out of range", (store) =>
    Effect.gen(function* () {
      for (const limit of [0, 10_001, 1.5]) ok(yield* diesWith(() => store.list({ prefix: "", limit })));
      deepStrictEqual(yield* store.list({ prefix: "", limit: 10_000 }), []);
    }));
}

function testAtomic(check: Check): void {
  check(
    "atomic() commits while its checks hold, and writes nothing when they do not",
    (store) =>
      Effect.gen(function* () {
        strictEqual(yield* store.atomic().check("a", null).set("a", 1).commit(), true);
        strictEqual(yield* store.atomic().check("a", null).set("a", 2).commit(), false);
        const version = yield* versionOf(store, "a");
        strictEqual(yield* store.atomic().check("a", version).set("a", 3).commit(), true);
        strictEqual(yield* store.atomic().check("a", version).set("a", 4).commit(), false);
        strictEqual(yield* valueOf(store, "a"), 3);
        strictEqual(yield* store.atomic().check("a", version).delete("a").commit(), false);
        strictEqual(yield* store.atomic().check("a", yield* versionOf(store, "a")).delete("a").commit(), true);
        strictEqual(yield* valueOf(store, "a"), undefined);
        strictEqual(yield* store.atomic().check("a", null).set("a", 5).commit(), true);
      }),
  );

  check("atomic() with checks that contradict each other never commits", (store) =>
    Effect.gen(function* () {
      yield* store.set("a", 1);
      const version = yield* versionOf(store, "a");
      strictEqual(yield* store.atomic().check("a", version).check("a", null).set("a", 2).commit(), false);
      strictEqual(yield* store.atomic().check("a", version).check("a", version).set("a", 2).commit(), true);
    }));

  check("atomic() of no writes answers whether its checks hold", (store) =>
    Effect.gen(function* () {
      strictEqual(yield* store.atomic().commit(), true);
      strictEqual(yield* store.atomic().check("a", null).commit(), true);
      yield* store.set("a", 1);
      strictEqual(yield* store.atomic().check("a", null).commit(), false);
      strictEqual(yield* store.atomic().check("a", yield* versionOf(store, "a")).commit(), true);
    }));

  check("atomic() lets exactly one of many that check the same version win", (store) =>
    Effect.gen(function* () {
      yield* store.set("a", -1);
      for (let round = 0; round < 10; round++) {
        const version = yield* versionOf(store, "a");
        const outcomes = yield* Effect.all(
          Array.from({ length: 8 }, (_, i) => store.atomic().check("a", version).set("a", round * 10 + i).commit()),
          { concurrency: "unbounded" },
        );
        strictEqual(outcomes.filter((won) => won).length, 1);
        strictEqual(yield* valueOf(store, "a"), round * 10 + outcomes.indexOf(true));
        notStrictEqual(yield* versionOf(store, "a"), version);
      }
    }));
}

function testAtomicSize(check: Check): void {
  check("atomic() writes all its keys or none, up to atomicKeysMax of them", (store) =>
    Effect.gen(function* () {
      const count = Math.min(store.atomicKeysMax, 1_000);
      const filled = (value: number) => {
        const atomic = store.atomic().check("guard", null);
        for (let i = 0; i < count; i++) atomic.set(`many/${i}`, value);
        return atomic;
      };
      strictEqual(yield* filled(1).commit(), true);
      yield* store.set("guard", true);
      strictEqual(yield* filled(2).commit(), false);
      const found = yield* store.list<number>({ prefix: "many/", limit: 10_000 });
      strictEqual(found.length, count);
      ok(found.every(({ value }) => value === 1));
      if (count > 1) {
        strictEqual(yield* store.atomic().set("many/0", 5).delete("many/1").set("many/0", 6).commit(), true);
        deepStrictEqual((yield* store.getMany(["many/0", "many/1"])).map((entry) => entry?.value), [6, undefined]);
      }
      ok(
        yield* diesWith(() => {
          const atomic = store.atomic();
          for (let i = 0; i <= store.atomicKeysMax; i++) atomic.set(`more/${i}`, i);
          return atomic.commit();
        }),
      );
      strictEqual((yield* store.list({ prefix: "more/", limit: 1 })).length, 0);
    }));
}

function testReopening(adapter: StorageAdapter): void {
  test(`${adapter.name}: sync() succeeds, with and without something written`, async (t) => {
    await withStorage(await adapter.place(t), (store) =>
      Effect.gen(function* () {
        yield* store.sync();
        yield* store.set("a", 1);
        yield* store.sync();
        strictEqual((yield* store.get("a"))?.value, 1);
      }));
  });

  test(`${adapter.name}: opening again finds what was written, and versionstamps go on rising`, async (t) => {
    const layer = await adapter.place(t);
    const first = await withStorage(layer, (store) =>
      Effect.gen(function* () {
        yield* store.set("a", 1);
        yield* store.set("gone", 1);
        yield* store.delete("gone");
        return yield* versionOf(store, "a");
      }));
    await withStorage(layer, (store) =>
      Effect.gen(function* () {
        deepStrictEqual(yield* keysOf(store, { prefix: "", limit: 10 }), ["a"]);
        strictEqual(yield* versionOf(store, "a"), first);
        yield* store.set("a", 2);
        ok(((yield* versionOf(store, "a")) ?? "") > (first ?? "~"));
        strictEqual(yield* store.atomic().check("a", first).set("a", 3).commit(), false);
      }));
  });
}
