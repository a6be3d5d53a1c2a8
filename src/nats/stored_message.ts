import type { NatsConnection } from "@nats-io/transport-node";

/** A message as a stream keeps it. The bytes are the receiver's. */
export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** The header block as it is on the wire, beginning with `NATS/1.0`; empty if there are no headers. */
  readonly headers: string;
}

/** Which message of a stream: by its sequence, or the last one of a subject. */
export type StoredMessageQuery = { readonly seq: number } | { readonly last_by_subj: string };

/** The server refused an API request. `code` is JetStream's (10059: no such stream). */
export class ApiRefused extends Error {
  override readonly name = "ApiRefused";
  readonly code: number;

  constructor(code: number, description: string) {
    super(`${description} (${code})`);
    this.code = code;
  }
}

interface Answer {
  readonly message?: { readonly seq: number; readonly subject: string; readonly data?: string; readonly hdrs?: string };
  readonly error?: { readonly err_code?: number; readonly code?: number; readonly description?: string };
}

const NO_MESSAGE_FOUND = 10037;

/**
 * One message, from the stream's leader: so it is never older than what was acknowledged before the call, unlike a direct get.
 *
 * @returns `undefined` if the stream has no such message
 * @throws {ApiRefused} the server refused
 * @throws {Error} of the client: no answer in time, or no connection
 */
export async function getStoredMessage(
  connection: NatsConnection,
  stream: string,
  query: StoredMessageQuery,
  timeoutMs: number,
): Promise<StoredMessage | undefined> {
  const subject = `$JS.API.STREAM.MSG.GET.${stream}`;
  const answer = await connection.request(subject, JSON.stringify(query), { timeout: timeoutMs });
  const { message, error } = answer.json<Answer>();
  if (message === undefined) {
    if (error?.err_code === NO_MESSAGE_FOUND) return undefined;
    throw new ApiRefused(error?.err_code ?? error?.code ?? 0, error?.description ?? "No message in the answer");
  }
  return {
    sequence: message.seq,
    subject: message.subject,
    bytes: plainBytes(Buffer.from(message.data ?? "", "base64")),
    headers: Buffer.from(message.hdrs ?? "", "base64").toString("utf8"),
  };
}

/** The same bytes without what a runtime's own kind of buffer adds. */
export function plainBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
