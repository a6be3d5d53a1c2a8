import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Duration, Effect, Schedule } from "effect";
import { backoffSchedule } from "../../../src/tasks/mod.ts";
import { backoffDelayMs } from "../../../src/values/mod.ts";

const backoff = { firstMs: 50, mostMs: 5_000 };

test("backoffSchedule() waits as backoffDelayMs() says, and counts the retries from 0", async () => {
  const seen: (readonly [number, number])[] = [];
  await Effect.runPromise(Effect.gen(function* () {
    const step = yield* Schedule.toStep(backoffSchedule(backoff));
    for (let retry = 0; retry < 12; retry++) {
      const [output, delay] = yield* Effect.orDie(step(0, undefined));
      seen.push([output, Duration.toMillis(delay)]);
    }
  }));
  deepStrictEqual(seen, Array.from({ length: 12 }, (_, retry) => [retry, backoffDelayMs(backoff, retry)]));
});
