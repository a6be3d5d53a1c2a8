/** `npm run simulate -- --seeds 2000 [--seed 17] [--trace]`: executions under faults, all of them drawn from the seed. */
import { availableParallelism, loadavg } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import type { Bug } from "./bugs/bug.ts";
import { type BugName, bugNames, bugOf, bugs } from "./bugs/mod.ts";
import { invariants } from "./checks/violation.ts";
import { runSeeds } from "./seed_pool.ts";
import type { SeedResult } from "./seed_run.ts";
import { type Reduction, shrink } from "./shrink.ts";
import { simulate } from "./simulation.ts";
import { type FaultKind, faultKinds, isFaultKind } from "./world/fault_rates.ts";

const usage =
  `usage: npm run simulate -- [--seeds N] [--seed FIRST] [--trace] [--redrives] [--cluster] [--bug NAME] [--bugs] [--threads N]
       [--without KINDS] [--starts N] [--reads N] [--keeps N]

  --seeds N      how many seeds, one after the other (200; 1 with --seed)
  --seed FIRST   the first of them (1)
  --trace        all that happens in one seed, on stdout
  --redrives     clients redrive what has failed
  --cluster      three nodes that know of each other
  --bug NAME     put a bug in: ${bugNames.join(", ")}
  --bugs         each of these bugs, from seed FIRST on until it is found, or not within --seeds (2000)
  --threads N    how many run side by side (${availableParallelism()} here)

  what a violation is shrunk by, of --trace:
  --without KINDS  faults of these kinds do not happen, a comma between two: ${faultKinds.join(", ")}
  --starts N, --reads N, --keeps N  no more of these wishes than N`;

const SEEDS_DEFAULT = 200;
/** Within so many seeds every bug is found. */
const BUG_SEEDS_DEFAULT = 2_000;
/** Seeds with a bug at a time, at first: most are found soon. */
const BUG_SEEDS_AT_FIRST = 8;
const SEED_MAX = 0xffff_ffff;
const THREADS_MAX = 64;
const PROGRESS_EVERY_SECONDS = 5;
/** Violations that are shrunk, and lines that are told of the end of each. */
const SHRUNK_MAX = 3;
const LINES_MAX = 60;

