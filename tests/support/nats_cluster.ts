import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { type NatsServer, startNatsServer } from "./nats_server.ts";

/** Several nats-servers that keep JetStream's streams together. Whoever starts one stops it. */
export interface NatsCluster {
  readonly servers: readonly NatsServer[];
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** Settings of a cluster for tests. */
export interface NatsClusterOptions {
  /** Default: 3. */
  readonly size?: number;
  /** Every write is on the disk before it is acknowledged. Default: the servers' own 2 minutes. */
  readonly syncAlways?: boolean;
  /** Servers tell their clients of each other. Default: true. */
  readonly isAdvertised?: boolean;
}

const READY_TIMEOUT_MS = 30_000;
const TRY_AGAIN_MS = 100;

/**
 * Starts a cluster on loopback addresses and waits until it takes streams with a replica on each server.
 *
 * @throws {Error} it was not ready within 30 s
 */
export async function startNatsCluster(
  options: NatsClusterOptions = {},
): Promise<NatsCluster> {
  const { size = 3, syncAlways = false, isAdvertised = true } = options;
  const ports = await freePorts(size);
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  const started = await Promise.allSettled(ports.map((port, index) =>
    startNatsServer({
      syncAlways,
      configuration: `server_name: n${index}\ncluster { name: weft, listen: "127.0.0.1:${port}", routes: [${routes}]${
        isAdvertised ? "" : ", no_advertise: true"
      } }`,
    })
  ));
  const servers = started.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    for (const one of started) if (one.status === "rejected") throw one.reason;
    const urls = servers.map(({ url }) => url);
    await untilReady(urls);
    return { servers, urls, stop };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

async function untilReady(urls: string[]): Promise<void> {
  const connection = await connect({ servers: urls, noAsyncTraces: true });
  try {
    const { streams } = await jetstreamManager(connection, { checkAPI: false, timeout: 2_000 });
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      try {
        await streams.add({ name: "READY", subjects: ["ready"], storage: "memory", num_replicas: urls.length });
        break;
      } catch (failure) {
        if (performance.now() > deadline) throw failure;
        await delay(TRY_AGAIN_MS); // there is no event for it
      }
    }
    await streams.delete("READY");
  } finally {
    await connection.close();
  }
}

/** Ports that were free just now: all are held until the last is found, so no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(
    Array.from({ length: count }, () =>
      new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
        const server = createServer().once("error", reject);
        server.listen(0, "127.0.0.1", () => resolve(server));
      })),
  );
  const ports = held.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
