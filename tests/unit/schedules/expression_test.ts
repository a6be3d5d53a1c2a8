import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { parseExpression } from "../../../src/schedules/expression.ts";

const SOURCE = "EventBridge Scheduler, Schedule types";
const SINCE = Date.parse("2026-03-01T00:00:00.250Z");

function times(text: string, zone: string, after: string, count: number): string[] {
  const expression = Result.getOrThrow(parseExpression(text, zone, SINCE));
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  while (found.length < count) {
    at = expression.nextAfter(at);
    if (at === undefined) break;
    found.push(new Date(at).toISOString());
  }
  return found;
}

const cases = [
  {
    text: "rate(1 second)",
    after: "2026-03-01T00:00:05Z",
    due: ["2026-03-01T00:00:05.250Z", "2026-03-01T00:00:06.250Z"],
  },
  {
    text: "rate(5 minutes)",
    after: "2026-02-01T00:00:00Z",
    due: ["2026-03-01T00:00:00.250Z", "2026-03-01T00:05:00.250Z"],
  },
  { text: "rate(1 day)", after: "2026-03-01T00:00:00.250Z", due: ["2026-03-02T00:00:00.250Z"] },
  { text: "at(2026-03-02T10:00:00)", after: "2026-03-01T00:00:00Z", due: ["2026-03-02T10:00:00.000Z"] },
  {
    text: "at(2026-03-02T10:00:00)",
    zone: "Asia/Kolkata",
    after: "2026-03-01T00:00:00Z",
    due: ["2026-03-02T04:30:00.000Z"],
  },
  {
    text: "cron(0/15 * * * ? *)",
    after: "2026-03-01T00:00:00Z",
    due: ["2026-03-01T00:15:00.000Z", "2026-03-01T00:30:00.000Z"],
  },
  {
    text: "cron(5,35 14 * * ? *)",
    after: "2026-03-01T00:00:00Z",
    due: ["2026-03-01T14:05:00.000Z", "2026-03-01T14:35:00.000Z"],
  },
  {
    text: "cron(0 9 ? * 2#1 *)",
    after: "2026-03-01T00:00:00Z",
    due: ["2026-03-02T09:00:00.000Z", "2026-04-06T09:00:00.000Z"],
  },
  {
    text: "cron(0 9 ? * 6L *)",
    after: "2026-03-01T00:00:00Z",
    due: ["2026-03-27T09:00:00.000Z", "2026-04-24T09:00:00.000Z"],
  },
  { text: "cron(0 9 ? * FRIL *)", after: "2026-03-01T00:00:00Z", due: ["2026-03-27T09:00:00.000Z"] },
  { text: "cron(0 9 ? * L *)", after: "2026-03-01T00:00:00Z", due: ["2026-03-07T09:00:00.000Z"] },
  {
    text: "cron(0 9 L * ? *)",
    after: "2026-03-01T00:00:00Z",
    due: ["2026-03-31T09:00:00.000Z", "2026-04-30T09:00:00.000Z"],
  },
  { text: "cron(0 9 15W * ? *)", after: "2026-03-01T00:00:00Z", due: ["2026-03-16T09:00:00.000Z"] },
  {
    text: "cron(0 8 1 * ? 2027/2)",
    after: "2026-03-01T00:00:00Z",
    due: ["2027-01-01T08:00:00.000Z", "2027-02-01T08:00:00.000Z"],
  },
  { text: "cron(0 18 ? * MON-FRI *)", after: "2026-03-06T18:00:00Z", due: ["2026-03-09T18:00:00.000Z"] },
  { text: "cron(0 0 31 2 ? *)", after: "2026-03-01T00:00:00Z", due: [] },
  { text: "cron(0 0 1 1 ? 2020)", after: "2026-03-01T00:00:00Z", due: [] },
] as const;
for (const { text, after, due, ...rest } of cases) {
  const zone = "zone" in rest ? rest.zone : "UTC";
  test(`${text} in ${zone} after ${after} is due at ${due.join(", ") || "no time"} [${SOURCE}]`, () => {
    deepStrictEqual(times(text, zone, after, due.length === 0 ? 1 : due.length), due);
  });
}

test(`a time that clocks leap over is left out, and one that they show twice is due the first time [${SOURCE}]`, () => {
  // Zurich: 29 March 2026 has no 02:30, 25 October has two.
  deepStrictEqual(times("cron(30 2 * * ? *)", "Europe/Zurich", "2026-03-27T12:00:00Z", 2), [
    "2026-03-28T01:30:00.000Z",
    "2026-03-30T00:30:00.000Z",
  ]);
  deepStrictEqual(times("cron(30 2 * * ? *)", "Europe/Zurich", "2026-10-24T12:00:00Z", 2), [
    "2026-10-25T00:30:00.000Z",
    "2026-10-26T01:30:00.000Z",
  ]);
  deepStrictEqual(times("cron(0/30 * * * ? *)", "Europe/Zurich", "2026-10-24T23:30:00Z", 4), [
    "2026-10-25T00:00:00.000Z",
    "2026-10-25T00:30:00.000Z",
    "2026-10-25T02:00:00.000Z",
    "2026-10-25T02:30:00.000Z",
  ]);
});

const refused = [
  ["every day", "UTC"],
  ["rate(0 minutes)", "UTC"],
  ["rate(1 week)", "UTC"],
  ["rate(999999999 days)", "UTC"],
  ["at(2026-03-29T02:30:00)", "Europe/Zurich"],
  ["at(2026-02-30T00:00:00)", "UTC"],
  ["at(2026-03-02T10:00)", "UTC"],
  ["cron(* * * * *)", "UTC"],
  ["cron(* * * * * *)", "UTC"],
  ["cron(* * ? * ? *)", "UTC"],
  ["cron(? * * * ? *)", "UTC"],
  ["cron(60 * * * ? *)", "UTC"],
  ["cron(* * ? * 8 *)", "UTC"],
  ["cron(* * ? * 0 *)", "UTC"],
  ["cron(@daily)", "UTC"],
  ["cron(0 9 * * ? *)", "Mars/Olympus"],
  ["cron(0 9 * * ? *)", "+01:00"],
  [`cron(${"0,".repeat(200)}0 9 * * ? *)`, "UTC"],
] as const;
for (const [text, zone] of refused) {
  test(`${text.slice(0, 40)} in ${zone} is refused`, () => {
    strictEqual(Result.isFailure(parseExpression(text, zone, SINCE)), true);
  });
}
