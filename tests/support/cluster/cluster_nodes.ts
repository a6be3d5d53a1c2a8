/** Nodes of a cluster in this process, each with a connection of its own, for tests. */
import type { TestContext } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Effect, Exit, Logger, Scope } from "effect";
import type { Cluster, ClusterView, Confirmation } from "../../../src/cluster/mod.ts";
import { type JetStreamClusterOptions, makeJetStreamCluster } from "../../../src/cluster/jetstream/mod.ts";

/** A member of a cluster. Whoever starts one need not stop it: the test does. */
export interface TestMember {
  readonly cluster: Cluster["Service"];
  readonly connection: NatsConnection;
  /** What it logged, without fields. */
  readonly logged: readonly string[];
  /** This node's id now. @throws {Error} it has no session */
  self(): string;
  /** Closes its scope, then its connection. Repeats are harmless. */
  stop(): Promise<void>;
  /** Resolves with the view once it is like this, at once if it is. */
  seen(isWanted: (view: ClusterView) => boolean): Promise<ClusterView>;
}

/** A connection that comes back by itself, closed after the test. */
export async function openConnection(t: TestContext, servers: readonly string[]): Promise<NatsConnection> {
  const connection = await connect({
    servers: [...servers],
    noAsyncTraces: true,
    reconnectTimeWait: 50,
    maxReconnectAttempts: -1,
  });
  t.after(() => connection.close());
  return connection;
}

/** Starts a member on a connection of its own. */
export async function startMember(
  t: TestContext,
  servers: readonly string[],
  options: Omit<JetStreamClusterOptions, "connection">,
): Promise<TestMember> {
  const connection = await openConnection(t, servers);
  const scope = Scope.makeUnsafe();
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    await Effect.runPromise(Scope.close(scope, Exit.void));
    await connection.close();
  };
  t.after(stop);
  const logged: string[] = [];
  const logger = Logger.layer([Logger.make(({ message }) => void logged.push(String(message)))]);
  const made = makeJetStreamCluster({ ...options, connection });
  const cluster = await Effect.runPromise(Effect.provideService(made, Scope.Scope, scope).pipe(Effect.provide(logger)));
  const self = () => {
    const id = cluster.view().self;
    if (id === undefined) throw new Error(`${options.name} has no session`);
    return id;
  };
  const seen = (isWanted: (view: ClusterView) => boolean) => seenBy(cluster, isWanted);
  return { cluster, connection, logged, self, stop, seen };
}

/** What becomes of a confirmation that is asked for now. */
export function confirmed({ cluster }: TestMember): Promise<Confirmation> {
  return new Promise((resolve) => cluster.confirm(resolve));
}

/** Resolves with the cluster's view once it is like this. */
export function seenBy(
  cluster: Cluster["Service"],
  isWanted: (view: ClusterView) => boolean,
): Promise<ClusterView> {
  return new Promise((resolve) => {
    let isFound = false;
    const look = () => {
      if (isFound || !isWanted(cluster.view())) return;
      isFound = true;
      queueMicrotask(() => stop());
      resolve(cluster.view());
    };
    const stop = cluster.onChange(look);
    look();
  });
}
