/** What workloads are made of: loops of callers, and what is measured of them. */
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

const WARM_UP = 2_000;
const WAIT_SECONDS = 3_600;

export const oneTask: Json = { StartAt: "T1", States: { T1: { Type: "Task", Resource: ECHO, End: true } } };
export const waiting: Json = { StartAt: "Rest", States: { Rest: { Type: "Wait", Seconds: WAIT_SECONDS, End: true } } };

/** Repeats `once` from `concurrency` callers until `n` are done. */
export async function closedLoop(
  home: BenchHome,
  { concurrency, n }: WorkloadOptions,
  once: (i: number) => Promise<void>,
) {
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

export function readRss({ pids }: BenchHome): Readonly<Record<string, number>> {
  return Object.fromEntries([...pids].map(([role, all]) => [role, sumOf(all, rssMb)]));
}

function sumOf(pids: readonly number[], figure: (pid: number) => number): number {
  return pids.reduce((sum, pid) => sum + figure(pid), 0);
}

export function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, but got ${JSON.stringify(actual)}`);
  }
}

export async function runEach(home: BenchHome, workflow: string, options: WorkloadOptions, input: (i: number) => Json) {
  const once = async (i: number) => {
    const ended = await home.run(workflow, input(i));
    expectEqual([ended.status, ended.output], ["Succeeded", input(i)], ended.executionId);
  };
  await closedLoop(home, { concurrency: options.concurrency, n: Math.min(WARM_UP, options.n) }, once);
  return closedLoop(home, options, once);
}
