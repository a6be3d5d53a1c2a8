/** Collects what `weft doctor` judges: over a client's connection, and the monitoring port where it was given. Writes nothing. */
import { type JetStreamManager, jetstreamManager, type StreamConfig, type StreamInfo } from "@nats-io/jetstream";
import { Svcm } from "@nats-io/services";
import type { NatsConnection } from "@nats-io/transport-node";
import { openConnection } from "../../../nats/mod.ts";
import { nodeReports, taskBacklogs } from "../../../sdk/mod.ts";
import { CliFailure } from "../output/failure.ts";
import type { InspectOptions } from "../homes.ts";
import type { DiskFacts, NatsFacts, StreamFacts } from "./nats_facts.ts";
import { present } from "../../../values/mod.ts";

const ANSWER_MS_MAX = 5_000;
/** How long services have to answer. */
const SERVICES_MS = 500;
const STREAMS_MAX = 1_000;

/** Looks at one server. @throws {Error} it cannot be reached @throws {CliFailure} the monitoring port does not answer as one */
export async function inspectNats({ url, credentialsFile, monitoringUrl }: InspectOptions): Promise<NatsFacts> {
  const connection = await openConnection({
    servers: url.split(","),
    name: "weft doctor",
    ...present({ credentialsFile }),
  });
  try {
    const { info } = connection;
    const roundTripMs = await fastestRoundTrip(connection);
    const kept = await inspectJetStream(connection);
    const monitoring = monitoringUrl === undefined ? undefined : await inspectMonitoring(monitoringUrl);
    const clock = monitoring?.clock ?? kept.clock;
    return {
      url,
      server: {
        name: info?.server_name ?? "",
        version: info?.version ?? "0.0.0",
        ...present({ clusterName: info?.cluster }),
        payloadBytesMax: info?.max_payload ?? 0,
      },
      roundTripMs,
      jetStream: kept.jetStream,
      streams: kept.streams,
      services: await weftServices(connection),
      nodes: await nodeReports(connection),
      backlogs: kept.jetStream.isEnabled ? await taskBacklogs(connection) : [],
      ...present({ clock, disk: monitoring?.disk }),
    };
  } finally {
    await connection.close();
  }
}

async function fastestRoundTrip(connection: NatsConnection): Promise<number> {
  let fastest = Infinity;
  for (let time = 0; time < 5; time += 1) {
    const startedMs = performance.now();
    await connection.flush();
    fastest = Math.min(fastest, performance.now() - startedMs);
  }
  return fastest;
}

type Kept = Pick<NatsFacts, "jetStream" | "streams" | "clock">;

async function inspectJetStream(connection: NatsConnection): Promise<Kept> {
  try {
    const manager = await jetstreamManager(connection, { timeout: ANSWER_MS_MAX });
    const { memory, storage, limits } = await manager.getAccountInfo();
    const infos = await weftStreams(manager);
    const clock = infos[0] === undefined ? undefined : await clockByStream(manager, infos[0].config.name);
    return {
      jetStream: {
        isEnabled: true,
        memoryBytesUsed: memory,
        memoryBytesMax: limits.max_memory,
        storageBytesUsed: storage,
        storageBytesMax: limits.max_storage,
      },
      streams: infos.map(streamFacts),
      ...present({ clock }),
    };
  } catch (thrown) {
    return { jetStream: { isEnabled: false, reason: reasonOf(thrown) }, streams: [] };
  }
}

async function weftStreams(manager: JetStreamManager): Promise<StreamInfo[]> {
  const infos: StreamInfo[] = [];
  for await (const info of manager.streams.list()) {
    if (/^(KV_|OBJ_)?WEFT_/.test(info.config.name)) infos.push(info);
    if (infos.length >= STREAMS_MAX) break;
  }
  return infos.sort((left, right) => left.config.name < right.config.name ? -1 : 1);
}

