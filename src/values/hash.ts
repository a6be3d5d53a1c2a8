import { hash } from "node:crypto";

/** SHA-256 of text (as UTF-8) or bytes, 64 lower-case hex digits. */
export function sha256Hex(content: string | Uint8Array): string {
  return hash("sha256", content, "hex");
}

/** The first 7 hex digits of SHA-256: the `hash7` of ids and subjects. */
export function hash7(text: string): string {
  return sha256Hex(text).slice(0, 7);
}

/** A uniform 32-bit hash of text (FNV-1a with a final mix): for placement, never for security. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
