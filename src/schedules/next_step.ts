/** What a schedule has to do next. Pure: the same record, instant and answer give the same step. */
import { hash7, sha256Hex } from "../values/mod.ts";
import type { Expression } from "./expression.ts";
import type { Progress, ScheduleRecord } from "./schedule_record.ts";

/** `progress` is what is to be kept once the step has been done. */
export type Step =
  /** Nothing, until somebody changes it. */
  | { readonly kind: "Rest" }
  /** Nothing is due any more. */
  | { readonly kind: "Over" }
  /** Until this instant, or until the last execution has ended where one waits for it. */
  | { readonly kind: "Sleep"; readonly untilEpochMs: number; readonly orEnded: boolean }
  /** It has to be known whether the last execution still runs. */
  | { readonly kind: "AskLast" }
  | { readonly kind: "Start"; readonly dueEpochMs: number; readonly progress: Progress }
  /** The last execution is to end; what is due waits for it. */
  | { readonly kind: "CancelLast"; readonly progress: Progress }
  | { readonly kind: "Note"; readonly progress: Progress };

/** Due times that may wait. */
const WAITING_MAX = 1_000;
/** Missed due times that are counted in one step. */
const MISSED_AT_ONCE = 10_000;
const MINUTE_MS = 60_000;
const HASH_RANGE = 0x1_0000_0000;

/** The next due time after an instant, within the schedule's start and end. */
export function nextDue(schedule: ScheduleRecord, expression: Expression, afterEpochMs: number): number | undefined {
  const due = expression.nextAfter(Math.max(afterEpochMs, schedule.sinceEpochMs - 1));
  return due === undefined || due > (schedule.endEpochMs ?? Infinity) ? undefined : due;
}

/** When a due time is acted upon: at once, or somewhere in its window, the same each time that it is asked. */
export function actionTime(id: string, { flexibleMinutes = 0 }: ScheduleRecord, dueEpochMs: number): number {
  const share = Number.parseInt(sha256Hex(`${id} ${dueEpochMs}`).slice(0, 8), 16) / HASH_RANGE;
  return dueEpochMs + Math.floor(share * flexibleMinutes * MINUTE_MS);
}

/** The name of the execution that a due time starts: the same each time, and no other's. At most 80 characters. */
export function executionName(name: string, dueEpochMs: number): string {
  const due = new Date(dueEpochMs).toISOString().replace(/[-:]/g, "").replace(".", "-");
  return `${name.slice(0, 48)}-${hash7(name)}-${due}`;
}

/** @param isLastRunning what is known of the last execution; `undefined`: it has not been asked */
export function nextStep(
  id: string,
  schedule: ScheduleRecord,
  expression: Expression,
  nowEpochMs: number,
  isLastRunning: boolean | undefined,
): Step {
  const { progress, overlap, catchUpSeconds } = schedule;
  if (!schedule.isEnabled) return { kind: "Rest" };
  const isAlone = progress.last === undefined || isLastRunning === false;
  const [waiting, ...others] = progress.waiting;
  if (waiting !== undefined) {
    if (isAlone) return { kind: "Start", dueEpochMs: waiting, progress: { ...progress, waiting: others } };
    if (isLastRunning === undefined) return { kind: "AskLast" };
  }
  const due = nextDue(schedule, expression, progress.throughEpochMs);
  if (due === undefined) {
    return waiting === undefined ? { kind: "Over" } : { kind: "Sleep", untilEpochMs: Infinity, orEnded: true };
  }
  const at = actionTime(id, schedule, due);
  if (at > nowEpochMs) return { kind: "Sleep", untilEpochMs: at, orEnded: waiting !== undefined };
  const notBeforeEpochMs = nowEpochMs - catchUpSeconds * 1_000;
  if (at < notBeforeEpochMs) return missedUntil(id, schedule, expression, notBeforeEpochMs);
  const through = { ...progress, throughEpochMs: due };
  if (overlap === "allow" || (isAlone && waiting === undefined)) {
    return { kind: "Start", dueEpochMs: due, progress: through };
  }
  if (isLastRunning === undefined) return { kind: "AskLast" };
  const skipped: Step = { kind: "Note", progress: { ...through, skipped: progress.skipped + 1 } };
  switch (overlap) {
    case "skip":
      return skipped;
    case "buffer-one":
      return waiting === undefined ? { kind: "Note", progress: { ...through, waiting: [due] } } : skipped;
    case "buffer-all":
      return progress.waiting.length < WAITING_MAX
        ? { kind: "Note", progress: { ...through, waiting: [...progress.waiting, due] } }
        : skipped;
    case "cancel-other":
      return {
        kind: "CancelLast",
        progress: { ...through, waiting: [due], skipped: progress.skipped + progress.waiting.length },
      };
    default:
      return overlap satisfies never;
  }
}

/** Due times that nobody was there for, up to a bound: what is left is counted in the next step. */
function missedUntil(id: string, schedule: ScheduleRecord, expression: Expression, notBeforeEpochMs: number): Step {
  let { throughEpochMs, missed } = schedule.progress;
  for (let counted = 0; counted < MISSED_AT_ONCE; counted++) {
    const due = nextDue(schedule, expression, throughEpochMs);
    if (due === undefined || actionTime(id, schedule, due) >= notBeforeEpochMs) break;
    throughEpochMs = due;
    missed += 1;
  }
  return { kind: "Note", progress: { ...schedule.progress, throughEpochMs, missed } };
}
