/** The workloads W8 to W10: what very many executions cost that nothing happens to, live ones and ended ones. */
import { performance } from "node:perf_hooks";
import type { Json } from "../../src/values/mod.ts";
import type { BenchHome, ListFilter } from "./bench_home.ts";
import { closedLoop, oneTask, readRss, round, runEach, waiting, type Workload } from "./workload.ts";

/** Until the next snapshot, and a little more. */
const SNAPSHOT_SECONDS = 40;
/** Executions by which a rate is told. */
const SAMPLE = 10_000;
/** W10: of so many executions one is of the workflow that is seldom started, and one fails. */
const SELDOM = 1_000;
const FAILED = 100;
const LISTS = 20;
/** W10: the newest before retention passes; by them it is told when it has passed. */
const NEWEST = 32;
/** W10: how long executions and log are kept once retention passes over them, and how often that is looked at. */
const KEPT_SECONDS = 20;
const LOOK_MS = 5_000;
const LOOKS_MAX = 100;

const pass: Json = { StartAt: "P", States: { P: { Type: "Pass", End: true } } };
const fail: Json = { StartAt: "F", States: { F: { Type: "Fail", Error: "Bench.Failed" } } };

/** Starts executions of a workflow, `n` of them. */
function startMany(home: BenchHome, concurrency: number, n: number, workflowOf: (i: number) => string) {
  return closedLoop(home, { concurrency, n }, async (i) => {
    await home.start(workflowOf(i), { i });
  });
}

async function untilFirstResult(home: BenchHome, restart: Promise<void>) {
  const stopped = performance.now();
  await restart;
  const startSeconds = round((performance.now() - stopped) / 1_000);
  await home.run("w1", { after: "restart" });
  return { startSeconds, restartSeconds: round((performance.now() - stopped) / 1_000) };
}

async function listMs(home: BenchHome, filter: ListFilter): Promise<{ readonly p50: number; readonly max: number }> {
  const took: number[] = [];
  for (let i = 0; i < LISTS; i++) {
    const asked = performance.now();
    await home.list(filter);
    took.push(performance.now() - asked);
  }
  took.sort((a, b) => a - b);
  return { p50: round(took[LISTS / 2] ?? 0), max: round(took.at(-1) ?? 0) };
}

export const populations: Readonly<Record<string, Workload>> = {
  /** An empty disk: `n` that live and `n` that have ended are in the bucket and the log alone. */
  W8: async (home, { concurrency, n }) => {
    await home.put("w4", waiting);
    await home.put("w1", oneTask);
    await home.put("w8", pass);
    await startMany(home, concurrency, n, () => "w4");
    const filled = await startMany(home, concurrency, n, () => "w8");
    const until = performance.now() + SNAPSHOT_SECONDS * 1_000;
    while (performance.now() < until) await home.run("w1", { beside: true });
    return { ...filled, more: await untilFirstResult(home, home.restartEngine({ isWiped: true })) };
  },
  /** `n` that wait for an hour: what they take, how fast others start beside them, and how soon a restart has results. */
  W9: async (home, { concurrency, n }) => {
    await home.put("w4", waiting);
    await home.put("w1", oneTask);
    const engineRssBefore = readRss(home)["engine"] ?? 0;
    await startMany(home, concurrency, SAMPLE, () => "w4");
    const first = await startMany(home, concurrency, SAMPLE, () => "w4");
    const filled = await startMany(home, concurrency, Math.max(1, n - 3 * SAMPLE), () => "w4");
    const engineRssFilled = readRss(home)["engine"] ?? 0;
    const last = await startMany(home, concurrency, SAMPLE, () => "w4");
    const beside = await runEach(home, "w1", { concurrency: 32, n: 5_000 }, (i) => ({ i }));
    const rssMB = readRss(home);
    const restarted = await untilFirstResult(home, home.restartEngine());
    return {
      ...filled,
      rssMB,
      more: {
        startSeconds: round(filled.seconds),
        firstPerSec: first.execPerSec,
        lastPerSec: last.execPerSec,
        w1PerSecBeside: beside.execPerSec,
        engineRssBefore,
        engineRssFilled,
        ...Object.fromEntries(Object.entries(home.diskMb()).map(([what, mb]) => [`${what}DiskMB`, mb])),
        restartStartSeconds: restarted.startSeconds,
        restartSeconds: restarted.restartSeconds,
        engineRssAfterRestart: readRss(home)["engine"] ?? 0,
      },
    };
  },
  /** `n` that have ended: how long lists take; then retention passes over them while others come. */
  W10: async (home, { concurrency, n }) => {
    await home.put("often", pass);
    await home.put("seldom", pass);
    await home.put("failing", fail);
    const workflowOf = (i: number) => i % SELDOM === 1 ? "seldom" : i % FAILED === 2 ? "failing" : "often";
    const filled = await startMany(home, concurrency, n, workflowOf);
    const newest: string[] = [];
    for (let i = 0; i < NEWEST; i++) newest.push(await home.start("often", {}));
    const halfway = new Date(Date.now() - filled.seconds * 500).toISOString();
    const lists = {
      newest: await listMs(home, {}),
      often: await listMs(home, { workflow: "often" }),
      seldom: await listMs(home, { workflow: "seldom" }),
      never: await listMs(home, { workflow: "never" }),
      failed: await listMs(home, { status: "Failed" }),
      running: await listMs(home, { status: "Running" }),
      succeeded: await listMs(home, { status: "Succeeded" }),
      recent: await listMs(home, { startedAfter: halfway }),
    };
    const more: Record<string, number> = {};
    for (const [what, { p50, max }] of Object.entries(lists)) {
      more[`${what}P50ms`] = p50;
      more[`${what}MaxMs`] = max;
    }
    const look = (when: string) => {
      for (const [what, mb] of Object.entries(home.diskMb())) more[`${what}DiskMB${when}`] = mb;
      more[`engineRss${when}`] = readRss(home)["engine"] ?? 0;
    };
    look("Before");
    await home.restartEngine({ limits: { retentionSeconds: KEPT_SECONDS, logSeconds: KEPT_SECONDS } });
    const begun = performance.now();
    let arrived = 0;
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const until = performance.now() + LOOK_MS;
      while (performance.now() < until) {
        await startMany(home, 32, 1_000, () => "often");
        arrived += 1_000;
      }
      look("During");
      const left = await Promise.all(newest.map((id) => home.isThere(id)));
      if (!left.includes(true)) break;
    }
    const seconds = (performance.now() - begun) / 1_000;
    look("After");
    return {
      ...filled,
      more: {
        ...more,
        sweepSeconds: round(seconds),
        sweptPerSec: Math.round(n / seconds),
        arrivedPerSec: Math.round(arrived / seconds),
      },
    };
  },
};
