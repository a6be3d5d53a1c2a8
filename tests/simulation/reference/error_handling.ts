/** `Retry` and `Catch` as the specification has them. Shares no code with the engine. */
import type { CatcherJson, RetrierJson } from "./definition.ts";

const timeouts = ["States.Timeout", "States.HeartbeatTimeout"];

function standsFor(name: string, error: string): boolean {
  if (error === "States.Runtime") return false;
  if (name === error || name === "States.ALL") return true;
  if (name === "States.TaskFailed") return !timeouts.includes(error);
  return name === "States.Timeout" && error === "States.HeartbeatTimeout";
}

/** The first entry that stands for the error (a missed heartbeat by the name that it has for them); -1 when none does. */
export function firstThatStandsFor(
  entries: readonly (RetrierJson | CatcherJson)[],
  error: string | undefined,
): number {
  return entries.findIndex(({ ErrorEquals }) => ErrorEquals.some((name) => standsFor(name, error ?? "")));
}

/** Retries that this retrier allows. */
export function retriesMax({ MaxAttempts = 3 }: RetrierJson): number {
  return MaxAttempts;
}

/** Milliseconds before retry `made` + 1, at least and at most. */
export function delayBoundsMs(retrier: RetrierJson, made: number): readonly [least: number, most: number] {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity, JitterStrategy = "NONE" } = retrier;
  const fullMs = Math.round(Math.min(IntervalSeconds * BackoffRate ** made, MaxDelaySeconds) * 1_000);
  return JitterStrategy === "FULL" ? [0, fullMs] : [fullMs, fullMs];
}
