import { Effect, Layer, Schema, type Scope } from "effect";
import { randomBytes } from "node:crypto";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { PipelinedPublisher } from "../../nats/mod.ts";
import { assertSequence } from "../entry.ts";
import { LogStream, LogUnavailable, type PartitionLog } from "../port.ts";
import { EntryReader } from "./entry_reader.ts";
import { JetStreamPartitionLog } from "./jetstream_partition_log.ts";
import { headerBytesMax, openStream } from "./partition_stream.ts";

/** The NATS server cannot hold our log: it is too old, or has no JetStream for us. Final: an operator must act. */
export class JetStreamUnfit extends Schema.TaggedError<JetStreamUnfit>()("JetStreamUnfit", {
  reason: Schema.String,
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    return `Cannot keep a log on this NATS server: ${this.reason}`;
  }
}

/** Settings of a log on JetStream. */
export interface JetStreamLogOptions {
  /** Closed by its owner, after this layer. */
  readonly connection: NatsConnection;
  /** Servers that keep each entry: 1 on a single server, 3 in a cluster. Only counts when a stream is made. */
  readonly replicas: number;
  /** Default: `WEFT_LOG`; partition 3 is then the stream `WEFT_LOG_3`. */
  readonly streamPrefix?: string;
  /** Default: `weft.log`; partition 3 is then appended to on `weft.log.3.{8 hex digits}`. */
  readonly subjectPrefix?: string;
  /** Milliseconds to wait for the server. Default: 5,000. */
  readonly timeoutMs?: number;
  /** Largest entry, bytes. Default: what the server takes, less 1 KiB. */
  readonly entryBytesMax?: number;
}

/**
 * `LogStream` on JetStream, one stream a partition. Entries are as durable as the server makes them: on the disk of a majority
 * before the append succeeds only if it runs with `sync_interval: always`.
 */
export function layerJetStream(options: JetStreamLogOptions): Layer.Layer<LogStream, JetStreamUnfit> {
  return Layer.effect(LogStream, makeJetStreamLogStream(options));
}

/** What `layerJetStream` provides; works for as long as the scope and the connection. */
export function makeJetStreamLogStream(
  options: JetStreamLogOptions,
): Effect.Effect<LogStream["Service"], JetStreamUnfit, Scope.Scope> {
  const { connection, timeoutMs = 5_000 } = options;
  return Effect.gen(function* () {
    const unfit = unfitVersion(connection.info?.version ?? "");
    if (unfit !== null) return yield* new JetStreamUnfit({ reason: unfit });
    const manager = yield* Effect.tryPromise({
      try: () => jetstreamManager(connection, { timeout: timeoutMs }),
      catch: (cause) => new JetStreamUnfit({ reason: "JetStream does not answer", cause }),
    });
    const publisher = yield* Effect.acquireRelease(
      Effect.sync(() => new PipelinedPublisher(connection, { timeoutMs })),
      (publisher) => Effect.sync(() => publisher.close()),
    );
    return { open: (partition) => openPartition(options, manager, publisher, partition) };
  });
}

/**
 * Why a server of this version cannot be used; `null` if it can.
 *
 * Servers before 2.12 ignore settings that they do not know, and before 2.9.21 a cluster may take two writes that
 * expect the same sequence.
 */
export function unfitVersion(version: string): string | null {
  const [, major = 0, minor = 0] = (/^v?(\d+)\.(\d+)\./.exec(version) ?? []).map(Number);
  if (major > 2 || (major === 2 && minor >= 12)) return null;
  return `expected version 2.12 or later, but it is "${version}"`;
}

function openPartition(
  options: JetStreamLogOptions,
  manager: JetStreamManager,
  publisher: PipelinedPublisher,
  partition: number,
): Effect.Effect<PartitionLog, LogUnavailable, Scope.Scope> {
  const { connection, replicas, streamPrefix = "WEFT_LOG", subjectPrefix = "weft.log", timeoutMs = 5_000 } = options;
  return Effect.gen(function* () {
    assertSequence("partition", partition, 0);
    const serverBytesMax = connection.info?.max_payload ?? 0;
    const wantedBytesMax = Math.min(serverBytesMax, (options.entryBytesMax ?? serverBytesMax) + headerBytesMax);
    const { config, state } = yield* Effect.tryPromise({
      try: () =>
        openStream(manager, {
          name: `${streamPrefix}_${partition}`,
          subjectPrefix: `${subjectPrefix}.${partition}`,
          incarnation: randomBytes(4).toString("hex"),
          replicas,
          messageBytesMax: wantedBytesMax,
        }),
      catch: (cause) => new LogUnavailable({ partition, operation: "open", cause }),
    });
    const messageBytesMax = config.max_msg_size > 0 ? Math.min(config.max_msg_size, wantedBytesMax) : wantedBytesMax;
    const reader = yield* Effect.acquireRelease(
      Effect.sync(() => new EntryReader(connection, manager, config.name, { timeoutMs, messageBytesMax })),
      (reader) => Effect.sync(() => reader.release()),
    );
    const entryBytesMax = messageBytesMax - headerBytesMax;
    const [subject = ""] = config.subjects;
    const parts = { partition, entryBytesMax, stream: config.name, subject, manager, publisher, reader };
    return new JetStreamPartitionLog(parts, state.last_seq);
  });
}
