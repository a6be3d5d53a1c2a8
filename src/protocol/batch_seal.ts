/**
 * What shows that an engine of the cluster wrote a batch: authenticators under a key that engines alone have. A checksum shows damage, and
 * whoever may write to the log can compute one.
 *
 * The `place` shows that an engine wrote an entry for this place of the log, whatever became of the rest of it: so a damaged batch is told from a message
 * that somebody else put there. The `content` shows that the rest is as it was written.
 */
import { Buffer } from "node:buffer";
import { Hmac } from "../values/mod.ts";

const PLACE_BYTES = 16;

/** Makes and checks authenticators of batches. */
export class BatchSeal {
  readonly #hmac: Hmac;

  /** @param secret the cluster's: the one that task tokens are signed with */
  constructor(secret: Uint8Array) {
    this.#hmac = new Hmac(new Hmac(secret).digest("weft batch seal 1"));
  }

  /** For the entry at this sequence of this partition: 22 characters. */
  place(partition: number, sequence: number): string {
    const digest = this.#hmac.digest(`place ${partition} ${sequence}`);
    return Buffer.from(digest.buffer, digest.byteOffset, PLACE_BYTES).toString("base64url");
  }

  /** For content with this hash: 43 characters. */
  content(hash: string): string {
    const digest = this.#hmac.digest(`content ${hash}`);
    return Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString("base64url");
  }
}