function streamFacts({ config, state, cluster }: StreamInfo): StreamFacts {
  // A server on its own names no replicas: it is the one that is there.
  const followers = cluster?.replicas?.filter(({ current, offline }) => current && offline !== true).length ?? 0;
  const partitionCount = Number(config.metadata?.["weft-partitions"]);
  const hasLeader = cluster === undefined || cluster === null || (cluster.leader ?? "") !== "";
  return {
    name: config.name,
    storage: config.storage === "memory" ? "memory" : "file",
    replicasWanted: config.num_replicas,
    replicasCurrent: Math.min(config.num_replicas, followers + (hasLeader ? 1 : 0)),
    messageCount: state.messages,
    byteCount: state.bytes,
    unsafeSettings: isDurable(config.name) ? unsafeSettings(config) : [],
    ...(Number.isInteger(partitionCount) ? { partitionCount } : {}),
  };
}

/** What cannot be made again from something else. */
function isDurable(name: string): boolean {
  return name.startsWith("WEFT_LOG_") || name === "KV_WEFT_SNAPSHOTS";
}

function unsafeSettings(config: StreamConfig): readonly string[] {
  const rules: readonly (readonly [isSafe: boolean, demand: string])[] = [
    [config.storage === "file", "storage must be file"],
    [config.retention === "limits", "retention must be limits"],
    [config.discard === "new", "discard must be new"],
    [config.max_age === 0 && config.max_msgs <= 0, "max_age and max_msgs must not be set"],
    [config.name === "KV_WEFT_SNAPSHOTS" || config.max_bytes <= 0, "max_bytes must not be set"],
    [config.deny_delete === true, "deny_delete must be set"],
  ];
  return rules.filter(([isSafe]) => !isSafe).map(([, demand]) => demand);
}

/** The time that the server wrote into its answer, against the middle of the time that we waited for it. */
async function clockByStream(manager: JetStreamManager, stream: string): Promise<NatsFacts["clock"]> {
  const askedMs = Date.now();
  const info = await manager.streams.info(stream);
  return clockBy("ts" in info && typeof info.ts === "string" ? info.ts : "", askedMs);
}

function clockBy(serverTime: string, askedMs: number): NatsFacts["clock"] {
  const serverMs = Date.parse(serverTime);
  if (Number.isNaN(serverMs)) return undefined;
  const halfMs = (Date.now() - askedMs) / 2;
  return { offsetMs: serverMs - askedMs - halfMs, uncertaintyMs: halfMs + 1 };
}

async function weftServices(connection: NatsConnection): Promise<NatsFacts["services"]> {
  const found: { name: string; version: string }[] = [];
  try {
    for await (
      const { name, version } of await new Svcm(connection).client({ strategy: "timer", maxWait: SERVICES_MS }).ping()
    ) {
      if (name.startsWith("weft")) found.push({ name, version });
    }
  } catch {
    // Nobody answers: there are none.
  }
  return found;
}

interface Monitoring {
  readonly disk?: DiskFacts;
  readonly clock?: NonNullable<NatsFacts["clock"]>;
}

/** @see https://docs.nats.io/running-a-nats-service/nats_admin/monitoring "JetStream information" */
async function inspectMonitoring(monitoringUrl: string): Promise<Monitoring> {
  const askedMs = Date.now();
  const report = await readMonitoring(monitoringUrl);
  const clock = clockBy(report.now ?? "", askedMs);
  const { sync_always: syncsAlways = false, sync_interval: syncIntervalNs } = report.config ?? {};
  return {
    ...present({ clock }),
    ...(syncIntervalNs === undefined
      ? {}
      : { disk: { syncsAlways, syncIntervalMs: syncsAlways ? 0 : syncIntervalNs / 1e6 } }),
  };
}

interface JetStreamReport {
  readonly now?: string;
  readonly config?: { readonly sync_always?: boolean; readonly sync_interval?: number };
}

async function readMonitoring(monitoringUrl: string): Promise<JetStreamReport> {
  try {
    const response = await fetch(new URL("/jsz", monitoringUrl), { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    return await response.json() as JetStreamReport;
  } catch (thrown) {
    throw new CliFailure(`Cannot read the monitoring port at ${monitoringUrl}: ${reasonOf(thrown)}`, {
      code: "Unreachable",
      hint: "It is the port of `http` (or `-m`) in the server's configuration, such as http://127.0.0.1:8222.",
      cause: thrown,
    });
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
