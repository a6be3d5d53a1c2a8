/** What can be done to a cluster, and undone again. */
import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { NatsServer } from "../../support/nats_server.ts";
import type { SeededRandom } from "../../support/seeded_random.ts";
import type { EngineNode, FaultCluster } from "../cluster/fault_cluster.ts";
import type { Cut } from "../cluster/tcp_proxy.ts";

/** What a fault needs. */
export interface Scene {
  readonly cluster: FaultCluster;
  readonly random: SeededRandom;
  /** To the servers, past all proxies. */
  readonly connection: NatsConnection;
}

/** What was done, and what it means. */
export interface Done {
  readonly what: string;
  /** An engine was killed: what it led needs another leader. */
  readonly hasKilled?: boolean;
  /** Milliseconds that an engine was away and not ended. */
  readonly engineAwayMs?: number;
  /** It went in order: nothing may fail. */
  readonly isOrderly?: boolean;
  /** What should not have been seen. */
  readonly wrong?: string;
}

/** A kind of fault. Its `run` resolves when all is well again. */
export interface FaultKind {
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  readonly isPossible?: (cluster: FaultCluster) => boolean;
  run(scene: Scene): Promise<Done>;
}

const DOWN_MS_MAX = 3_000;
const STOP_MS_MAX = 10_000;
const STOP_MS_MIN = 500;
const ORDERLY_STOP_MS_MAX = 10_000;
const JOINED_MS_MAX = 6_000;
const REQUEST_TIMEOUT_MS = 3_000;
const STEP_DOWNS_MAX = 3;
const utf8 = new TextDecoder();

const hasSeveralEngines = ({ engines }: FaultCluster) => engines.length > 1;
const hasReplicas = ({ servers }: FaultCluster) => servers.length > 1;

function engineOf({ cluster, random }: Scene): EngineNode {
  const engine = cluster.engines[random.below(cluster.engines.length)];
  if (engine === undefined) throw new Error("Expected a cluster with an engine");
  return engine;
}

function serverOf({ cluster, random }: Scene): { readonly server: NatsServer; readonly name: string } {
  const index = random.below(cluster.servers.length);
  const server = cluster.servers[index];
  if (server === undefined) throw new Error("Expected a cluster with a server");
  return { server, name: `server ${index}` };
}

/** Starts an engine that does not run, again and again: what it needs may be away too. */
async function startAgain({ process }: EngineNode): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await process.start();
    } catch (failure) {
      if (tries === START_TRIES) throw failure;
    }
  }
}

const START_TRIES = 10;

async function killed(scene: Scene, isWiped: boolean): Promise<Done> {
  const engine = engineOf(scene);
  const downMs = scene.random.below(DOWN_MS_MAX);
  await engine.process.end("SIGKILL");
  if (isWiped) await scene.cluster.wipe(engine);
  await delay(downMs);
  await startAgain(engine);
  return {
    what: `${engine.process.name} killed${isWiped ? ", its store wiped" : ""}, down for ${downMs} ms`,
    hasKilled: true,
  };
}

async function restartedInOrder(engine: EngineNode): Promise<string | undefined> {
  const { how, tookMs } = await engine.process.end("SIGTERM");
  await startAgain(engine);
  if (how === 0 && tookMs < ORDERLY_STOP_MS_MAX) return undefined;
  return `${engine.process.name} took ${tookMs} ms to stop in order, and ended with ${how}`;
}

function stopMs({ random }: Scene): number {
  return STOP_MS_MIN + random.below(STOP_MS_MAX - STOP_MS_MIN);
}

/** What is asked of the servers while they may be busy with themselves: a refusal is no finding. */
async function asked(what: string, ask: () => Promise<string>): Promise<Done> {
  try {
    return { what: await ask() };
  } catch (failure) {
    return { what: `${what}: ${String(failure)}` };
  }
}

