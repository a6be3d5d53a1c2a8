import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { layerMemory, makeMemoryLogStream } from "../../../src/log/memory/mod.ts";
import { entryOf, testLogContract } from "../../support/contracts/log.ts";

testLogContract({ name: "memory log", durable: false, place: () => Promise.resolve(layerMemory()) });

test("makeMemoryLogStream() keeps its entries when they are opened again and when the caller's buffer changes", async () => {
  const stream = makeMemoryLogStream();
  const bytes = entryOf(1);
  await Effect.runPromise(Effect.scoped(Effect.flatMap(stream.open(0), (log) => log.append(bytes, 0))));
  bytes.fill(0);
  const found = await Effect.runPromise(Effect.scoped(Effect.flatMap(stream.open(0), (log) => log.read(1, 1))));
  deepStrictEqual(found, [{ sequence: 1, bytes: entryOf(1) }]);
});
