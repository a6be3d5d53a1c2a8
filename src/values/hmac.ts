import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

/** Block of SHA-256, bytes: what HMAC (RFC 2104) pads its key to. */
const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/**
 * HMAC-SHA-256 under one key, of texts whose characters are bytes. From its definition over one-shot hashes: a key object for each text costs
 * more than the hashing.
 */
export class Hmac {
  readonly #innerKey: Uint8Array;
  readonly #outerKey: Uint8Array;

  /** @param secret at least 16 random bytes */
  constructor(secret: Uint8Array) {
    const key = secret.length > BLOCK_BYTES ? hash("sha256", secret, "buffer") : secret;
    this.#innerKey = Uint8Array.from({ length: BLOCK_BYTES }, (_, index) => (key[index] ?? 0) ^ INNER_PAD);
    this.#outerKey = Uint8Array.from({ length: BLOCK_BYTES }, (_, index) => (key[index] ?? 0) ^ OUTER_PAD);
  }

  /** 32 bytes. @param text characters up to U+00FF, each a byte */
  digest(text: string): Uint8Array {
    const inner = hash("sha256", Buffer.concat([this.#innerKey, Buffer.from(text, "latin1")]), "buffer");
    return hash("sha256", Buffer.concat([this.#outerKey, inner]), "buffer");
  }
}
