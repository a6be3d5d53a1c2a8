/**
 * The feed on NATS: one message a turn, sent when the turn is durable and never again. Whoever misses one sees it by the
 * numbers, and asks the history.
 */
import type { NatsConnection } from "@nats-io/transport-node";
import type { FeedMessage } from "../../runtime/engine.ts";
import { fits, messageBytesMax } from "./replies.ts";

/**
 * A function that publishes to `weft.events.{tenant}.{namespace}.{last id element}`: `{ executionId, sequence, events }`.
 *
 * Never fails and never waits; with a connection that is closed or closing it does nothing. A turn whose events do not fit in
 * one message goes out as `{ executionId, sequence, events: [], omitted: n }`.
 */
export function natsFeed(connection: NatsConnection): (message: FeedMessage) => void {
  return (message) => {
    if (connection.isClosed() || connection.isDraining()) return;
    connection.publish(subjectOf(message), bodyOf(message, messageBytesMax(connection)));
  };
}

function subjectOf({ tenant, namespace, executionId }: FeedMessage): string {
  return `weft.events.${tenant}.${namespace}.${executionId.slice(executionId.lastIndexOf("/") + 1)}`;
}

function bodyOf({ executionId, sequence, events }: FeedMessage, bytesMax: number): string {
  const body = JSON.stringify({ executionId, sequence, events });
  if (fits(body, bytesMax)) return body;
  return JSON.stringify({ executionId, sequence, events: [], omitted: events.length });
}
