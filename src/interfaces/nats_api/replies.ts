/**
 * Replies and refusals on the wire: JSON bodies, and for refusals the two headers that NATS services have.
 */
import { Buffer } from "node:buffer";
import { headers, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { ApiCode, RequestRefused } from "../../runtime/engine.ts";
import { present } from "../../values/mod.ts";

/** The number in `Nats-Service-Error-Code`, after HTTP's. The code's name stands in the body. */
export const statusOfCode: Readonly<Record<ApiCode, number>> = {
  NotFound: 404,
  AlreadyExists: 409,
  InvalidArgument: 400,
  InvalidDefinition: 422,
  InvalidStatus: 409,
  InvalidToken: 403,
  PayloadTooLarge: 413,
  LimitExceeded: 429,
  Unavailable: 503,
  Internal: 500,
};

/** NATS's own default, for the moments in which no server has told its. */
const PAYLOAD_BYTES_MAX_DEFAULT = 1_048_576;
const HEADER_CHARACTERS_MAX = 512;
const HEADER_BYTES_MAX = 4_096;

/** A refusal as it is told: `outcome` is there only when the request may have been carried out all the same. */
export type Refusal = Pick<RequestRefused, "code" | "message"> & {
  readonly diagnostics?: readonly unknown[] | undefined;
  readonly outcome?: "unknown" | undefined;
};

/** A refusal's body and headers; diagnostics that do not fit are left out rather than the answer. */
export function refusalMessage(
  refusal: Refusal,
  bytesMax: number,
): { readonly body: string; readonly headers: MsgHdrs } {
  const { code, message, diagnostics, outcome } = refusal;
  const error = { code, message, ...present({ outcome }) };
  const full = JSON.stringify(diagnostics === undefined ? { error } : { error, diagnostics });
  const body = fits(full, bytesMax - HEADER_BYTES_MAX) ? full : JSON.stringify({ error });
  return { body, headers: errorHeaders(code, message) };
}

function errorHeaders(code: ApiCode, reason: string): MsgHdrs {
  const shown = headers();
  shown.set("Nats-Service-Error", headerText(reason));
  shown.set("Nats-Service-Error-Code", String(statusOfCode[code]));
  return shown;
}

/** One line of bounded length: header values end at a line's end. */
function headerText(reason: string): string {
  return reason.slice(0, HEADER_CHARACTERS_MAX).replace(/[\r\n]+/g, " ").trim();
}

/** Bytes that the server passes on in one message, headers included. */
export function messageBytesMax(connection: NatsConnection): number {
  return connection.info?.max_payload ?? PAYLOAD_BYTES_MAX_DEFAULT;
}

/** True when `text` is at most `bytesMax` bytes of UTF-8. */
export function fits(text: string, bytesMax: number): boolean {
  const bytesPerCharacterMax = 3;
  return text.length * bytesPerCharacterMax <= bytesMax || Buffer.byteLength(text) <= bytesMax;
}
