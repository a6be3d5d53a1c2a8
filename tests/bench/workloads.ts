/** The workloads W1 to W8. Each gives what its line of JSON says beside the machine's figures. */
import { performance } from "node:perf_hooks";
import type { Json } from "../../src/values/mod.ts";
import { type BenchHome, ECHO, type Role } from "./bench_home.ts";
import { cpuUs, rssMb } from "./process_meter.ts";

export interface WorkloadOptions {
  readonly concurrency: number;
  readonly n: number;
}

export interface Measured {
  readonly n: number;
  readonly execPerSec: number;
  readonly p50ms: number;
  readonly p99ms: number;
  readonly cpuUsPerExec: Readonly<Record<string, number>>;
  readonly rssMB: Readonly<Record<string, number>>;
  /** What only this workload has, such as items or transitions a second. */
  readonly more: Readonly<Record<string, number>>;
}

export type Workload = (home: BenchHome, options: WorkloadOptions) => Promise<Measured>;

const MAP_ITEMS = 100;
const CHILDREN = 10_000;
const CHAIN_STATES = 100;
const WAIT_SECONDS = 3_600;
/** Until the next snapshot, and a little more. */
const SNAPSHOT_SECONDS = 40;
const WARM_UP = 2_000;

const task = (next?: string) => ({
  Type: "Task",
  Resource: ECHO,
  ...(next === undefined ? { End: true } : { Next: next }),
});

const oneTask: Json = { StartAt: "T1", States: { T1: task() } };
const tenTasks: Json = {
  StartAt: "T1",
  States: Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [`T${i + 1}`, task(i < 9 ? `T${i + 2}` : undefined)]),
  ),
};
const mapTask: Json = {
  StartAt: "Each",
  States: { Each: { Type: "Map", ItemProcessor: { StartAt: "T1", States: { T1: task() } }, End: true } },
};
/** Every item an execution of its own, which does nothing. */
const distributed: Json = {
  StartAt: "Each",
  States: {
    Each: {
      Type: "Map",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Keep",
        States: { Keep: { Type: "Pass", End: true } },
      },
      End: true,
    },
  },
};
const waiting: Json = { StartAt: "Rest", States: { Rest: { Type: "Wait", Seconds: WAIT_SECONDS, End: true } } };

/** Pass and Choice by turns, each with an expression that reads and one that decides. */
const chain: Json = {
  QueryLanguage: "JSONata",
  StartAt: "S0",
  States: Object.fromEntries(Array.from({ length: CHAIN_STATES }, (_, i) => {
    const last = i === CHAIN_STATES - 1;
    if (i % 2 === 1 && !last) {
      return [`S${i}`, {
        Type: "Choice",
        Choices: [{ Condition: "{% $states.input.n < 0 %}", Next: "S0" }],
        Default: `S${i + 1}`,
      }];
    }
    const output = { n: "{% $states.input.n + 1 %}", from: `S${i}` };
    return [`S${i}`, { Type: "Pass", Output: output, ...(last ? { End: true } : { Next: `S${i + 1}` }) }];
  })),
};

/** Repeats `once` from `concurrency` callers until `n` are done. */
async function closedLoop(home: BenchHome, { concurrency, n }: WorkloadOptions, once: (i: number) => Promise<void>) {
  const latencies: number[] = [];
  const before = readCpu(home);
  let next = 0;
  const begun = performance.now();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (let i = next++; i < n; i = next++) {
      const asked = performance.now();
      await once(i);
      latencies.push(performance.now() - asked);
    }
  }));
  const seconds = (performance.now() - begun) / 1_000;
  const after = readCpu(home);
  latencies.sort((a, b) => a - b);
  const cpu = Object.fromEntries(
    [...after].map(([role, us]) => [role, Math.round((us - (before.get(role) ?? 0)) / n)]),
  );
  return {
    n,
    seconds,
    execPerSec: Math.round(n / seconds),
    p50ms: round(latencies[Math.floor(latencies.length / 2)] ?? 0),
    p99ms: round(latencies[Math.floor(latencies.length * 0.99)] ?? 0),
    cpuUsPerExec: { ...cpu, total: Object.values(cpu).reduce((sum, us) => sum + us, 0) },
    rssMB: readRss(home),
  };
}

function readCpu({ pids }: BenchHome): ReadonlyMap<Role, number> {
  return new Map([...pids].map(([role, all]) => [role, sumOf(all, cpuUs)]));
}

function readRss({ pids }: BenchHome): Readonly<Record<string, number>> {
  return Object.fromEntries([...pids].map(([role, all]) => [role, sumOf(all, rssMb)]));
}

