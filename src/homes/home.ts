import process from "node:process";
import { Effect, Exit, Logger, Scope } from "effect";
import type { AccessKeys } from "../access/mod.ts";
import type { ActivityTasks } from "../aws/mod.ts";
import type { FeedPart } from "../interfaces/nats_api/mod.ts";
import type { TraceHttp } from "../interfaces/http_api/mod.ts";
import type { Schedules } from "../schedules/mod.ts";
import type { Triggers } from "../triggers/mod.ts";
import type { Engine, FeedMessage, NodeReport, Partition, Registry } from "../runtime/mod.ts";
import type { HeardReport, TaskBacklog } from "../sdk/mod.ts";
import { lineLogger, type LogFormat, type Readiness, type Telemetry } from "../telemetry/mod.ts";
import { type Limits, LimitsInvalid, limitsOf, WEFT_VERSION } from "../values/mod.ts";

/** A running engine of this process. Whoever opened it closes it. */
export interface Home {
  readonly engine: Engine;
  /** What surfaces need that translate another API. */
  readonly registry: Registry;
  /** Of this node, for those who look after it. */
  readonly partitions: readonly Pick<Partition, "partition" | "status">[];
  /** Tasks of activities, where this home keeps them for workers that ask. */
  readonly activities?: ActivityTasks;
  /** What every node of the cluster says of itself; this one alone where there are no others. Rejects when that cannot be asked. */
  nodes(): Promise<readonly HeardReport[]>;
  /** Tasks that wait for workers outside this process, by type. Rejects when that cannot be asked. */
  backlogs(): Promise<readonly TaskBacklog[]>;
  /** What starts executions by itself, at its times. */
  readonly schedules: Schedules;
  /** What starts executions by messages; absent where there are none. */
  readonly triggers?: Triggers;
  /** Does an HTTP task outside any execution, and shows what was sent and came. */
  readonly traceHttp: TraceHttp;
  /** What holds here. */
  readonly limits: Limits;
  /** Access keys; absent without a root key, and then there are none. */
  readonly keys?: AccessKeys;
  /** Hears every turn's events once they are durable, until the returned function is called. */
  onEvents(listener: (message: FeedMessage) => void): () => void;
  /** Hears the feed of a space or of one execution, of whatever node; may be told of more. Costs nothing while nobody listens. */
  watch(part: FeedPart, listener: (message: FeedMessage) => void): () => void;
  /** What this process measures. */
  readonly telemetry: Telemetry;
  /** Whether requests are answered now. Never fails, and is bounded. */
  readonly readiness: Effect.Effect<Readiness>;
  /** Ends in order: what was taken up becomes durable first. */
  close(): Promise<void>;
}

/** What this process says of itself as a node. */
export function nodeReport(node: string, partitions: readonly Pick<Partition, "report">[]): NodeReport {
  return {
    node,
    version: WEFT_VERSION,
    nowEpochMs: Date.now(),
    uptimeMs: Math.round(process.uptime() * 1_000),
    residentBytes: process.memoryUsage.rss(),
    partitions: partitions.map(({ report }) => report()),
  };
}

/** Listeners of the feed in this process. */
export class FeedListeners {
  readonly #listeners = new Set<(message: FeedMessage) => void>();

  /** Passes a message on to all. */
  readonly publish = (message: FeedMessage): void => {
    for (const listener of this.#listeners) listener(message);
  };

  add(listener: (message: FeedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/**
 * Runs a scoped effect for callers that live with promises: its resources stay until `close`. It logs to standard error: what a command
 * prints on standard output is for programs to read.
 *
 * @param logFormat of the lines. Default: for people
 * @throws the effect's failure
 */
export async function opened<A, E>(
  open: Effect.Effect<A, E, Scope.Scope>,
  logFormat: LogFormat = "pretty",
): Promise<{ readonly value: A; readonly close: () => Promise<void> }> {
  const scope = Scope.makeUnsafe();
  const logging = Effect.provideService(open, Logger.CurrentLoggers, new Set([lineLogger(logFormat)]));
  const exit = await Effect.runPromiseExit(Effect.provideService(logging, Scope.Scope, scope));
  if (Exit.isSuccess(exit)) {
    return { value: exit.value, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) };
  }
  await Effect.runPromise(Scope.close(scope, exit));
  return await Effect.runPromise(Effect.failCause(exit.cause));
}

/** The limits of a home that is opened with these. */
export function homeLimits(set: Partial<Limits> | undefined): Effect.Effect<Limits, LimitsInvalid> {
  return Effect.try({
    try: () => limitsOf(set),
    catch: (thrown) => thrown instanceof LimitsInvalid ? thrown : new LimitsInvalid(String(thrown), { cause: thrown }),
  });
}
