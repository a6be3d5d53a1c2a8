// Goal: what becomes of each due time is decided by overlap and catch-up policy alone, each due time once.
// Method: tables of one schedule that is due every ten seconds.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { parseExpression } from "../../../src/schedules/expression.ts";
import { actionTime, executionName, nextStep, type Step } from "../../../src/schedules/next_step.ts";
import type { Progress, ScheduleRecord } from "../../../src/schedules/schedule_record.ts";

const ID = "/t/n/r0000000/schedule/s";
const expression = Result.getOrThrow(parseExpression("rate(10 seconds)", "UTC", 0));
const last = { dueEpochMs: 0, key: "k", executionArn: "a" };
const progress: Progress = { throughEpochMs: 0, waiting: [], started: 1, skipped: 0, missed: 0, failed: 0, last };
const schedule: ScheduleRecord = {
  expression: "rate(10 seconds)",
  timezone: "UTC",
  sinceEpochMs: 0,
  isEnabled: true,
  deletesItself: false,
  overlap: "allow",
  catchUpSeconds: 60,
  stateMachine: "m",
  progress,
};

interface Case {
  readonly when: string;
  readonly change?: Partial<ScheduleRecord>;
  readonly was?: Partial<Progress>;
  readonly now: number;
  readonly isLastRunning?: boolean;
  readonly step: {
    readonly kind: Step["kind"];
    readonly progress?: Partial<Progress>;
    readonly [field: string]: unknown;
  };
}

const cases: readonly Case[] = [
  { when: "nothing is due yet", now: 9_999, step: { kind: "Sleep", untilEpochMs: 10_000, orEnded: false } },
  { when: "it is due", now: 10_000, step: { kind: "Start", dueEpochMs: 10_000, progress: { throughEpochMs: 10_000 } } },
  {
    when: "the clock went back",
    was: { throughEpochMs: 50_000 },
    now: 1,
    step: { kind: "Sleep", untilEpochMs: 60_000, orEnded: false },
  },
  {
    when: "some are due, the oldest first",
    now: 35_000,
    step: { kind: "Start", dueEpochMs: 10_000, progress: { throughEpochMs: 10_000 } },
  },
  {
    when: "the oldest are too old",
    now: 90_000,
    step: { kind: "Note", progress: { throughEpochMs: 20_000, missed: 2 } },
  },
  {
    when: "just not too old",
    now: 70_000,
    step: { kind: "Start", dueEpochMs: 10_000, progress: { throughEpochMs: 10_000 } },
  },
  { when: "it is disabled", change: { isEnabled: false }, now: 10_000, step: { kind: "Rest" } },
  { when: "its end has come", change: { endEpochMs: 9_000 }, now: 10_000, step: { kind: "Over" } },
  {
    when: "it is not known whether the last runs",
    change: { overlap: "skip" },
    now: 10_000,
    step: { kind: "AskLast" },
  },
  {
    when: "skip, and the last runs",
    change: { overlap: "skip" },
    now: 10_000,
    isLastRunning: true,
    step: { kind: "Note", progress: { throughEpochMs: 10_000, skipped: 1 } },
  },
  {
    when: "skip, and the last has ended",
    change: { overlap: "skip" },
    now: 10_000,
    isLastRunning: false,
    step: { kind: "Start", dueEpochMs: 10_000, progress: { throughEpochMs: 10_000 } },
  },
  {
    when: "buffer-one, and none waits",
    change: { overlap: "buffer-one" },
    now: 10_000,
    isLastRunning: true,
    step: { kind: "Note", progress: { throughEpochMs: 10_000, waiting: [10_000] } },
  },
  {
    when: "buffer-one, and one waits",
    change: { overlap: "buffer-one" },
    was: { throughEpochMs: 10_000, waiting: [10_000] },
    now: 20_000,
    isLastRunning: true,
    step: { kind: "Note", progress: { throughEpochMs: 20_000, waiting: [10_000], skipped: 1 } },
  },
  {
    when: "buffer-all, and one waits",
    change: { overlap: "buffer-all" },
    was: { throughEpochMs: 10_000, waiting: [10_000] },
    now: 20_000,
    isLastRunning: true,
    step: { kind: "Note", progress: { throughEpochMs: 20_000, waiting: [10_000, 20_000] } },
  },
  {
    when: "one waits and the last has ended",
    change: { overlap: "buffer-all" },
    was: { throughEpochMs: 20_000, waiting: [10_000, 20_000] },
    now: 20_000,
    isLastRunning: false,
    step: { kind: "Start", dueEpochMs: 10_000, progress: { throughEpochMs: 20_000, waiting: [20_000] } },
  },
  {
    when: "one waits and none is due",
    change: { overlap: "buffer-one" },
    was: { throughEpochMs: 10_000, waiting: [10_000] },
    now: 11_000,
    isLastRunning: true,
    step: { kind: "Sleep", untilEpochMs: 20_000, orEnded: true },
  },
  {
    when: "one waits and none is due ever",
    change: { overlap: "buffer-one", endEpochMs: 10_000 },
    was: { throughEpochMs: 10_000, waiting: [10_000] },
    now: 11_000,
    isLastRunning: true,
    step: { kind: "Sleep", untilEpochMs: Infinity, orEnded: true },
  },
  {
    when: "cancel-other, and the last runs",
    change: { overlap: "cancel-other" },
    now: 10_000,
    isLastRunning: true,
    step: { kind: "CancelLast", progress: { throughEpochMs: 10_000, waiting: [10_000] } },
  },
  {
    when: "cancel-other, and one waits already",
    change: { overlap: "cancel-other" },
    was: { throughEpochMs: 10_000, waiting: [10_000] },
    now: 20_000,
    isLastRunning: true,
    step: { kind: "CancelLast", progress: { throughEpochMs: 20_000, waiting: [20_000], skipped: 1 } },
  },
];
for (const { when, change, was, now, isLastRunning, step } of cases) {
  test(`nextStep() is ${step.kind} when ${when}`, () => {
    const before = { ...progress, ...was };
    const found = nextStep(ID, { ...schedule, ...change, progress: before }, expression, now, isLastRunning);
    deepStrictEqual(found, "progress" in step ? { ...step, progress: { ...before, ...step.progress } } : step);
  });
}