function sumOf(pids: readonly number[], figure: (pid: number) => number): number {
  return pids.reduce((sum, pid) => sum + figure(pid), 0);
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, but got ${JSON.stringify(actual)}`);
  }
}

async function runEach(home: BenchHome, workflow: string, options: WorkloadOptions, input: (i: number) => Json) {
  const once = async (i: number) => {
    const ended = await home.run(workflow, input(i));
    expectEqual([ended.status, ended.output], ["Succeeded", input(i)], ended.executionId);
  };
  await closedLoop(home, { concurrency: options.concurrency, n: Math.min(WARM_UP, options.n) }, once);
  return closedLoop(home, options, once);
}

export const workloads: Readonly<Record<string, Workload>> = {
  W1: async (home, options) => {
    await home.put("w1", oneTask);
    return { ...await runEach(home, "w1", options, (n) => ({ n })), more: {} };
  },
  W2: async (home, options) => {
    await home.put("w2", tenTasks);
    return { ...await runEach(home, "w2", options, (n) => ({ n })), more: {} };
  },
  W3: async (home, { n }) => {
    await home.put("w3", mapTask);
    const input = Array.from({ length: MAP_ITEMS }, (_, i) => ({ i }));
    const measured = await runEach(home, "w3", { concurrency: 1, n }, () => input);
    return { ...measured, more: { itemsPerSec: Math.round(measured.execPerSec * MAP_ITEMS) } };
  },
  W4: async (home, { concurrency, n }) => {
    await home.put("w4", waiting);
    await home.put("w1", oneTask);
    const rssBefore = readRss(home);
    const started = await closedLoop(home, { concurrency, n }, async (i) => {
      await home.start("w4", { i });
    });
    const beside = await runEach(home, "w1", { concurrency: 32, n: 5_000 }, (i) => ({ i }));
    return {
      ...started,
      rssMB: readRss(home),
      more: {
        startSeconds: round(started.seconds),
        w1PerSecBeside: beside.execPerSec,
        engineRssBefore: rssBefore["engine"] ?? 0,
      },
    };
  },
  W5: async (home, options) => {
    await home.put("w5", chain);
    const measured = await closedLoop(home, options, async (i) => {
      const ended = await home.run("w5", { n: i });
      expectEqual(ended.status, "Succeeded", ended.executionId);
    });
    return { ...measured, more: { transitionsPerSec: Math.round(measured.n / measured.seconds * CHAIN_STATES) } };
  },
  W6: async (home, { concurrency, n }) => {
    await home.put("w4", waiting);
    await home.put("w1", oneTask);
    await closedLoop(home, { concurrency, n: 10_000 }, async (i) => {
      await home.start("w4", { i });
    });
    const filled = await closedLoop(home, { concurrency, n }, async (i) => {
      await home.run("w1", { i });
    });
    const stopped = performance.now();
    await home.restartEngine();
    await home.run("w1", { after: "restart" });
    return { ...filled, more: { restartSeconds: round((performance.now() - stopped) / 1_000) } };
  },
  /** An empty disk: `n` that live and `n` that have ended are in the bucket and the log alone. */
  W8: async (home, { concurrency, n }) => {
    await home.put("w4", waiting);
    await home.put("w1", oneTask);
    await home.put("w8", { StartAt: "P", States: { P: { Type: "Pass", End: true } } });
    await closedLoop(home, { concurrency, n }, async (i) => {
      await home.start("w4", { i });
    });
    const filled = await closedLoop(home, { concurrency, n }, async (i) => {
      await home.start("w8", { i });
    });
    const until = performance.now() + SNAPSHOT_SECONDS * 1_000;
    while (performance.now() < until) await home.run("w1", { beside: true });
    const stopped = performance.now();
    await home.restartEngine({ isWiped: true });
    const startSeconds = round((performance.now() - stopped) / 1_000);
    await home.run("w1", { after: "restart" });
    return { ...filled, more: { startSeconds, restartSeconds: round((performance.now() - stopped) / 1_000) } };
  },
  W7: async (home, { n }) => {
    await home.put("w7", distributed);
    const input = Array.from({ length: CHILDREN }, (_, i) => i);
    const measured = await closedLoop(home, { concurrency: 1, n }, async () => {
      const ended = await home.run("w7", input);
      expectEqual([ended.status, ended.output], ["Succeeded", input], ended.executionId);
    });
    return { ...measured, more: { childrenPerSec: Math.round(measured.n / measured.seconds * CHILDREN) } };
  },
};