async function stepDown({ connection, random, cluster }: Scene): Promise<string> {
  const stream = `WEFT_LOG_${random.below(cluster.partitions)}`;
  const reply = await connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`, "", {
    timeout: REQUEST_TIMEOUT_MS,
  });
  const { success } = JSON.parse(utf8.decode(reply.data));
  return `${stream}${success === true ? "" : " (refused)"}`;
}

const engineFaults: Readonly<Record<string, FaultKind>> = {
  killEngine: { weight: 4, run: (scene) => killed(scene, false) },
  wipeStore: { weight: 2, run: (scene) => killed(scene, true) },
  stopEngine: {
    weight: 3,
    async run(scene) {
      const { process } = engineOf(scene);
      const forMs = stopMs(scene);
      process.signal("SIGSTOP");
      await delay(forMs);
      process.signal("SIGCONT");
      return { what: `${process.name} stopped for ${forMs} ms`, engineAwayMs: forMs };
    },
  },
  cutOff: {
    weight: 3,
    isPossible: ({ engines }) => engines.every(({ proxy }) => proxy !== undefined),
    async run(scene) {
      const { process, proxy } = engineOf(scene);
      const forMs = stopMs(scene);
      const cut = scene.random.pick<Cut>(["silent", "reset"]);
      proxy?.cut(cut);
      await delay(forMs);
      proxy?.mend();
      return { what: `${process.name} cut off (${cut}) for ${forMs} ms`, engineAwayMs: forMs };
    },
  },
  restartEngine: {
    weight: 2,
    async run(scene) {
      const engine = engineOf(scene);
      const wrong = await restartedInOrder(engine);
      return { what: `${engine.process.name} restarted in order`, isOrderly: true, ...(wrong && { wrong }) };
    },
  },
  rollingRestart: {
    weight: 1,
    isPossible: hasSeveralEngines,
    async run({ cluster }) {
      const wrong: string[] = [];
      for (const engine of [...cluster.engines]) wrong.push(...[await restartedInOrder(engine) ?? []].flat());
      return {
        what: "every engine restarted in order, one after the other",
        isOrderly: true,
        ...(wrong.length > 0 && { wrong: wrong.join("; ") }),
      };
    },
  },
  joinAndLeave: {
    weight: 2,
    isPossible: hasSeveralEngines,
    async run({ cluster, random }) {
      const engine = await cluster.join();
      const forMs = random.below(JOINED_MS_MAX);
      await delay(forMs);
      const { how, tookMs } = await cluster.leave(engine);
      return {
        what: `${engine.process.name} joined, and left after ${forMs} ms`,
        isOrderly: true,
        ...((how !== 0 || tookMs >= ORDERLY_STOP_MS_MAX) &&
          { wrong: `${engine.process.name} took ${tookMs} ms to leave, and ended with ${how}` }),
      };
    },
  },
};

const serverFaults: Readonly<Record<string, FaultKind>> = {
  killServer: {
    weight: 3,
    async run(scene) {
      const { server, name } = serverOf(scene);
      const downMs = scene.random.below(DOWN_MS_MAX);
      await server.kill("SIGKILL");
      await delay(downMs);
      await server.restart();
      return { what: `${name} killed, down for ${downMs} ms` };
    },
  },
  stopServer: {
    weight: 2,
    async run(scene) {
      const { server, name } = serverOf(scene);
      const forMs = stopMs(scene);
      await server.kill("SIGSTOP");
      await delay(forMs);
      await server.kill("SIGCONT");
      return { what: `${name} stopped for ${forMs} ms` };
    },
  },
  killBoth: {
    weight: 1,
    async run(scene) {
      const engine = engineOf(scene);
      const { server, name } = serverOf(scene);
      await Promise.all([engine.process.end("SIGKILL"), server.kill("SIGKILL")]);
      const downMs = scene.random.below(DOWN_MS_MAX);
      await delay(downMs);
      await server.restart();
      await startAgain(engine);
      return { what: `${engine.process.name} and ${name} killed, down for ${downMs} ms`, hasKilled: true };
    },
  },
  stepDown: {
    weight: 3,
    isPossible: hasReplicas,
    run: (scene) =>
      asked("no leader stepped down", async () => {
        const moved: string[] = [];
        for (let left = 1 + scene.random.below(STEP_DOWNS_MAX); left > 0; left--) moved.push(await stepDown(scene));
        return `leader stepped down: ${moved.join(", ")}`;
      }),
  },
  wipeTasks: {
    weight: 1,
    run: ({ connection }) =>
      asked("WEFT_TASKS is not deleted", async () => {
        const manager = await jetstreamManager(connection, { checkAPI: false, timeout: REQUEST_TIMEOUT_MS });
        await manager.streams.delete("WEFT_TASKS");
        return "WEFT_TASKS deleted";
      }),
  },
  deleteConsumer: {
    weight: 2,
    run: ({ connection, random }) =>
      asked("no consumer is deleted", async () => {
        const manager = await jetstreamManager(connection, { checkAPI: false, timeout: REQUEST_TIMEOUT_MS });
        const names = (await manager.consumers.list("WEFT_TASKS").next()).map(({ name }) => name).sort();
        const name = names[random.below(names.length)];
        if (name === undefined) return "there is no consumer to delete";
        await manager.consumers.delete("WEFT_TASKS", name);
        return `consumer ${name} deleted`;
      }),
  },
};

const workerFaults: Readonly<Record<string, FaultKind>> = {
  killWorker: {
    weight: 1,
    async run({ cluster, random }) {
      const worker = cluster.workers[random.below(cluster.workers.length)];
      await worker?.end("SIGKILL");
      await worker?.start();
      return { what: `${worker?.name} killed` };
    },
  },
  stopWorker: {
    weight: 1,
    async run(scene) {
      const { cluster, random } = scene;
      const worker = cluster.workers[random.below(cluster.workers.length)];
      const forMs = stopMs(scene);
      worker?.signal("SIGSTOP");
      await delay(forMs);
      worker?.signal("SIGCONT");
      return { what: `${worker?.name} stopped for ${forMs} ms` };
    },
  },
};

/** By name. */
export const faultKinds: Readonly<Record<string, FaultKind>> = { ...engineFaults, ...serverFaults, ...workerFaults };

/** All names. */
export const faultNames: readonly string[] = Object.keys(faultKinds);
