/** Files with a NATS user's key: a seed, and where the user's replies come to. */
import { Buffer } from "node:buffer";
import { createUser, fromSeed } from "@nats-io/nkeys";

/** A user's key, as a file has it. */
export interface UserKey {
  readonly seed: Uint8Array;
  /** What the user's inboxes begin with, where he may not use others. */
  readonly inbox?: string;
}

const SEED = /^(SU[A-Z2-7]{56})$/m;
const INBOX = /^# inbox: ([A-Za-z0-9_-]{1,200})$/m;

/** The text of a file with a new key. @param inbox what the user's inboxes begin with */
export function makeUserKey(inbox?: string): string {
  const seed = Buffer.from(createUser().getSeed()).toString();
  return `${inbox === undefined ? "" : `# inbox: ${inbox}\n`}${seed}\n`;
}

/** The key in a file's text; `undefined`: there is none. */
export function parseUserKey(text: string): UserKey | undefined {
  const [, seed] = SEED.exec(text) ?? [];
  if (seed === undefined || text.includes("BEGIN NATS USER JWT")) return undefined;
  const [, inbox] = INBOX.exec(text) ?? [];
  return { seed: Buffer.from(seed), ...(inbox === undefined ? {} : { inbox }) };
}

/** The public key, `U…`, of the key in a file's text. */
export function publicKeyOf(text: string): string | undefined {
  const key = parseUserKey(text);
  return key === undefined ? undefined : fromSeed(key.seed).getPublicKey();
}