test("a first start asks after no execution", () => {
  const { last: _, ...first } = progress;
  const step = nextStep(ID, { ...schedule, overlap: "skip", progress: first }, expression, 10_000, undefined);
  strictEqual(step.kind, "Start");
});

test("what was missed over a year is counted in bounded steps, and none of it twice", () => {
  let kept = progress;
  const now = 366 * 86_400_000;
  for (let steps = 0;; steps++) {
    const step = nextStep(ID, { ...schedule, progress: kept }, expression, now, undefined);
    if (step.kind !== "Note") {
      strictEqual(step.kind, "Start");
      strictEqual(steps, Math.ceil(kept.missed / 10_000));
      break;
    }
    kept = step.progress;
  }
  strictEqual(kept.missed, (now - 60_000) / 10_000 - 1);
});

test("in a flexible window each due time has its own moment, the same each time", () => {
  const flexible = { ...schedule, flexibleMinutes: 15 };
  const at = (due: number) => actionTime(ID, flexible, due) - due;
  const moments = Array.from({ length: 50 }, (_, index) => at(index * 10_000));
  strictEqual(moments.every((ms) => ms >= 0 && ms < 15 * 60_000), true);
  strictEqual(new Set(moments).size > 40, true);
  strictEqual(at(10_000), at(10_000));
  strictEqual(actionTime(ID, schedule, 10_000), 10_000);
});

test("executions' names are unique and fit", () => {
  const long = "n".repeat(64);
  strictEqual(executionName(long, Date.parse("9999-12-31T23:59:59.999Z")).length <= 80, true);
  strictEqual(executionName("n", 0), "n-1b16b1d-19700101T000000-000Z");
  strictEqual(executionName(`${long.slice(1)}a`, 0) === executionName(`${long.slice(1)}b`, 0), false);
});
