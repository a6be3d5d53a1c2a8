// Goal: what the fault runs call right has been looked at, and what is wrong is found: the checks can fail.
// Method: a run that went well, made by hand; then the same with one thing forged, for each kind of violation.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { HistoryEvent } from "../../../src/runtime/mod.ts";
import { check } from "./checker.ts";
import { type Completion, type Found, Ledger } from "./ledger.ts";

const ID = "/default/default/e0000001/0000000100000001";
const OTHER_ID = "/default/default/e0000001/0000000100000009";
const TASK_ID = "/default/default/t0000001/0000000100000002";
const BEGUN_MS = Date.parse("2026-01-31T08:00:00.000Z");
const at = (ms: number) => new Date(BEGUN_MS + ms).toISOString();
const output = { n: 1 };
const succeeded = { status: "Succeeded", output, endedAt: at(2_100) };

const events: readonly (readonly [string, number, Record<string, string | number | object>])[] = [
  ["ExecutionStartedEvent", 5, { executionId: ID }],
  ["StateStartedEvent", 5, { activityId: "a1", stateType: "Wait", deadlineEpochMs: BEGUN_MS + 2_005 }],
  ["TimerFiredEvent", 2_006, { actorId: "a1", deadlineEpochMs: BEGUN_MS + 2_005 }],
  ["StateCompletedEvent", 2_006, { activityId: "a1" }],
  ["StateStartedEvent", 2_006, { activityId: "a2", stateType: "Task" }],
  ["TaskCreatedEvent", 2_006, { activityId: "a2", taskId: TASK_ID }],
  ["TaskCompletedEvent", 2_100, { activityId: "a2", taskId: TASK_ID, output: { value: output, by: "w1-1" } }],
  ["StateCompletedEvent", 2_100, { activityId: "a2" }],
  ["ExecutionCompletedEvent", 2_100, { executionId: ID, status: "Succeeded" }],
];
const historyOf = (rows = events): readonly HistoryEvent[] =>
  rows.map(([type, ms, fields], index) => ({ id: index + 1, type, timestamp: at(ms), ...fields } as HistoryEvent));
/** The history with one event moved to another time. */
const movedTo = (type: string, ms: number) =>
  historyOf(events.map((row) => row[0] === type ? [row[0], ms, row[2]] : row));

interface Forgery {
  readonly found?: Partial<Found>;
  readonly completions?: readonly Partial<Completion>[];
  readonly listed?: ReadonlySet<string>;
  /** More that was told, after all went well. */
  readonly told?: (ledger: Ledger) => void;
}

function kindsOf(
  { found = {}, completions = [{}], listed = new Set([ID]), told = () => {} }: Forgery,
): readonly string[] {
  const ledger = new Ledger();
  ledger.asked({
    key: "k1",
    workload: "wait",
    expected: { status: "Succeeded", output, notBeforeEpochMs: BEGUN_MS + 2_000 },
    askedAtEpochMs: BEGUN_MS,
  });
  ledger.read(ID, BEGUN_MS + 1, "NotFound", "node 1"); // nothing has been acknowledged yet
  ledger.acknowledged("k1", ID, BEGUN_MS + 10);
  ledger.read(ID, BEGUN_MS + 9, "NotFound", "node 1"); // asked before
  ledger.read(ID, BEGUN_MS + 11, { status: "Running" }, "node 1");
  for (const completion of completions) {
    ledger.completed({
      executionId: ID,
      taskId: TASK_ID,
      by: "w1-1",
      askedAtEpochMs: BEGUN_MS + 2_090,
      answeredAtEpochMs: BEGUN_MS + 2_110,
      answer: "accepted",
      ...completion,
    });
  }
  ledger.read(ID, BEGUN_MS + 2_110, "Unavailable", "node 1");
  ledger.read(ID, BEGUN_MS + 2_111, succeeded, "node 1");
  told(ledger);
  const all = new Map<string, Found>([[ID, { described: succeeded, history: historyOf(), ...found }]]);
  return check(ledger, { found: all, listed }).map(({ kind }) => kind);
}

