import { Effect, Layer, type Scope } from "effect";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type JetStreamUnfit, openJetStream, PipelinedPublisher } from "../../nats/mod.ts";
import { assertSequence } from "../entry.ts";
import { LogStream, LogUnavailable, type PartitionLog } from "../port.ts";
import { EntryReader } from "./entry_reader.ts";
import { JetStreamPartitionLog } from "./jetstream_partition_log.ts";
import type { LogIdentity } from "./log_identity.ts";
import { HEADER_BYTES_MAX, openStream } from "./partition_stream.ts";

/** Settings of a log on JetStream. */
export interface JetStreamLogOptions {
  /** Closed by its owner, after this layer. */
  readonly connection: NatsConnection;
  /** Servers that keep each entry: 1 on a single server, 3 in a cluster. Only counts when a stream is made. */
  readonly replicas: number;
  /** Each stream is marked with it. A stream of another cluster is not opened. */
  readonly identity?: LogIdentity;
  /** Default: `WEFT_LOG`; partition 3 is then the stream `WEFT_LOG_3`. */
  readonly streamPrefix?: string;
  /** Default: `weft.log`; partition 3 is then appended to on `weft.log.3.{8 hex digits}`. */
  readonly subjectPrefix?: string;
  /** Milliseconds to wait for a stream to be opened. Default: 5,000. Anything else is asked again after {@link ANSWER_MS} at most. */
  readonly timeoutMs?: number;
  /** Largest entry, bytes. Default: what the server takes, less 1 KiB. */
  readonly entryBytesMax?: number;
}

/**
 * Milliseconds after which what was not answered is asked again: a server that dies takes requests with it that nobody answers any more.
 * An append that is only slow does no harm: it is found when it is read back.
 */
const ANSWER_MS = 1_500;

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
    const opening = yield* openJetStream(connection, timeoutMs);
    const answerMs = Math.min(ANSWER_MS, timeoutMs);
    const manager = yield* Effect.promise(() => jetstreamManager(connection, { timeout: answerMs, checkAPI: false }));
    const publisher = yield* Effect.acquireRelease(
      Effect.sync(() => new PipelinedPublisher(connection, { timeoutMs: answerMs })),
      (publisher) => Effect.sync(() => publisher.close()),
    );
    return { open: (partition) => openPartition(options, { opening, manager, publisher, answerMs }, partition) };
  });
}

interface Connected {
  /** Has more time: streams are made with it. */
  readonly opening: JetStreamManager;
  readonly manager: JetStreamManager;
  readonly publisher: PipelinedPublisher;
  readonly answerMs: number;
}

function openPartition(
  options: JetStreamLogOptions,
  { opening, manager, publisher, answerMs }: Connected,
  partition: number,
): Effect.Effect<PartitionLog, LogUnavailable, Scope.Scope> {
  const { connection, replicas, streamPrefix = "WEFT_LOG", subjectPrefix = "weft.log" } = options;
  return Effect.gen(function* () {
    assertSequence("partition", partition, 0);
    const serverBytesMax = connection.info?.max_payload ?? 0;
    const wantedBytesMax = Math.min(serverBytesMax, (options.entryBytesMax ?? serverBytesMax) + HEADER_BYTES_MAX);
    const { config, state } = yield* Effect.tryPromise({
      try: () =>
        openStream(opening, {
          name: `${streamPrefix}_${partition}`,
          subjectPrefix: `${subjectPrefix}.${partition}`,
          incarnation: crypto.randomUUID().slice(0, 8),
          replicas,
          identity: options.identity,
          messageBytesMax: wantedBytesMax,
        }),
      catch: (cause) => new LogUnavailable({ partition, operation: "open", cause }),
    });
    const messageBytesMax = config.max_msg_size > 0 ? Math.min(config.max_msg_size, wantedBytesMax) : wantedBytesMax;
    const reader = yield* Effect.acquireRelease(
      Effect.sync(() => new EntryReader(connection, manager, config.name, { timeoutMs: answerMs, messageBytesMax })),
      (reader) => Effect.sync(() => reader.release()),
    );
    const entryBytesMax = messageBytesMax - HEADER_BYTES_MAX;
    const [subject = ""] = config.subjects;
    const parts = { partition, entryBytesMax, stream: config.name, subject, manager, publisher, reader };
    return new JetStreamPartitionLog(parts, state.last_seq);
  });
}
