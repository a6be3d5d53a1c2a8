/** Answers with what this node says of itself, to whoever asks all of them. */
import type { NatsConnection } from "@nats-io/transport-node";
import { Effect, type Scope } from "effect";
import { NODE_REPORTS_SUBJECT, type NodeReport } from "../../runtime/mod.ts";
import { fits, messageBytesMax } from "./replies.ts";

/** Answers until the scope closes. A report that fits in no message goes without its parked executions. */
export function serveNodeReports(
  connection: NatsConnection,
  report: () => NodeReport,
): Effect.Effect<void, never, Scope.Scope> {
  const answer = () => {
    const full = report();
    const text = JSON.stringify(full);
    if (fits(text, messageBytesMax(connection))) return text;
    return JSON.stringify({ ...full, partitions: full.partitions.map((one) => ({ ...one, parked: [] })) });
  };
  return Effect.acquireRelease(
    Effect.sync(() =>
      connection.subscribe(NODE_REPORTS_SUBJECT, {
        callback: (failure, message) => {
          if (failure === null) message.respond(answer());
        },
      })
    ),
    (subscription) => Effect.sync(() => connection.isClosed() ? undefined : subscription.unsubscribe()),
  );
}
