/** The servers, engines and workers of a run, as processes on this machine, and what can be done to them. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NatsCluster, startNatsCluster } from "../../support/nats_cluster.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { type Ended, NodeProcess } from "./node_process.ts";
import { TcpProxy } from "./tcp_proxy.ts";

/** How large, and how put together. */
export interface FaultClusterOptions {
  /** 1 or 3. */
  readonly servers: number;
  readonly engines: number;
  readonly workers: number;
  readonly partitions: number;
  /** Engines reach the servers through proxies of their own, so that each can be cut off. */
  readonly hasProxies: boolean;
  /** Kept by whoever gives it: stores and logs. */
  readonly folder: string;
  /** More arguments for `weft serve`. */
  readonly engineArguments?: readonly string[];
  /** Hears what workers say, line by line. */
  readonly onWorkerLine?: (line: string) => void;
}

/** An engine: `weft serve`, with its store and its network. */
export interface EngineNode {
  readonly process: NodeProcess;
  readonly store: string;
  readonly proxy: TcpProxy | undefined;
}

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const workerFile = fileURLToPath(new URL("./worker_process.ts", import.meta.url));

/** Whoever opens one closes it. */
export class FaultCluster {
  readonly servers: readonly NatsServer[];
  readonly engines: EngineNode[] = [];
  readonly workers: NodeProcess[] = [];
  readonly partitions: number;
  readonly #cluster: Pick<NatsCluster, "servers" | "stop">;
  readonly #options: FaultClusterOptions;
  #engineCount = 0;

  /** Starts everything; resolves when engines and workers are ready. */
  static async open(options: FaultClusterOptions): Promise<FaultCluster> {
    await mkdir(options.folder, { recursive: true });
    const cluster = new FaultCluster(options, await startServers(options));
    try {
      // The first makes the cluster's settings and streams, as an operator would do it.
      for (let index = 0; index < options.engines; index++) await cluster.join();
      for (let index = 0; index < options.workers; index++) await cluster.#addWorker(index);
      return cluster;
    } catch (failure) {
      await cluster.close();
      throw failure;
    }
  }

  constructor(options: FaultClusterOptions, cluster: Pick<NatsCluster, "servers" | "stop">) {
    this.#options = options;
    this.#cluster = cluster;
    this.servers = cluster.servers;
    this.partitions = options.partitions;
  }

  get urls(): string[] {
    return this.servers.map(({ url }) => url);
  }

  /** Another engine comes; resolves when it serves. */
  async join(): Promise<EngineNode> {
    const index = this.#engineCount++;
    const { folder, hasProxies, partitions, engineArguments = [] } = this.#options;
    const name = `engine-${index}`;
    const ports = this.servers.map(({ port }) => port);
    const proxy = hasProxies ? await TcpProxy.open(ports, index) : undefined;
    const url = proxy?.url ?? this.servers[index % this.servers.length]?.url ?? "";
    const store = join(folder, name);
    const args = [
      main,
      "serve",
      "--processes",
      "1",
      "--nats",
      url,
      "--name",
      name,
      "--store",
      store,
      "--partitions",
      String(partitions),
      "--json",
    ];
    const process = new NodeProcess({
      name,
      args: [...args, ...engineArguments],
      logFile: join(folder, `${name}.log`),
    });
    const node = { process, store, proxy };
    this.engines.push(node);
    await process.start();
    return node;
  }

  /** An engine goes in order, for good. */
  async leave(node: EngineNode): Promise<Ended> {
    const ended = await node.process.end("SIGTERM");
    this.engines.splice(this.engines.indexOf(node), 1);
    await node.proxy?.close();
    return ended;
  }

  /** Removes the local store of an engine that does not run. */
  async wipe({ store }: EngineNode): Promise<void> {
    await rm(store, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end("SIGKILL")));
    await Promise.all(this.engines.map(({ process }) => process.end("SIGKILL")));
    await Promise.all(this.engines.map(({ proxy }) => proxy?.close()));
    await this.#cluster.stop();
  }

  async #addWorker(index: number): Promise<void> {
    const { folder, onWorkerLine } = this.#options;
    const name = `worker-${index}`;
    const worker = new NodeProcess({
      name,
      args: [workerFile, this.urls.join(","), name],
      logFile: join(folder, `${name}.log`),
      ...(onWorkerLine === undefined ? {} : { onLine: onWorkerLine }),
    });
    this.workers.push(worker);
    await worker.start();
  }
}

async function startServers(
  { servers, hasProxies }: FaultClusterOptions,
): Promise<Pick<NatsCluster, "servers" | "stop">> {
  if (servers > 1) return await startNatsCluster({ size: servers, syncAlways: true, isAdvertised: !hasProxies });
  const server = await startNatsServer({ syncAlways: true });
  return { servers: [server], stop: () => server.stop() };
}
