// Goal: each due time of a schedule starts one execution, or is missed as the catch-up policy says, whatever is killed and however the
// clock is set meanwhile.
// Method: a schedule of every second on a clock that runs twenty times as fast, in a process that is killed at moments of a seeded
// random source; after each kill the clock may be hours ahead or behind. WEFT_KILLS says how often, by default 4 times.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/embedded.ts";
import type { ListedExecution } from "../../../src/runtime/mod.ts";
import { present } from "../../../src/values/mod.ts";
import { kill, seeded, startChild } from "../../support/child_process.ts";
import { fastClock } from "./fast_clock.ts";

const KILLS = Number(process.env["WEFT_KILLS"] ?? 4);
const SPEED = 20;
const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;
const space = { tenant: "t", namespace: "n" };
const script = fileURLToPath(new URL("./scheduling_process.ts", import.meta.url));
const request = {
  ...space,
  name: "tick",
  expression: "rate(1 second)",
  stateMachine: "ticked",
  definition: { StartAt: "Pass", States: { Pass: { Type: "Pass", End: true } } },
};

test(`each second starts one execution through ${KILLS} kills and a clock that goes back and ahead (seed 7)`, async () => {
  const { dues, progress, total } = await afterKills(7, DAY_SECONDS, [0, -2 * HOUR_MS, 2 * HOUR_MS, 60_000, 0]);
  deepStrictEqual([progress.started, progress.missed, dues.length], [total, 0, total]);
});

test(`each second is started or missed as the policy says through ${KILLS} kills and leaps of the clock (seed 8)`, async () => {
  const { dues, progress, total } = await afterKills(8, 60, [2 * HOUR_MS, 0, 5_000, -HOUR_MS, HOUR_MS + 300_000]);
  strictEqual(progress.started + progress.missed, total);
  strictEqual(progress.missed >= 2 * HOUR_MS / 1_000 - 60, true);
  // A kill between a start and its note: where the fast clock goes over the window before the next process is up, it is told as missed, and it is there.
  const untold = dues.length - progress.started;
  strictEqual(
    untold >= 0 && untold <= KILLS,
    true,
    `${dues.length} there, ${progress.started} told`,
  );
});

/** What a schedule has come to after kills, each with a leap of the clock behind it. */
async function afterKills(seed: number, catchUpSeconds: number, leapsMs: readonly number[]) {
  const store = await mkdtemp(join(tmpdir(), "weft-schedule-"));
  const random = seeded(seed);
  let offsetMs = 0;
  let furthestMs = 0;
  try {
    for (let kills = 0; kills < KILLS; kills++) {
      const first = kills === 0 ? [JSON.stringify({ ...request, catchUpSeconds })] : [];
      // While the clock is behind where it was, nothing is due.
      const startedCount = offsetMs < furthestMs ? 0 : 1 + random(12);
      await runUntil(startedCount, [script, store, `${SPEED}`, `${offsetMs}`, ...first]);
      offsetMs += leapsMs[kills % leapsMs.length] ?? 0;
      furthestMs = Math.max(furthestMs, offsetMs);
    }
    return await outcome(store, catchUpSeconds, offsetMs);
  } finally {
    await rm(store, { recursive: true, force: true });
  }
}

/** Runs a process until it is up and has started so many executions, then kills it. */
async function runUntil(startedCount: number, args: readonly string[]): Promise<void> {
  let started = 0;
  let isUp = false;
  let enough = () => {};
  const isEnough = new Promise<void>((resolve) => enough = resolve);
  const child = startChild(args, (line) => {
    if (line === "started") started += 1;
    isUp ||= line === "up";
    if (isUp && started >= startedCount) enough();
  });
  await Promise.race([
    isEnough,
    child.ended.then((end) => Promise.reject(new Error(`The process ended by itself: ${end}`))),
  ]);
  await kill(child);
}

async function outcome(store: string, catchUpSeconds: number, offsetMs: number) {
  const home = await openEmbeddedHome({ store, clock: fastClock(SPEED, offsetMs), partitions: 2 });
  try {
    const { definition: _, ...schedule } = request;
    const { schedule: { progress, sinceEpochMs } } = await Effect.runPromise(
      home.schedules.put({ ...schedule, catchUpSeconds, isEnabled: false }, "update"),
    );
    const keys: string[] = [];
    let next: string | undefined;
    do {
      const page: { readonly executions: readonly ListedExecution[]; readonly next?: string } = await Effect.runPromise(
        home.registry.listDetails({ ...space, of: { workflow: "ticked" }, limit: 500, ...present({ next }) }),
      );
      for (const { key = "" } of page.executions) keys.push(key);
      next = page.next;
    } while (next !== undefined);
    strictEqual(new Set(keys).size, keys.length, "an execution was started twice");
    const started = keys.map(dueOf);
    strictEqual(started.every((due) => (due - sinceEpochMs) % 1_000 === 0), true);
    // One that was started when it was stopped need not be noted.
    const dues = started.filter((due) => due <= progress.throughEpochMs);
    strictEqual(started.length - dues.length <= 1, true);
    deepStrictEqual([progress.failed, progress.skipped, progress.waiting], [0, 0, []]);
    return { dues, progress, total: (progress.throughEpochMs - sinceEpochMs) / 1_000 + 1 };
  } finally {
    await home.close();
  }
}

/** `aws/ticked/tick-1234567-20260101T000000-000Z` */
function dueOf(key: string): number {
  const [, date = "", time = "", ms = ""] = /(\d{8})T(\d{6})-(\d{3})Z$/.exec(key) ?? [];
  const day = date.replace(/(....)(..)(..)/, "$1-$2-$3");
  return Date.parse(`${day}T${time.replace(/(..)(..)(..)/, "$1:$2:$3")}.${ms}Z`);
}
