/**
 * The cluster's root key: 32 random bytes in a file that only engines and their operators can read. It is in no store, so whoever has a
 * copy of a store, or may read a bucket, has none of the secrets that stand there.
 *
 * What it is used for are keys of their own, derived from it by HKDF (RFC 5869), each for one purpose.
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";
const SALT = "weft root key 1";

/** Seals what only engines may read, and says by it who wrote it. */
export class RootKey {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The key that a file or variable holds: 32 bytes as base64, white space around it apart; `undefined`: it is none. */
  static parse(text: string): RootKey | undefined {
    const trimmed = text.trim();
    if (!/^[A-Za-z0-9+/]{43}=$/.test(trimmed)) return undefined;
    const bytes = Buffer.from(trimmed, "base64");
    return bytes.length === KEY_BYTES ? new RootKey(bytes) : undefined;
  }

  /** The text of a new key, as {@link RootKey.parse} takes it. */
  static make(): string {
    return randomBytes(KEY_BYTES).toString("base64");
  }

  /**
   * AES-256-GCM under a key of this purpose.
   *
   * @param about what the secret belongs to: sealed text that is moved to another place does not open there
   */
  seal(purpose: string, about: string, secret: Uint8Array): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.derive(purpose), nonce).setAAD(Buffer.from(about));
    const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final()]);
    return Buffer.concat([sealed, cipher.getAuthTag()]).toString("base64");
  }

  /** What was sealed; `undefined`: under another key, for something else, or changed since. */
  open(purpose: string, about: string, sealed: string): Uint8Array | undefined {
    const bytes = Buffer.from(sealed, "base64");
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(CIPHER, this.derive(purpose), bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined;
    }
  }

  /** A key of 32 bytes for one purpose. */
  derive(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync("sha256", this.#bytes, SALT, purpose, KEY_BYTES));
  }
}
