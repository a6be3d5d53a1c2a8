/** Judges what Weft's own nodes say of themselves, and what waits for workers. Pure. */
import type { HeardReport, TaskBacklog } from "../../../sdk/mod.ts";
import { formatBytes, formatDuration } from "../output/duration.ts";
import type { Finding } from "./finding.ts";
import type { NatsFacts } from "./nats_facts.ts";

/** Nodes of a cluster that are further apart start and end timers at noticeably different times. */
const CLOCKS_APART_MS_MAX = 1_000;
const CLOCKS_APART_MS_FATAL = 60_000;
/** Entries of the log: a standby further behind takes over late. */
const LAG_MAX = 2_000;
/** Snapshots are written every half minute where there is something to write. */
const SNAPSHOT_MS_MAX = 600_000;
const TASK_AGE_MS_MAX = 60_000;
const SHOWN_MAX = 5;

type PartitionReport = HeardReport["partitions"][number];

interface Copy {
  readonly node: HeardReport;
  readonly report: PartitionReport;
}

/** What is to be said of the nodes; nothing but that nobody answers where none does. */
export function engineFindings({ services, nodes, backlogs, streams }: NatsFacts): Finding[] {
  if (services.length === 0 && nodes.length === 0) {
    return [{
      name: "weft",
      level: "unknown",
      message: "no Weft server answers on this NATS",
      advice: "weft serve starts one.",
    }];
  }
  const copies = copiesByPartition(nodes, Math.max(0, ...streams.map(({ partitionCount = 0 }) => partitionCount)));
  return [
    servicesFinding(services),
    ...nodesFindings(nodes),
    ...stoppedFindings(copies),
    ...leaderFindings(copies, nodes.length),
    ...standbyFindings(copies, nodes.length),
    ...snapshotFindings(copies),
    ...parkedFindings(copies),
    ...backlogs.flatMap(backlogFinding),
  ];
}

function servicesFinding(services: NatsFacts["services"]): Finding {
  const names = services.map(({ name, version }) => `${name} ${version}`).sort();
  return { name: "weft", level: "ok", message: `answers: ${[...new Set(names)].join(", ")}` };
}

function copiesByPartition(nodes: readonly HeardReport[], count: number): ReadonlyMap<number, readonly Copy[]> {
  const copies = new Map<number, Copy[]>(Array.from({ length: count }, (_, partition) => [partition, []]));
  for (const node of nodes) {
    for (const report of node.partitions) {
      const known = copies.get(report.partition);
      if (known === undefined) copies.set(report.partition, [{ node, report }]);
      else known.push({ node, report });
    }
  }
  return copies;
}

function nodesFindings(nodes: readonly HeardReport[]): Finding[] {
  const names = nodes.map(({ node, residentBytes, partitions }) => {
    const led = partitions.filter(({ status }) => status.kind === "leading").length;
    return `${node} (leads ${led} of ${partitions.length}, ${formatBytes(residentBytes)})`;
  });
  const found: Finding[] = [{ name: "nodes", level: "ok", message: `${nodes.length}: ${names.join(", ")}` }];
  const versions = [...new Set(nodes.map(({ version }) => version))].sort();
  if (versions.length > 1) {
    found.push({
      name: "nodes",
      level: "warn",
      message: `they run different versions: ${versions.join(", ")}`,
      advice: "Finish the upgrade: an older node cannot lead what a newer one has written to.",
    });
  }
  return [...found, ...clockFindings(nodes)];
}

function clockFindings(nodes: readonly HeardReport[]): Finding[] {
  const byClock = nodes.toSorted((left, right) => left.clockOffsetMs - right.clockOffsetMs);
  const [slowest, fastest] = [byClock[0], byClock.at(-1)];
  if (slowest === undefined || fastest === undefined || slowest === fastest) return [];
  const apartMs = fastest.clockOffsetMs - slowest.clockOffsetMs;
  const surelyMs = apartMs - slowest.uncertaintyMs - fastest.uncertaintyMs;
  const message = `${fastest.node} is ${formatDuration(apartMs)} ahead of ${slowest.node}`;
  if (surelyMs <= CLOCKS_APART_MS_MAX) return [{ name: "clocks", level: "ok", message }];
  return [{
    name: "clocks",
    level: surelyMs > CLOCKS_APART_MS_FATAL ? "fail" : "warn",
    message,
    advice: "Keep the clocks of all nodes together, with chrony or systemd-timesyncd.",
  }];
}

function stoppedFindings(copies: ReadonlyMap<number, readonly Copy[]>): Finding[] {
  const found: Finding[] = [];
  for (const [partition, here] of copies) {
    for (const { node, report: { status } } of here) {
      if (status.kind !== "stopped") continue;
      found.push({
        name: "partition",
        level: "fail",
        message: `partition ${partition} has stopped on ${node.node}: ${status.incident}`,
        advice: "Look the incident's name up in docs/errors.md, mend it, and restart the node.",
      });
    }
  }
  return found;
}

