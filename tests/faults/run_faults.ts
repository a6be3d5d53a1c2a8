/** A run: a cluster under load, a nemesis, a last look, and the line that says what was found. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { check, type Findings } from "./checks/checker.ts";
import { Ledger } from "./checks/ledger.ts";
import { type Violation, type ViolationKind, violationKinds } from "./checks/violation.ts";
import { FaultCluster, type FaultClusterOptions } from "./cluster/fault_cluster.ts";
import { lookAtAll } from "./load/final_look.ts";
import { Load } from "./load/load.ts";
import { percentile, type Timeline } from "./load/timeline.ts";
import { completionOf } from "./load/worker_words.ts";
import type { WorkloadName } from "./load/workloads.ts";
import { type Fault, Nemesis } from "./nemesis/nemesis.ts";

/** What a run is made of. */
export interface FaultRunOptions extends Omit<FaultClusterOptions, "onWorkerLine"> {
  readonly seed: number;
  /** Of load and faults; starting up and the last look come on top. */
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly paceMs: number;
  readonly faultNames: readonly string[];
  readonly workloadNames?: readonly WorkloadName[];
  /** Default: 0.5. See `LoadOptions`. */
  readonly probeShare?: number;
  /** Hears what happens, as it happens. */
  readonly tell?: (text: string) => void;
}

/** What is printed, and decides: the six figures of violations must be 0, and nothing may be wrong. */
export type Summary =
  & { readonly [kind in ViolationKind]: number }
  & {
    readonly started: number;
    readonly acknowledged: number;
    readonly ended: number;
    /** Faults that took an engine away without a word, for longer than its lease. */
    readonly failovers: number;
    /** Milliseconds from such a fault until every partition brought a result of an execution that was started after it. */
    readonly failoverMsP50: number;
    readonly failoverMsMax: number;
    readonly faults: Readonly<Record<string, number>>;
    /** Requests that failed, by operation and code. */
    readonly failures: Readonly<Record<string, number>>;
    /** What the nemesis should not have seen: an engine that did not stop in order, or did not come again. */
    readonly wrong: readonly string[];
    readonly seed: number;
    readonly seconds: number;
  };

/** Longer than a lease, and than what is drawn between two looks at it. */
const LEASE_MS = 2_500;
/** What a killed worker had in hand comes again after 30 s. */
const PATIENCE_MS = 90_000;
const VIOLATIONS_TOLD_MAX = 20;

/** True when nothing is wrong. */
export function isGood(summary: Summary): boolean {
  return kindNames.every((kind) => summary[kind] === 0) && summary.wrong.length === 0;
}

const kindNames = Object.keys(violationKinds) as readonly ViolationKind[];

/** A run that goes on. */
export interface Stage {
  readonly cluster: FaultCluster;
  readonly load: Load;
  readonly ledger: Ledger;
  readonly nemesis: Nemesis;
}

/** What happens while the load runs; resolves when the load may end. */
export type Act = (stage: Stage) => Promise<void>;

/** Runs, looks, and leaves in its folder what there is to read: logs, faults, violations with their histories. */
export async function runFaults(options: FaultRunOptions, act: Act = faultsOf(options)): Promise<Summary> {
  const { tell = () => {}, seed } = options;
  const ledger = new Ledger();
  const cluster = await FaultCluster.open({ ...options, onWorkerLine: (line) => hear(ledger, line) });
  try {
    const load = await Load.open({
      servers: cluster.urls,
      ledger,
      seed,
      partitions: options.partitions,
      ratePerSecond: options.ratePerSecond,
      probeShare: options.probeShare ?? 0.5,
      ...(options.workloadNames === undefined ? {} : { names: options.workloadNames }),
    });
    const nemesis = await Nemesis.open({
      cluster,
      seed,
      names: options.faultNames,
      paceMs: options.paceMs,
      onFault: (fault) => tell(`${new Date(fault.beganAtEpochMs).toISOString()} ${fault.what}${wrongOf(fault)}`),
    });
    try {
      load.run();
      await act({ cluster, load, ledger, nemesis });
      tell(`waiting for ${load.openCount} executions to end`);
      await load.stop(PATIENCE_MS);
      tell("looking at everything");
      const findings = await lookAtAll(load.clients, ledger);
      const violations = check(ledger, findings);
      const faults = nemesis.faults.map((fault) => ({ ...fault, failoverMs: failoverMs(fault, load.timeline) }));
      await keep(options.folder, { violations, findings, faults });
      for (const violation of violations.slice(0, VIOLATIONS_TOLD_MAX)) tell(told(violation));
      return summaryOf(options, { ledger, load, findings, violations, nemesis, cluster });
    } finally {
      await nemesis.close();
      await load.close();
    }
  } finally {
    await cluster.close();
  }
}

