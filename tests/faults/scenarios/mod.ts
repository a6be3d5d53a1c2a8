/** The scenarios of `npm run faults -- --scenario NAME`: single faults, measured. */
import { setTimeout as delay } from "node:timers/promises";
import type { EngineNode, FaultCluster } from "../cluster/fault_cluster.ts";
import { percentile } from "../load/timeline.ts";
import { failoversOf, type Stage } from "../run_faults.ts";
import { readBackAll } from "./read_backs.ts";
import { atLeast, atMost, type Figures, type Scenario, told } from "./scenario.ts";

const QUIET_MS = 4_000;
const RECOVERY_MS = 10_000;
const ZOMBIE_MS = 10_000;
const SERVER_DOWN_MS = 5_000;
const READ_BACKS = 10_000;

function engineOf({ engines }: FaultCluster, round: number): EngineNode {
  const engine = engines[round % engines.length];
  if (engine === undefined) throw new Error("Expected a cluster with an engine");
  return engine;
}

/** Requests that failed so far. */
function failureCount({ load }: Stage): number {
  return [...load.failures.values()].reduce((sum, count) => sum + count, 0);
}

const failover: Scenario = {
  what: "kill -9 of one engine after the other: how long until every partition brings new results",
  options: { ratePerSecond: 80, probeShare: 1, hasProxies: false },
  async act(stage, rounds) {
    const { cluster, load } = stage;
    const faults = [];
    for (let round = 0; round < rounds; round++) {
      await delay(QUIET_MS);
      const { process } = engineOf(cluster, round);
      const beganAtEpochMs = Date.now();
      await process.end("SIGKILL");
      await delay(RECOVERY_MS);
      await process.start();
      faults.push({ kind: "killEngine", what: "", hasKilled: true, beganAtEpochMs, endedAtEpochMs: Date.now() });
    }
    await delay(QUIET_MS);
    const failovers = failoversOf(faults, load.timeline);
    return {
      failovers: atLeast(failovers.length, rounds),
      failoverMsP50: atMost(percentile(failovers, 0.5), 3_000),
      failoverMsMax: atMost(Math.max(...failovers), 6_000),
    };
  },
};

const zombie: Scenario = {
  what: "an engine is stopped for 10 s and continued: the rest goes on, and what the zombie says is not believed",
  options: { ratePerSecond: 80, probeShare: 1, hasProxies: false },
  async act({ cluster, load }, rounds) {
    const shares: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await delay(QUIET_MS);
      const { process } = engineOf(cluster, round);
      const stoppedAt = Date.now();
      process.signal("SIGSTOP");
      await delay(ZOMBIE_MS);
      process.signal("SIGCONT");
      const continuedAt = Date.now();
      await delay(RECOVERY_MS);
      const before = load.timeline.ratePerSecond(stoppedAt - QUIET_MS, stoppedAt);
      shares.push(load.timeline.ratePerSecond(stoppedAt, continuedAt) / before);
    }
    return { rateSharePercentMin: atLeast(Math.round(Math.min(...shares) * 100), 60) };
  },
};

const joinAndLeave: Scenario = {
  what: "an engine joins and leaves in order under load, while everything that was acknowledged is read back",
  options: { ratePerSecond: 60, probeShare: 0.5, hasProxies: false },
  async act(stage, rounds) {
    const { cluster, nemesis } = stage;
    await delay(QUIET_MS);
    let isOver = false;
    const reading = readBackAll(stage, () => isOver);
    for (let round = 0; round < rounds; round++) {
      await nemesis.bring("joinAndLeave");
      await delay(QUIET_MS);
    }
    isOver = true;
    const { reads, notFound } = await reading;
    return {
      engines: atLeast(cluster.engines.length, 1),
      failedRequests: atMost(failureCount(stage), 0),
      reads: atLeast(reads, READ_BACKS),
      notFound: atMost(notFound, 0),
    };
  },
};

const rolling: Scenario = {
  what: "every engine is restarted in order, one after the other, under load",
  options: { ratePerSecond: 60, probeShare: 0.5, hasProxies: false },
  async act(stage, rounds) {
    for (let round = 0; round < rounds; round++) {
      await delay(QUIET_MS);
      await stage.nemesis.bring("rollingRestart");
    }
    await delay(QUIET_MS);
    return refusals(stage);
  },
};

const serverKill: Scenario = {
  what: "kill -9 of one nats-server after the other: the longest time without an acknowledgement",
  options: { ratePerSecond: 80, probeShare: 1, hasProxies: false },
  async act({ cluster, load }, rounds) {
    const gaps: number[] = [];
    const partitionGaps: number[] = [];
    const resultGaps: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await delay(QUIET_MS);
      const server = cluster.servers[round % cluster.servers.length];
      const killedAt = Date.now();
      await server?.kill("SIGKILL");
      await delay(SERVER_DOWN_MS);
      await server?.restart();
      await delay(QUIET_MS);
      gaps.push(load.timeline.longestGapMs(killedAt, Date.now()));
      partitionGaps.push(load.timeline.longestPartitionGapMs(killedAt, Date.now()));
      resultGaps.push(load.timeline.longestResultGapMs(killedAt, Date.now()));
    }
    return {
      gapMsP50: told(percentile(gaps, 0.5)),
      gapMsMax: atMost(Math.max(...gaps), 3_000),
      partitionGapMsP50: told(percentile(partitionGaps, 0.5)),
      partitionGapMsMax: told(Math.max(...partitionGaps)),
      resultGapMsP50: told(percentile(resultGaps, 0.5)),
      resultGapMsMax: told(Math.max(...resultGaps)),
    };
  },
};

/** No request fails, no answer is NotFound, and no worker's outcome is refused while its task is open. */
function refusals(stage: Stage): Figures {
  const stale = stage.ledger.violations.filter(({ kind }) => kind === "staleReads").length;
  const refused =
    [...stage.ledger.completions.values()].flat().filter(({ answer }) =>
      answer === "NotFound" || answer === "InvalidToken"
    ).length;
  return {
    failedRequests: atMost(failureCount(stage), 0),
    notFound: atMost(stale, 0),
    refusedCompletions: atMost(refused, 0),
  };
}

/** By name. */
export const scenarios: Readonly<Record<string, Scenario>> = { failover, zombie, joinAndLeave, rolling, serverKill };
