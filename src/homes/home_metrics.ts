/** What a home tells of itself beside its node: its tasks, its connection, its process. */
import { Effect, type Scope } from "effect";
import type { NatsConnection } from "@nats-io/transport-node";
import type { WeftNode } from "../runtime/mod.ts";
import type { TaskBacklog } from "../tasks/mod.ts";
import { processMetrics, type Sample, sample, type Telemetry } from "../telemetry/mod.ts";

const MS_PER_SECOND = 1_000;
/** How long the server may take to answer that it is there, milliseconds. */
const PING_MS_MAX = 1_000;

/** What a home is made of, as far as it is told of. */
export interface HomeObserved {
  readonly telemetry: Telemetry;
  readonly version: string;
  readonly home: "embedded" | "NATS";
  /** What waits for workers, by task type. May reject: then what was told last holds. */
  readonly backlogs: () => Promise<readonly TaskBacklog[]>;
  readonly connection?: NatsConnection;
}

/** Adds a home to what the process tells, for as long as the scope. */
export function observeHome(observed: HomeObserved): Effect.Effect<void, never, Scope.Scope> {
  const { telemetry, version, home, backlogs, connection } = observed;
  return Effect.gen(function* () {
    let queued: readonly TaskBacklog[] = [];
    const asked = Effect.tryPromise(backlogs);
    const refresh = Effect.ignore(Effect.map(asked, (found) => void (queued = found)));
    const disconnects = connection === undefined ? undefined : yield* watchConnection(connection);
    const source = (): readonly Sample[] => [
      sample("weft_build_info", 1, { version, home }),
      ...queued.flatMap(backlogSamples),
      ...connectionSamples(disconnects),
    ];
    yield* Effect.acquireRelease(
      Effect.sync(() => [telemetry.add(source), telemetry.add(processMetrics), telemetry.addRefresher(refresh)]),
      (forget) => Effect.sync(() => forget.forEach((one) => one())),
    );
  });
}

/** Why a home cannot answer now, each a sentence. */
export function reasonsAgainst(
  node: Pick<WeftNode, "unready">,
  connection: NatsConnection,
): Effect.Effect<readonly string[]> {
  const ping = Effect.timeoutOption(Effect.exit(Effect.tryPromise(() => connection.rtt())), PING_MS_MAX);
  return Effect.map(ping, (answered) => {
    const isThere = answered._tag === "Some" && answered.value._tag === "Success";
    return [...(isThere ? [] : ["NATS does not answer"]), ...node.unready()];
  });
}

function backlogSamples({ oldestAtEpochMs, workersAsking, waiting, inWork, ...type }: TaskBacklog): readonly Sample[] {
  const ageSeconds = oldestAtEpochMs === undefined ? 0 : Math.max(0, Date.now() - oldestAtEpochMs) / MS_PER_SECOND;
  return [
    sample("weft_tasks_waiting", waiting, type),
    sample("weft_tasks_in_work", inWork, type),
    sample("weft_tasks_oldest_seconds", ageSeconds, type),
    sample("weft_workers_asking", workersAsking, type),
  ];
}

function connectionSamples(state: ConnectionState | undefined): readonly Sample[] {
  if (state === undefined) return [];
  return [
    sample("weft_nats_connected", state.isConnected ? 1 : 0),
    sample("weft_nats_disconnects_total", state.disconnects),
  ];
}

interface ConnectionState {
  isConnected: boolean;
  disconnects: number;
}

/** Follows a connection until it is closed, and logs when it is lost and when it is there again. */
function watchConnection(connection: NatsConnection): Effect.Effect<ConnectionState, never, Scope.Scope> {
  const state = { isConnected: true, disconnects: 0 };
  return Effect.gen(function* () {
    const fork = Effect.runForkWith(yield* Effect.context<never>());
    const follow = async (): Promise<void> => {
      for await (const { type } of connection.status()) {
        if (type === "disconnect" && state.isConnected) {
          state.isConnected = false;
          state.disconnects++;
          fork(Effect.logWarning("The connection to NATS is lost: nothing is decided until it is back"));
        } else if (type === "reconnect" && !state.isConnected) {
          state.isConnected = true;
          fork(Effect.logInfo("The connection to NATS is there again"));
        }
      }
      state.isConnected = false;
    };
    follow().catch(() => void (state.isConnected = false));
    return state;
  });
}
