/** Writes to the store whose file is its argument until it is killed: rounds of 40 keys, each acknowledged round is printed. */
import { writeSync } from "node:fs";
import { Effect } from "effect";
import { makeKeyvStorage } from "../../../src/storage/keyv/mod.ts";

const [, , file = ""] = process.argv;

await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
  const store = yield* makeKeyvStorage({ file });
  for (let round = 1;; round++) {
    const atomic = store.atomic();
    for (let index = 0; index < 40; index++) atomic.set(`key/${index}`, round);
    yield* atomic.commit();
    writeSync(1, `${round}\n`);
  }
})));
