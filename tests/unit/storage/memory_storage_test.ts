import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { layerMemory, makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import { testStorageContract } from "../../support/contracts/storage.ts";

testStorageContract({ name: "memory storage", durable: false, place: () => Promise.resolve(layerMemory) });

test("makeMemoryStorage() keeps what was set when the caller changes the value, and what it gave out", async () => {
  const store = makeMemoryStorage();
  const value = [1];
  const atomic = store.atomic().set("b", value);
  await Effect.runPromise(store.set("a", value));
  value.push(2);
  await Effect.runPromise(atomic.commit());
  const given = await Effect.runPromise(store.get<number[]>("a"));
  given?.value.push(3);
  const found = await Effect.runPromise(store.getMany(["a", "b"]));
  deepStrictEqual(found.map((entry) => entry?.value), [[1], [1]]);
});
