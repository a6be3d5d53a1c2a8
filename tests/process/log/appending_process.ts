/** Appends to the log file that is its argument until it is killed, and prints the sequence of each acknowledged entry. */
import { writeSync } from "node:fs";
import { Effect } from "effect";
import { makeSqliteLogStream } from "../../../src/log/sqlite/mod.ts";
import { entryOf } from "../../support/contracts/log.ts";

const [, , file = ""] = process.argv;

await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
  const stream = yield* makeSqliteLogStream({ file, synchronous: "FULL" });
  const log = yield* stream.open(0);
  for (let sequence = 1;; sequence++) {
    yield* log.append(entryOf(sequence, 2_000), sequence - 1);
    writeSync(1, `${sequence}\n`);
  }
})));
