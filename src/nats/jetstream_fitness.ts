import { Effect, Schema } from "effect";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";

/** The NATS server cannot keep what is ours: it is too old, or has no JetStream for us. Final: an operator must act. */
export class JetStreamUnfit extends Schema.TaggedError<JetStreamUnfit>()("JetStreamUnfit", {
  reason: Schema.String,
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    return `Cannot use this NATS server: ${this.reason}`;
  }
}

/** How often a node that starts asks again where no answer came in time: servers that look for a leader are late. */
export const LATE_ANSWERS_MAX = 2;

/** True for a request that was not answered in time: asked again, it may be. */
export function isTimeout(failure: unknown): boolean {
  return failure instanceof errors.TimeoutError ||
    (failure instanceof errors.RequestError && failure.cause instanceof errors.TimeoutError);
}

/**
 * Why a server of this version cannot be used; `undefined` if it can.
 *
 * Servers before 2.12 ignore settings that they do not know, and before 2.9.21 a cluster may take two writes that
 * expect the same sequence.
 *
 * @param version as the server says it: `2.15.1`
 */
export function unfitVersion(version: string): string | undefined {
  const [, major = 0, minor = 0] = (/^v?(\d+)\.(\d+)\./.exec(version) ?? []).map(Number);
  if (major > 2 || (major === 2 && minor >= 12)) return undefined;
  return `expected version 2.12 or later, but it is "${version}"`;
}

/**
 * The manager of a server that is new enough and has JetStream for our account.
 *
 * @param timeoutMs milliseconds that each of its requests may take
 */
export function openJetStream(
  connection: NatsConnection,
  timeoutMs: number,
): Effect.Effect<JetStreamManager, JetStreamUnfit> {
  return Effect.suspend(() => {
    const unfit = unfitVersion(connection.info?.version ?? "");
    if (unfit !== undefined) return Effect.fail(new JetStreamUnfit({ reason: unfit }));
    const opened = Effect.tryPromise({
      try: () => jetstreamManager(connection, { timeout: timeoutMs }),
      catch: (cause) => new JetStreamUnfit({ reason: "JetStream does not answer", cause }),
    });
    return Effect.retry(opened, { while: ({ cause }) => isTimeout(cause), times: LATE_ANSWERS_MAX });
  });
}
