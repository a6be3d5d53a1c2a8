/** An execution's status, times and id as tables and descriptions show them. */
import type { ExecutionSummary } from "../../../runtime/engine.ts";
import { formatDuration } from "./duration.ts";
import type { Paint } from "./paint.ts";

/** The status; `TimedOut` where the machine's time ran out. */
export function statusWord({ status, timedOut }: Pick<ExecutionSummary, "status" | "timedOut">): string {
  return timedOut === true ? "TimedOut" : status;
}

/** `text` in the status's colour. */
export function paintStatus({ status }: Pick<ExecutionSummary, "status">, text: string, paint: Paint): string {
  if (status === "Succeeded") return paint.green(text);
  if (status === "Failed") return paint.red(text);
  return status === "Canceled" || status === "Canceling" ? paint.yellow(text) : paint.blue(text);
}

/** How long it took, or has taken until now. */
export function tookText(
  { startedAt, endedAt }: Pick<ExecutionSummary, "startedAt" | "endedAt">,
  nowMs: number,
): string {
  const ms = (endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt);
  return Number.isNaN(ms) ? "" : formatDuration(ms);
}

/** Such as `3m05s ago`, or `in 45s`. */
export function relativeTime(iso: string, nowMs: number): string {
  const ms = nowMs - Date.parse(iso);
  if (Number.isNaN(ms)) return iso;
  return ms >= 0 ? `${formatDuration(ms)} ago` : `in ${formatDuration(-ms)}`;
}