function wrongUse(reason: string): never {
  console.error(`${reason}\n${usage}`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        seeds: { type: "string" },
        seed: { type: "string" },
        trace: { type: "boolean", default: false },
        redrives: { type: "boolean", default: false },
        cluster: { type: "boolean", default: false },
        bug: { type: "string" },
        bugs: { type: "boolean", default: false },
        without: { type: "string", default: "" },
        starts: { type: "string" },
        reads: { type: "string" },
        keeps: { type: "string" },
        threads: { type: "string", default: String(availableParallelism()) },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (failure) {
    return wrongUse(failure instanceof Error ? failure.message : String(failure));
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most
    ? value
    : wrongUse(`Expected --${name} to be a whole number from ${least} to ${most}, but got "${text}"`);
}

function readReduction({ without, starts, reads, keeps }: ReturnType<typeof readOptions>): Reduction {
  const kinds = without.split(",").filter((kind) => kind !== "");
  const stranger = kinds.find((kind) => !isFaultKind(kind));
  if (stranger !== undefined) wrongUse(`There is no fault "${stranger}"`);
  const load = Object.entries({ starts, reads, keeps }).flatMap(([name, most]) =>
    most === undefined ? [] : [[name, wholeNumber(name, most, 0, SEED_MAX)]]
  );
  return { without: kinds.filter(isFaultKind), load: Object.fromEntries(load) };
}

/** How to see what happens in a seed. */
function command(seed: number, { without, load }: Reduction): string {
  const flags = [
    hasRedrives ? "--redrives" : "",
    isCluster ? "--cluster" : "",
    bug === undefined ? "" : `--bug ${bug}`,
    without.length === 0 ? "" : `--without ${without.join()}`,
    ...Object.entries(load).map(([name, most]) => `--${name} ${most}`),
  ];
  return `npm run simulate -- --seed ${seed} ${flags.filter((flag) => flag !== "").join(" ")} --trace`;
}

/** The line that a violation is told in, and how to see it happen. */
function told({ seed, violation }: SeedResult): string {
  if (violation === undefined) return `seed ${seed}: nothing is violated`;
  const { invariant, message, atMs } = violation;
  return `seed ${seed} violates ${invariant} (${invariants[invariant]}) after ${(atMs / 1_000).toFixed(3)} s:
  ${message}
  ${command(seed, reduction)}`;
}

function optionsOf(seed: number) {
  return { seed, bug, hasRedrives, isCluster: isCluster || bugOf(bug)?.isOfCluster === true };
}

function traceSeed(seed: number): void {
  const { trace, ...result } = simulate({ ...optionsOf(seed), ...reduction, isTracing: true });
  process.stdout.write(`${trace.join("\n")}\n`);
  console.error(told(result));
  if (result.violation !== undefined) process.exitCode = 1;
}

/** Tells the end of the shortest course that still violates the same. */
function tellShortest(seed: number): void {
  const options = optionsOf(seed);
  const whole = simulate(options);
  const { reduction, report, tries } = shrink(options, whole);
  const { trace } = simulate({ ...options, ...reduction, isTracing: true });
  console.log(`seed ${seed}, the shortest of ${tries} tries (${report.events} events instead of ${whole.events}):`);
  for (const line of trace.slice(-LINES_MAX)) console.log(`  ${line}`);
  console.log(`  ${command(seed, reduction)}`);
}

/** Counts by kind, most frequent first. */
function toldCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`).join(", ");
}

async function searchSeeds(first: number, count: number, threadCount: number): Promise<void> {
  const startedAt = performance.now();
  const sums = { seeds: 0, violations: 0, events: 0, steps: 0, executions: 0, staleReads: 0, virtualMs: 0 };
  const faults = new Map<FaultKind, number>();
  const violated: number[] = [];
  const cpuBefore = process.cpuUsage();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  let toldAtSeconds = 0;
  const seeds = Array.from({ length: count }, (_, index) => optionsOf(first + index));
  await runSeeds(seeds, threadCount, (result) => {
    sums.seeds += 1;
    for (const name of ["events", "steps", "executions", "staleReads", "virtualMs"] as const) {
      sums[name] += result[name];
    }
    for (const [kind, times] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + times);
    if (result.violation !== undefined) {
      sums.violations += 1;
      violated.push(result.seed);
      console.log(told(result));
    }
    if (seconds() < toldAtSeconds + PROGRESS_EVERY_SECONDS) return;
    toldAtSeconds = seconds();
    console.error(`${sums.seeds} of ${count} seeds, ${(sums.seeds / toldAtSeconds).toFixed(1)}/s`);
  });
  const [load = 0] = loadavg();
  console.log(
    `${count} seeds, ${sums.violations} with a violation, in ${seconds().toFixed(1)} s ` +
      `(${threadCount} threads, load average ${
        load.toFixed(2)
      }): ${sums.executions} executions, ${sums.steps} steps of the loop, ` +
      `${sums.events} events, ${sums.staleReads} stale answers of nodes that may not have led, ${
        (sums.virtualMs / 3_600_000).toFixed(1)
      } hours of virtual time, ${(sums.virtualMs / 3_600_000 / seconds()).toFixed(3)} a second`,
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuSeconds = (user + system) / 1_000_000;
  console.log(
    `${cpuSeconds.toFixed(1)} s of CPU, ${(count / cpuSeconds).toFixed(1)} seeds in each, ` +
      `${(sums.virtualMs / 3_600_000 / cpuSeconds).toFixed(3)} hours of virtual time`,
  );
  console.log(`faults: ${toldCounts(faults)}`);
  for (const seed of violated.sort((a, b) => a - b).slice(0, SHRUNK_MAX)) tellShortest(seed);
  if (sums.violations > 0) process.exitCode = 1;
}

/** Tells after how many seeds a bug is found, and by what. */
async function searchBug(name: BugName, first: number, most: number, threadCount: number): Promise<void> {
  const { breaks, what, isOfCluster = isCluster }: Bug = bugs[name];
  let size = BUG_SEEDS_AT_FIRST;
  for (let tried = 0; tried < most; tried += size, size *= 2) {
    const count = Math.min(size, most - tried);
    const wishes = Array.from(
      { length: count },
      (_, index) => ({ seed: first + tried + index, bug: name, hasRedrives, isCluster: isOfCluster }),
    );
    const found: SeedResult[] = [];
    await runSeeds(wishes, threadCount, (result) => void (result.violation === undefined || found.push(result)));
    const [earliest] = found.sort((a, b) => a.seed - b.seed);
    if (earliest?.violation === undefined) continue;
    const { invariant, message } = earliest.violation;
    const isExpected = breaks.includes(invariant);
    if (!isExpected) process.exitCode = 1;
    console.log(
      `${name} (${what}): ${invariant} in seed ${earliest.seed}, the ${earliest.seed - first + 1}. ` +
        `${isExpected ? "" : "NOT WHAT IT BREAKS "}\n  ${message}`,
    );
    return;
  }
  console.log(`${name} (${what}): NOT FOUND in ${most} seeds`);
  process.exitCode = 1;
}

const options = readOptions();
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const hasRedrives = options.redrives;
const isCluster = options.cluster;
const reduction = readReduction(options);
const bug = bugNames.find((name) => name === options.bug);
if (bug !== options.bug) wrongUse(`There is no bug "${options.bug}"`);
const first = wholeNumber("seed", options.seed ?? "1", 0, SEED_MAX);
const count = wholeNumber(
  "seeds",
  options.seeds ?? String(options.bugs ? BUG_SEEDS_DEFAULT : options.seed === undefined ? SEEDS_DEFAULT : 1),
  1,
  SEED_MAX,
);
const threadCount = wholeNumber("threads", options.threads, 1, THREADS_MAX);
if (first + count - 1 > SEED_MAX) wrongUse(`Expected the last seed to be at most ${SEED_MAX}`);
if (options.trace && (options.seed === undefined || count > 1)) wrongUse("Expected --trace to come with one --seed");
const isReduced = reduction.without.length > 0 || Object.keys(reduction.load).length > 0;
if (isReduced && !options.trace) wrongUse("Expected --without, --starts, --reads and --keeps to come with --trace");
if (options.bugs) {
  for (const name of bugNames) await searchBug(name, first, count, threadCount);
} else if (options.trace) traceSeed(first);
else await searchSeeds(first, count, threadCount);
