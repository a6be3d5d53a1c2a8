import { jetstreamManager } from "@nats-io/jetstream";
import { Svcm } from "@nats-io/services";
import type { NatsConnection } from "@nats-io/transport-node";
import type { NatsFacts } from "../interfaces/cli/mod.ts";
import { openConnection } from "../nats/mod.ts";

const OURS = /^(KV_)?WEFT_/;
const PROBES = 5;
const MONITORING_TIMEOUT_MS = 3_000;

type StreamFacts = NatsFacts["streams"][number];
type DiskFacts = NonNullable<NatsFacts["disk"]>;

/** Looks at a NATS server and what Weft has on it; writes nothing. @throws {Error} no server there */
export async function inspectNats(url: string, monitoringUrl: string | undefined): Promise<NatsFacts> {
  const connection = await openConnection({ servers: url.split(","), name: "weft doctor" });
  try {
    const { info } = connection;
    const roundTripMs = await roundTrip(connection);
    const { jetStream, streams } = await inspectJetStream(connection);
    const disk = monitoringUrl === undefined ? undefined : await inspectDisk(monitoringUrl);
    return {
      url,
      server: {
        name: info?.server_name ?? "",
        version: info?.version ?? "",
        payloadBytesMax: info?.max_payload ?? 0,
        ...(info?.cluster === undefined ? {} : { clusterName: info.cluster }),
      },
      roundTripMs,
      jetStream,
      streams,
      services: await ourServices(connection),
      ...(disk === undefined ? {} : { disk }),
    };
  } finally {
    await connection.close();
  }
}

/** The quickest of a few, milliseconds. */
async function roundTrip(connection: NatsConnection): Promise<number> {
  let quickest = Infinity;
  for (let probe = 0; probe < PROBES; probe++) quickest = Math.min(quickest, await connection.rtt());
  return quickest;
}

async function inspectJetStream(
  connection: NatsConnection,
): Promise<{ readonly jetStream: NatsFacts["jetStream"]; readonly streams: readonly StreamFacts[] }> {
  try {
    const manager = await jetstreamManager(connection);
    const account = await manager.getAccountInfo();
    const streams: StreamFacts[] = [];
    for await (const { config, state, cluster } of manager.streams.list()) {
      if (!OURS.test(config.name)) continue;
      const others = cluster?.replicas?.filter(({ current, offline }) => current && offline !== true).length ?? 0;
      streams.push({
        name: config.name,
        storage: config.storage === "memory" ? "memory" : "file",
        replicasWanted: config.num_replicas,
        replicasCurrent: 1 + others,
        messageCount: state.messages,
        byteCount: state.bytes,
      });
    }
    return {
      jetStream: {
        isEnabled: true,
        memoryBytesMax: account.limits.max_memory,
        memoryBytesUsed: account.memory,
        storageBytesMax: account.limits.max_storage,
        storageBytesUsed: account.storage,
      },
      streams,
    };
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    return { jetStream: { isEnabled: false, reason }, streams: [] };
  }
}

async function ourServices(connection: NatsConnection): Promise<NatsFacts["services"]> {
  const found: { name: string; version: string }[] = [];
  for await (const { name, version } of await new Svcm(connection).client().ping()) {
    if (name.startsWith("weft")) found.push({ name, version });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** How the server syncs, from its monitoring port; `undefined` when that does not answer. */
async function inspectDisk(monitoringUrl: string): Promise<DiskFacts | undefined> {
  try {
    const answer = await fetch(new URL("/jsz?config=true", monitoringUrl), {
      signal: AbortSignal.timeout(MONITORING_TIMEOUT_MS),
    });
    const { config } = await answer.json() as { config?: { sync_interval?: number; sync_always?: boolean } };
    if (config === undefined) return undefined;
    const syncsAlways = config.sync_always === true;
    return { syncsAlways, syncIntervalMs: syncsAlways ? 0 : (config.sync_interval ?? 0) / 1e6 };
  } catch {
    return undefined;
  }
}
