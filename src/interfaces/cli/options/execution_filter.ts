/** What executions are listed by, as people write it: statuses in any case, times as moments or as spans before now. */
import { InvalidArgumentError } from "commander";
import type { ExecutionStatus } from "../../../runtime/engine.ts";
import type { ListRequest } from "../homes.ts";
import { isoTime } from "./option_values.ts";

/** One status as lists know it: `TimedOut` is a `Failed` that had no time left. */
export type StatusFilter = Pick<ListRequest, "status" | "timedOut">;

const statuses: Readonly<Record<ExecutionStatus | "TimedOut", StatusFilter>> = {
  Pending: { status: "Pending" },
  Running: { status: "Running" },
  Completing: { status: "Completing" },
  Succeeded: { status: "Succeeded" },
  Failed: { status: "Failed" },
  TimedOut: { status: "Failed", timedOut: true },
  Canceling: { status: "Canceling" },
  Canceled: { status: "Canceled" },
  Deleting: { status: "Deleting" },
};

/** AWS's word, and the other spelling. */
const otherWords: Readonly<Record<string, StatusFilter>> = {
  aborted: statuses.Canceled,
  cancelled: statuses.Canceled,
  cancelling: statuses.Canceling,
};

/** An option's value as a status: `Failed`, `failed`, `TIMED_OUT`, `timed-out`, `aborted` … */
export function statusFilter(text: string): StatusFilter {
  const word = text.toLowerCase().replace(/[-_ ]/g, "");
  const known = Object.entries(statuses).find(([name]) => name.toLowerCase() === word)?.[1];
  const found = known ?? (Object.hasOwn(otherWords, word) ? otherWords[word] : undefined);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`Allowed choices are ${Object.keys(statuses).join(", ")}, in any case.`);
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const spanPattern = /^(\d{1,6})([smhdw])$/;

/** A moment, or how long before now it was: `2026-01-31T10:00:00Z`, `90s`, `15m`, `2h`, `3d`, `1w`. */
export type TimeBound = string;

/** An option's value as a {@link TimeBound}. */
export function timeBound(text: string): TimeBound {
  if (spanPattern.test(text)) return text;
  try {
    return isoTime(text);
  } catch {
    throw new InvalidArgumentError(
      "Expected a time with its zone, such as 2026-01-31T10:00:00Z, or a span such as 15m.",
    );
  }
}

/** The moment, ISO 8601. @param nowMs unix milliseconds */
export function momentOf(bound: TimeBound, nowMs: number): string {
  const [, count, unit = "s"] = spanPattern.exec(bound) ?? [];
  return count === undefined ? bound : new Date(nowMs - Number(count) * (units[unit] ?? 1_000)).toISOString();
}
