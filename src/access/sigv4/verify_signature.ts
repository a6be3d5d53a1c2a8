/** Whether a request's signature is the one that the key's owner makes. */
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { sha256Hex } from "../../values/mod.ts";
import type { SignableRequest } from "./canonical_request.ts";
import { type SignatureClaim, stringToSign } from "./signature_claim.ts";

/** Why a signature is not taken. */
export type SignatureFailure =
  | "expired"
  | "notYetCurrent"
  | "payload"
  | "unsignedHeader"
  | "wrongService"
  | "mismatch";

/** The service whose name a signature must carry: that of the API that is asked. */
export type SignedService = "states" | "scheduler";
/** How far a request's time may be from ours, milliseconds: AWS's own bound. */
export const SKEW_MS_MAX = 300_000;
/** Derived keys that are kept: each is good for one key, day, region and service. */
const DERIVED_MAX = 1_024;

/** Verifies signatures; keeps the keys that it derived, which cost more than all the rest. */
export class SignatureVerifier {
  #derived = new Map<string, Uint8Array>();

  /**
   * Why the request is not the key owner's; `undefined`: it is.
   *
   * @param headerNames of all headers that came, lower case: those that begin with `x-amz-` must be signed
   */
  verify(
    request: SignableRequest,
    headerNames: readonly string[],
    claim: SignatureClaim,
    secret: string,
    body: Uint8Array,
    nowEpochMs: number,
    service: SignedService = "states",
  ): SignatureFailure | undefined {
    const late = lateness(claim, nowEpochMs);
    if (late !== undefined) return late;
    if (claim.service !== service) return "wrongService";
    const signed = new Set(claim.signedHeaders);
    if (!signed.has("host") || headerNames.some((name) => name.startsWith("x-amz-") && !signed.has(name))) {
      return "unsignedHeader";
    }
    const payloadHash = sha256Hex(body);
    const stated = request.header("x-amz-content-sha256") ??
      claim.parameters.find(([name]) => name.toLowerCase() === "x-amz-content-sha256")?.[1];
    if (stated !== undefined && stated !== payloadHash) return "payload";
    const signature = createHmac("sha256", this.#keyOf(claim, secret))
      .update(stringToSign(request, claim, payloadHash)).digest();
    return timingSafeEqual(signature, Buffer.from(claim.signature, "hex")) ? undefined : "mismatch";
  }

  #keyOf({ keyId, day, region, service }: SignatureClaim, secret: string): Uint8Array {
    // The secret belongs to it: a key id that is given to another secret has other derived keys.
    const name = `${keyId}/${day}/${region}/${service}/${secret}`;
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const step = (key: string | Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();
    const key = step(step(step(step(`AWS4${secret}`, day), region), service), "aws4_request");
    if (this.#derived.size >= DERIVED_MAX) this.#derived = new Map();
    this.#derived.set(name, key);
    return key;
  }
}

function lateness({ at, expiresSeconds }: SignatureClaim, nowEpochMs: number): SignatureFailure | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(at) ?? [];
  const atEpochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(atEpochMs)) return "expired";
  if (atEpochMs - nowEpochMs > SKEW_MS_MAX) return "notYetCurrent";
  const goodMs = expiresSeconds === undefined ? SKEW_MS_MAX : expiresSeconds * 1_000;
  return nowEpochMs - atEpochMs > goodMs ? "expired" : undefined;
}