function faultsOf({ seconds }: FaultRunOptions): Act {
  return ({ nemesis }) => nemesis.run(performance.now() + seconds * 1_000);
}

function hear(ledger: Ledger, line: string): void {
  const completion = completionOf(line);
  if (completion !== undefined) ledger.completed(completion);
}

interface Seen {
  readonly ledger: Ledger;
  readonly load: Load;
  readonly findings: Findings;
  readonly violations: readonly Violation[];
  readonly nemesis: Nemesis;
  readonly cluster: FaultCluster;
}

function summaryOf({ seed, seconds }: FaultRunOptions, seen: Seen): Summary {
  const { ledger, load, findings, violations, nemesis: { faults }, cluster } = seen;
  const countOf = (kind: ViolationKind) => violations.filter((violation) => violation.kind === kind).length;
  const failovers = failoversOf(faults, load.timeline);
  const crashed = cluster.engines.filter(({ process }) => !process.isRunning).map(({ process }) =>
    `${process.name} has ended by itself`
  );
  return {
    started: ledger.startedCount,
    acknowledged: ledger.acknowledgedCount,
    ended: [...ledger.entries].filter(({ executionId = "" }) => hasEnded(findings, executionId)).length,
    lost: new Set(violations.filter(({ kind }) => kind === "lost").map(({ about }) => about)).size,
    duplicateResults: countOf("duplicateResults"),
    wrongOutputs: countOf("wrongOutputs"),
    earlyTimers: countOf("earlyTimers"),
    staleReads: countOf("staleReads"),
    historyGaps: countOf("historyGaps"),
    failovers: failovers.length,
    failoverMsP50: percentile(failovers, 0.5),
    failoverMsMax: Math.max(0, ...failovers),
    faults: Object.fromEntries(
      [...Map.groupBy(faults, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]),
    ),
    failures: Object.fromEntries(load.failures),
    wrong: [...faults.flatMap(({ wrong }) => wrong === undefined ? [] : [wrong]), ...crashed],
    seed,
    seconds,
  };
}

function hasEnded({ found }: Findings, executionId: string): boolean {
  const described = found.get(executionId)?.described;
  return typeof described === "object" && described.endedAt !== undefined;
}

/** Milliseconds of each fault that took an engine away, until every partition brought something new. */
export function failoversOf(faults: readonly Fault[], timeline: Timeline): readonly number[] {
  return faults.flatMap((fault) => failoverMs(fault, timeline) ?? []);
}

/** Absent where no leader was lost, or the load ended before. */
function failoverMs({ hasKilled, engineAwayMs = 0, beganAtEpochMs }: Fault, timeline: Timeline): number | undefined {
  if (hasKilled !== true && engineAwayMs < LEASE_MS) return undefined;
  const ms = Math.max(...timeline.resultsSince(beganAtEpochMs).values());
  return Number.isFinite(ms) ? ms : undefined;
}

function wrongOf({ wrong }: Fault): string {
  return wrong === undefined ? "" : ` — WRONG: ${wrong}`;
}

function told({ kind, about, executionId, message, atEpochMs }: Violation): string {
  const at = atEpochMs === undefined ? "" : `${new Date(atEpochMs).toISOString()} `;
  return `${at}${kind}: ${about} (${executionId}): ${message}`;
}

interface Kept {
  readonly violations: readonly Violation[];
  readonly findings: Findings;
  readonly faults: readonly Fault[];
}

async function keep(folder: string, { violations, findings, faults }: Kept): Promise<void> {
  const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
  const ids = new Set(violations.map(({ executionId }) => executionId));
  const histories = [...findings.found].filter(([id]) => ids.has(id)).map(([executionId, found]) => ({
    executionId,
    ...found,
  }));
  await writeFile(join(folder, "faults.jsonl"), lines(faults));
  await writeFile(join(folder, "violations.jsonl"), lines(violations));
  await writeFile(join(folder, "histories.jsonl"), lines(histories));
}