const twice: Partial<Completion> = { by: "w2-1" };
const cases: readonly (Forgery & { readonly what: string; readonly kinds: readonly string[] })[] = [
  { what: "a run that went well", kinds: [] },
  {
    what: "a second try of a worker, refused after the first was accepted",
    completions: [{}, { by: "w1-2", answer: "InvalidStatus", answeredAtEpochMs: BEGUN_MS + 2_120 }],
    kinds: [],
  },
  { what: "an acknowledged start that is NotFound", found: { described: "NotFound" }, kinds: ["lost"] },
  { what: "one that nobody could read", found: { described: "unanswered" }, kinds: ["lost"] },
  { what: "one that has not ended", found: { described: { status: "Running" } }, kinds: ["lost"] },
  { what: "one that no list has", listed: new Set(), kinds: ["lost"] },
  { what: "one whose history lost its end", found: { history: historyOf(events.slice(0, -1)) }, kinds: ["lost"] },
  {
    what: "a task that was accepted, and whose end is not in the history",
    found: { history: historyOf(events.filter(([type]) => type !== "TaskCompletedEvent")) },
    kinds: ["lost"],
  },
  {
    what: "one key, two executions",
    told: (ledger) => ledger.acknowledged("k1", OTHER_ID, BEGUN_MS + 2_200),
    kinds: ["duplicateResults"],
  },
  {
    what: "two ends told",
    told: (ledger) => ledger.read(ID, BEGUN_MS + 2_200, { ...succeeded, output: { n: 2 } }, "node 2"),
    kinds: ["duplicateResults"],
  },
  {
    what: "another end found than told",
    found: { described: { ...succeeded, status: "Failed" } },
    kinds: ["wrongOutputs", "duplicateResults"],
  },
  { what: "a task accepted twice", completions: [{}, twice], kinds: ["duplicateResults"] },
  {
    what: "an event that happened twice",
    found: { history: historyOf([...events.slice(0, 7), ...events.slice(6)]) },
    kinds: ["duplicateResults"],
  },
  {
    what: "an event after the end",
    found: { history: historyOf([...events, ["TimerFiredEvent", 2_200, { actorId: "a1", deadlineEpochMs: 0 }]]) },
    kinds: ["duplicateResults"],
  },
  {
    what: "a result that another worker brought than was accepted",
    completions: [twice],
    kinds: ["wrongOutputs"],
  },
  {
    what: "an output that the definition does not give",
    found: { described: { ...succeeded, output: { n: 2 } } },
    kinds: ["wrongOutputs", "duplicateResults"],
  },
  {
    what: "a wait that fires 5 ms early",
    found: { history: movedTo("TimerFiredEvent", 2_000) },
    kinds: ["earlyTimers"],
  },
  {
    what: "an end before the wait can be over",
    found: { history: movedTo("ExecutionCompletedEvent", 1_999) },
    kinds: ["earlyTimers"],
  },
  {
    what: "NotFound after the acknowledgement",
    told: (ledger) => ledger.read(ID, BEGUN_MS + 11, "NotFound", "node 2"),
    kinds: ["staleReads"],
  },
  {
    what: "Running after the end was told",
    told: (ledger) => ledger.read(ID, Date.now() + 1, { status: "Running" }, "node 2"),
    kinds: ["staleReads"],
  },
  {
    what: "a worker who was told NotFound before its task had ended",
    completions: [{ answer: "NotFound", answeredAtEpochMs: BEGUN_MS + 2_050 }],
    kinds: ["staleReads"],
  },
  {
    what: "a history with a gap",
    found: { history: historyOf().map((event) => event.id < 5 ? event : { ...event, id: event.id + 1 }) },
    kinds: ["historyGaps"],
  },
];

for (const { what, kinds, ...forgery } of cases) {
  test(`check() finds ${kinds.join(" and ") || "nothing"}: ${what}`, () => deepStrictEqual(kindsOf(forgery), kinds));
}

test("Ledger notices an end that is told before it may be", () => {
  const ledger = new Ledger();
  const now = Date.now();
  const expected = { status: "Succeeded", output, notBeforeEpochMs: now + 60_000 } as const;
  ledger.asked({ key: "k1", workload: "wait", expected, askedAtEpochMs: now });
  ledger.acknowledged("k1", ID, now);
  ledger.read(ID, now, succeeded, "node 1");
  deepStrictEqual(ledger.violations.map(({ kind }) => kind), ["earlyTimers"]);
});
