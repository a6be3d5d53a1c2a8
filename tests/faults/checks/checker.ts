/** Holds what is found at the end of a run against the ledger. Pure: everything it judges by comes in. */
import { isDeepStrictEqual } from "node:util";
import type { HistoryEvent } from "../../../src/runtime/mod.ts";
import type { Json } from "../../../src/values/mod.ts";
import { checkHistory, taskEnds } from "./history_checks.ts";
import {
  type Completion,
  type Entry,
  type Found,
  isEnd,
  isSameEnd,
  type Ledger,
  type ToldExecution,
} from "./ledger.ts";
import type { Violation, ViolationKind } from "./violation.ts";

/** The state of things when all faults are over and everything had its time to end. */
export interface Findings {
  /** Every execution that was acknowledged, and every other whose tasks workers have seen, by id. */
  readonly found: ReadonlyMap<string, Found>;
  /** Ids that the lists have; absent where nobody listed. */
  readonly listed?: ReadonlySet<string>;
}

/** All that is wrong: what the ledger noticed in time, and what only the end shows. */
export function check(ledger: Ledger, { found, listed }: Findings): readonly Violation[] {
  const violations = [...ledger.violations];
  for (const entry of ledger.entries) {
    const { key, executionId } = entry;
    if (executionId === undefined) continue;
    const report = (kind: ViolationKind, message: string) =>
      violations.push({ kind, about: key, executionId, message });
    const described = found.get(executionId)?.described ?? "NotFound";
    if (typeof described === "string") {
      report("lost", described === "NotFound" ? "it is NotFound" : "nobody could say what has become of it");
      continue;
    }
    if (listed?.has(executionId) === false) report("lost", "it is in no list");
    if (isEnd(described.status)) checkEnd(entry, described, report);
    else report("lost", `it is still ${described.status}`);
  }
  for (const [executionId, { history }] of found) {
    const entry = ledger.entryOf(executionId);
    const report = (kind: ViolationKind, message: string) =>
      violations.push({ kind, about: entry?.key ?? executionId, executionId, message });
    checkHistory(history, report);
    checkCompletions(history, ledger.completions.get(executionId) ?? [], report);
    if (entry !== undefined) checkStory(entry, history, report);
  }
  return violations;
}

/** What a worker is told of a task that has ended, and of no other. */
const refusalsOfEndedTasks = new Set(["NotFound", "InvalidToken", "InvalidStatus"]);

type Report = (kind: ViolationKind, message: string) => void;

function checkEnd(
  { expected, end }: Entry,
  described: ToldExecution,
  report: Report,
): void {
  const isWanted = expected.status === described.status &&
    (expected.output === undefined || isDeepStrictEqual(expected.output, described.output));
  if (!isWanted) report("wrongOutputs", `expected ${outcome(expected)}, but it is ${outcome(described)}`);
  if (end === undefined || isSameEnd(end, described)) return;
  report("duplicateResults", `it was told to be ${outcome(end)}, and is ${outcome(described)}`);
}

function outcome({ status, output }: { readonly status: string; readonly output?: Json }): string {
  return output === undefined ? status : `${status} with ${JSON.stringify(output)}`;
}

/** The history of one of ours: it begins, and ends as it was told. */
function checkStory({ end, expected }: Entry, history: readonly HistoryEvent[], report: Report): void {
  if (history[0]?.type !== "ExecutionStartedEvent") report("lost", "its history does not begin with its start");
  const ended = history.find(({ type }) => type === "ExecutionCompletedEvent");
  if (ended === undefined) {
    if (end !== undefined) report("lost", `its history has no end, though ${end.status} was told`);
    return;
  }
  const endedAtEpochMs = Date.parse(ended.timestamp);
  if (endedAtEpochMs < expected.notBeforeEpochMs) {
    report("earlyTimers", `it ended ${expected.notBeforeEpochMs - endedAtEpochMs} ms before it may have`);
  }
}

/** What workers were told of tasks: an accepted outcome stands, and is the only one; a refusal must have been true. */
function checkCompletions(history: readonly HistoryEvent[], completions: readonly Completion[], report: Report): void {
  for (const [taskId, tries] of Map.groupBy(completions, ({ taskId }) => taskId)) {
    const ends = history.filter((event) => taskEnds.has(event.type) && event["taskId"] === taskId);
    const endedAtEpochMs = Math.min(...ends.map(({ timestamp }) => Date.parse(timestamp)));
    const accepted = tries.filter(({ answer }) => answer === "accepted");
    const [first, second] = accepted;
    if (second !== undefined) {
      report("duplicateResults", `task ${taskId} was accepted twice: of ${first?.by} and of ${second.by}`);
    } else if (first !== undefined) {
      if (ends.length === 0) report("lost", `task ${taskId} was accepted of ${first.by}, and has not ended`);
      else if (!JSON.stringify(ends[0]).includes(JSON.stringify(first.by).slice(1, -1))) {
        report("wrongOutputs", `task ${taskId} was accepted of ${first.by}, and has another outcome`);
      }
    }
    for (const { answer, by, answeredAtEpochMs } of tries) {
      if (!refusalsOfEndedTasks.has(answer) || endedAtEpochMs <= answeredAtEpochMs) continue;
      report("staleReads", `task ${taskId} of ${by} was refused with ${answer} before it had ended`);
    }
  }
}
