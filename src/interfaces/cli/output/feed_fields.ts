/** Reads fields of feed and history events, whose set may grow: what is missing or of another type is `undefined`. */
import type { HistoryEvent } from "../../../runtime/engine.ts";
import type { Json } from "../../../values/mod.ts";

/** A field that is text. */
export function textField(event: HistoryEvent, name: string): string | undefined {
  const value: Json | undefined = event[name];
  return typeof value === "string" ? value : undefined;
}

/** A field that is a number. */
export function numberField(event: HistoryEvent, name: string): number | undefined {
  const value: Json | undefined = event[name];
  return typeof value === "number" ? value : undefined;
}

/** A time as ISO 8601 text, unix milliseconds or unix seconds, in unix milliseconds. */
export function timeField(event: HistoryEvent, name: string): number | undefined {
  const value: Json | undefined = event[name];
  if (typeof value === "string") {
    const parsed = Date.parse(value);
    return Number.isNaN(parsed) ? undefined : parsed;
  }
  if (typeof value !== "number") return undefined;
  return value > 100_000_000_000 ? value : value * 1_000;
}

/** The error's name, where a fact tells of one. */
export function errorField(event: HistoryEvent): string | undefined {
  return textField(event, "error") ?? textField(event, "reason");
}

/** When what a fact announces is due, unix milliseconds. */
export function deadlineField(event: HistoryEvent): number | undefined {
  return timeField(event, "deadline") ?? timeField(event, "deadlineEpochMs");
}

/** Which retry it is, 1 for the first. */
export function retryCountField(event: HistoryEvent): number | undefined {
  const attempt = numberField(event, "attempt");
  return numberField(event, "retryCount") ?? (attempt === undefined ? undefined : attempt - 1);
}

/** True for a fact's `status` that means it went wrong. */
export function isBadStatus(status: string | undefined): boolean {
  return status === "Failed" || status === "TimedOut" || status === "Canceled" || status === "Aborted";
}

/** The activity of the Map or Parallel that a branch's or iteration's own fact is about. */
export function containerOf(event: HistoryEvent): string | undefined {
  const activityId = textField(event, "activityId");
  if (activityId !== undefined) return activityId;
  const child = textField(event, "branchId") ?? textField(event, "iterationId");
  return child === undefined ? undefined : childPattern.exec(child)?.[1];
}

const childPattern = /^(.+)\/[bi](\d+)$/;

/** Where a state runs: the activity of the Parallel or Map around it and which child; `undefined` at the top. */
export function parentOf(event: HistoryEvent): { readonly activityId: string; readonly index: number } | undefined {
  const parent = textField(event, "parentId") ?? textField(event, "parentBranchId") ??
    textField(event, "parentIterationId");
  const match = parent === undefined ? null : childPattern.exec(parent);
  return match === null ? undefined : { activityId: match[1] ?? "", index: Number(match[2]) };
}

/** The execution's id without tenant and namespace, such as `e1a2b3c4/0123456789abcdef`; other text as it is. */
export function shortExecutionId(executionId: string): string {
  const parts = executionId.split("/");
  return parts.length === 5 ? `${parts[3]}/${parts[4]}` : executionId;
}