function leaderFindings(copies: ReadonlyMap<number, readonly Copy[]>, nodes: number): Finding[] {
  const without = [...copies].filter(([, here]) => leaderOf(here) === undefined).map(([partition]) => partition);
  if (without.length > 0) {
    return [{
      name: "leaders",
      level: "fail",
      message: `${without.length} of ${copies.size} partitions are led by no node that answers: ${
        without.slice(0, SHOWN_MAX).join(", ")
      }`,
      advice: "Ask again after a few leases. If it lasts, the nodes' logs say why none takes them.",
    }];
  }
  return [{ name: "leaders", level: "ok", message: `${copies.size} partitions are led, by ${nodes} nodes` }];
}

function leaderOf(here: readonly Copy[]): Copy | undefined {
  const leading = here.filter(({ report }) => report.status.kind === "leading");
  // Of two that believe so it is the one of the later epoch.
  return leading.toSorted((left, right) => epochOf(right) - epochOf(left))[0];
}

function epochOf({ report: { status } }: Copy): number {
  return status.kind === "leading" ? status.epoch : 0;
}

function standbyFindings(copies: ReadonlyMap<number, readonly Copy[]>, nodes: number): Finding[] {
  if (nodes < 2) {
    return [{
      name: "standbys",
      level: "warn",
      message: "there is one node: until it is back, or another is started, nothing goes on without it",
      advice: "Start a second weft serve on another machine.",
    }];
  }
  const lacking: number[] = [];
  const behind: string[] = [];
  for (const [partition, here] of copies) {
    const through = leaderOf(here)?.report.through ?? 0;
    const standbys = here.filter(({ report }) => report.status.kind === "following");
    if (standbys.length === 0) lacking.push(partition);
    for (const { node, report } of standbys) {
      const lag = through - report.through;
      if (lag > LAG_MAX) behind.push(`${node.node} is ${lag} entries behind in partition ${partition}`);
    }
  }
  const found: Finding[] = [];
  if (lacking.length > 0) {
    found.push({
      name: "standbys",
      level: "warn",
      message: `${lacking.length} of ${copies.size} partitions have no standby: ${
        lacking.slice(0, SHOWN_MAX).join(", ")
      }`,
      advice: "After a restart they come by themselves; with --standbys 0 there are none, and taking over is slower.",
    });
  }
  if (behind.length > 0) {
    found.push({
      name: "standbys",
      level: "warn",
      message: behind.slice(0, SHOWN_MAX).join("; "),
      advice: "Give that node more CPU or a faster disk: taking over takes as long as reading what it lacks.",
    });
  }
  return found.length > 0
    ? found
    : [{ name: "standbys", level: "ok", message: "each partition has one that keeps up" }];
}

function snapshotFindings(copies: ReadonlyMap<number, readonly Copy[]>): Finding[] {
  const old = [...copies].filter(([, here]) => {
    const leader = leaderOf(here);
    const { snapshotAtEpochMs } = leader?.report ?? {};
    return leader !== undefined && snapshotAtEpochMs !== undefined &&
      leader.node.nowEpochMs - snapshotAtEpochMs > SNAPSHOT_MS_MAX;
  }).map(([partition]) => partition);
  if (old.length === 0) return [];
  return [{
    name: "snapshots",
    level: "warn",
    message: `the snapshots of ${old.length} partitions are older than ${formatDuration(SNAPSHOT_MS_MAX)}: ${
      old.slice(0, SHOWN_MAX).join(", ")
    }`,
    advice:
      "The bucket WEFT_SNAPSHOTS does not take them: look at JetStream's limits and at the leaders' logs. The log grows meanwhile.",
  }];
}

function parkedFindings(copies: ReadonlyMap<number, readonly Copy[]>): Finding[] {
  const leaders = [...copies.values()].flatMap((here) => leaderOf(here) ?? []);
  const count = leaders.reduce((sum, { report }) => sum + report.parkedCount, 0);
  if (count === 0) return [];
  const first = leaders.flatMap(({ report }) => report.parked).slice(0, SHOWN_MAX);
  return [{
    name: "parked",
    level: "warn",
    message: `${count} executions cannot go on: ${
      first.map(({ executionId, why }) => `${executionId} (${why})`).join("; ")
    }`,
    advice: "Others go on. What is wrong with each stands behind its name; docs/errors.md says what to do.",
  }];
}

function backlogFinding(backlog: TaskBacklog): Finding[] {
  const { tenant, namespace, resource, waiting, inWork, workersAsking, oldestAtEpochMs } = backlog;
  if (waiting === 0) return [];
  const ageMs = oldestAtEpochMs === undefined ? 0 : Math.max(0, Date.now() - oldestAtEpochMs);
  const message = `${resource} in ${tenant}/${namespace}: ${waiting} waiting, ${inWork} in work, the oldest for ${
    formatDuration(ageMs)
  }`;
  if (ageMs <= TASK_AGE_MS_MAX) return [{ name: "tasks", level: "ok", message }];
  const hasWorkers = inWork > 0 || workersAsking > 0;
  return [{
    name: "tasks",
    level: "warn",
    message,
    advice: hasWorkers
      ? "Its workers do not keep up: start more, or raise their concurrency."
      : `Nobody works on it: weft worker ${resource} … starts one.`,
  }];
}
