import { Effect, Schema, type Scope } from "effect";
import { readFile } from "node:fs/promises";
import {
  type Authenticator,
  connect as connectToServer,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
} from "@nats-io/transport-node";
import { present } from "../values/mod.ts";
import { useInboxes } from "./inbox.ts";
import { parseUserKey, type UserKey } from "./user_key.ts";

/** The NATS server could not be reached, or refused us. Worth another try when it is back. */
export class NatsUnavailable extends Schema.TaggedError<NatsUnavailable>()("NatsUnavailable", {
  servers: Schema.Array(Schema.String),
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    return `Cannot connect to NATS at ${this.servers.join(", ")}`;
  }
}

/** How to reach a NATS server or cluster. */
export interface ConnectOptions {
  /** `nats://host:port` each; one that answers is enough. */
  readonly servers: readonly string[];
  /** Shown by the server's monitoring. Default: `weft`. */
  readonly name?: string;
  /** File with a user's JWT and seed (`.creds`), or with a key that `weft nats-config` made. */
  readonly credentialsFile?: string;
  /** User and password, where the server wants them. */
  readonly user?: string;
  readonly password?: string;
  /** Milliseconds for one attempt to connect. Default: 5,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between two attempts to connect again. Default: 250. */
  readonly reconnectWaitMs?: number;
}

/**
 * A connection that is made again for as long as the scope lives, closed with it. The first attempt must succeed.
 *
 * Errors of the client carry no trace of the place that asked (`noAsyncTraces`): collecting one for each request costs more
 * than the request.
 */
export function connect(options: ConnectOptions): Effect.Effect<NatsConnection, NatsUnavailable, Scope.Scope> {
  const open = Effect.tryPromise({
    try: () => openConnection(options),
    catch: (cause) => new NatsUnavailable({ servers: [...options.servers], cause }),
  });
  return Effect.acquireRelease(open, (connection) => Effect.promise(() => connection.close()));
}

/** The same connection as a promise, for whoever closes it himself. @throws {Error} the client's: no server, or refused */
export async function openConnection(options: ConnectOptions): Promise<NatsConnection> {
  const { credentialsFile, user, password } = options;
  const credentials = credentialsFile === undefined ? undefined : await readFile(credentialsFile, "utf8");
  const key = credentials === undefined ? undefined : parseUserKey(credentials);
  const connection = await connectToServer({
    servers: [...options.servers],
    name: options.name ?? "weft",
    timeout: options.timeoutMs ?? 5_000,
    reconnectTimeWait: options.reconnectWaitMs ?? 250,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...present({ user, pass: password, inboxPrefix: key?.inbox }),
    ...(credentials === undefined ? {} : { authenticator: authenticatorOf(credentials, key) }),
  });
  if (key?.inbox !== undefined) useInboxes(connection, key.inbox);
  return connection;
}

function authenticatorOf(credentials: string, key: UserKey | undefined): Authenticator {
  return key === undefined ? credsAuthenticator(new TextEncoder().encode(credentials)) : nkeyAuthenticator(key.seed);
}
