/** Where replies come to. A user may be allowed inboxes of his own alone. */
import { createInbox, type NatsConnection } from "@nats-io/transport-node";

const prefixes = new WeakMap<NatsConnection, string>();

/** From now on the connection's inboxes begin with this. */
export function useInboxes(connection: NatsConnection, prefix: string): void {
  prefixes.set(connection, prefix);
}

/** A subject that nobody else has. */
export function newInbox(connection: NatsConnection): string {
  return createInbox(prefixes.get(connection));
}
