/**
 * The feed on NATS: one message a turn, sent when the turn is durable and never again. Whoever misses one sees it by the
 * numbers, and asks the history.
 */
import type { NatsConnection } from "@nats-io/transport-node";
import type { FeedMessage } from "../../runtime/engine.ts";
import type { ExecutionId, Space } from "../../values/mod.ts";
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

/** Which part of the feed is heard. */
export interface FeedPart extends Space {
  /** Absent: all of the space. */
  readonly executionId?: ExecutionId;
}

/**
 * Hears the feed of all nodes as it comes over NATS, until the returned function is called. Nothing is subscribed to before. A message's events are read
 * when somebody looks at them; none stand for a turn that did not fit in one message.
 */
export function listenToFeed(
  connection: NatsConnection,
  { tenant, namespace, executionId }: FeedPart,
  listener: (message: FeedMessage) => void,
): () => void {
  const last = executionId === undefined ? "*" : executionId.slice(executionId.lastIndexOf("/") + 1);
  const subscription = connection.subscribe(`weft.events.${tenant}.${namespace}.${last}`, {
    callback: (failure, message) => {
      if (failure === null) listener(new ReceivedFeed(tenant, namespace, message.string()));
    },
  });
  return () => subscription.unsubscribe();
}

/** A message as it came, taken apart no further than is asked. */
class ReceivedFeed implements FeedMessage {
  readonly tenant: string;
  readonly namespace: string;
  readonly #text: string;
  #body: Pick<FeedMessage, "sequence" | "events"> | undefined;

  constructor(tenant: string, namespace: string, text: string) {
    this.tenant = tenant;
    this.namespace = namespace;
    this.#text = text;
  }

  get executionId(): ExecutionId {
    // It stands first, and has nothing in it that JSON escapes.
    const from = this.#text.indexOf(':"') + 2;
    return this.#text.slice(from, this.#text.indexOf('"', from)) as ExecutionId;
  }

  get sequence(): number {
    return this.#read().sequence;
  }

  get events(): FeedMessage["events"] {
    return this.#read().events;
  }

  #read(): Pick<FeedMessage, "sequence" | "events"> {
    return this.#body ??= JSON.parse(this.#text);
  }
}

function subjectOf({ tenant, namespace, executionId }: FeedMessage): string {
  return `weft.events.${tenant}.${namespace}.${executionId.slice(executionId.lastIndexOf("/") + 1)}`;
}

function bodyOf({ executionId, sequence, events }: FeedMessage, bytesMax: number): string {
  const body = JSON.stringify({ executionId, sequence, events });
  if (fits(body, bytesMax)) return body;
  return JSON.stringify({ executionId, sequence, events: [], omitted: events.length });
}
