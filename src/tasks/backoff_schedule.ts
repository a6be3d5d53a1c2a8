import { Effect, Schedule } from "effect";
import { type Backoff, backoffDelayMs } from "../values/mod.ts";

/** A backoff as a schedule, without end; its output is the number of retries so far. By the clock of whoever runs it. */
export function backoffSchedule(backoff: Backoff): Schedule.Schedule<number> {
  return Schedule.modifyDelay(Schedule.forever, ({ output }) => Effect.succeed(backoffDelayMs(backoff, output)));
}
