/**
 * Access keys: an id that is told, and a secret that requests are signed with. They stand in the store that the cluster shares.
 *
 * SigV4 cannot be verified with a hash of the secret, so the secret itself is kept, sealed under the root key. Tenant, regions and role are part of what
 * is sealed: a record that was changed by somebody without the root key opens no more, and nobody without it can make one.
 */
import { Buffer } from "node:buffer";
import { randomBytes, randomInt } from "node:crypto";
import { Effect, Schema } from "effect";
import { Format } from "../protocol/mod.ts";
import type { KeyValueStore, StorageUnavailable } from "../storage/mod.ts";
import { type Json, present } from "../values/mod.ts";
import type { Caller } from "./authorize.ts";
import { type Role, roles } from "./roles.ts";
import type { RootKey } from "./root_key.ts";

/** A key without its secret. */
export interface AccessKey {
  /** Twenty characters, `WEFT…`. */
  readonly id: string;
  readonly tenant: string;
  /** Absent: all of the tenant's. */
  readonly regions?: readonly string[];
  readonly role: Role;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly revokedAt?: string;
  /** What its maker says that it is for. */
  readonly comment?: string;
}

/** What a new key is for. */
export type AccessKeyRequest = Pick<AccessKey, "tenant" | "regions" | "role" | "comment">;

/** A key that can sign, and whose requests those are. */
export interface SigningIdentity {
  readonly caller: Caller;
  readonly secret: string;
}

const PREFIX = "keys/";
const PURPOSE = "access key";
const ID_PREFIX = "WEFT";
const ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ID_LENGTH = 16;
const SECRET_BYTES = 30;
const PAGE = 1_000;
/** What is known of a key is looked up again after so long: a revocation is heard of by then, milliseconds. */
const FRESH_MS = 5_000;
/** Keys that are remembered, unknown ones included. */
const REMEMBERED_MAX = 10_000;
const ID = /^WEFT[A-Z2-7]{16}$/;

const Kept = Schema.Struct({
  version: Schema.Literal(1),
  tenant: Schema.String,
  regions: Schema.optionalKey(Schema.Array(Schema.String)),
  role: Schema.Literals(roles),
  createdAt: Schema.String,
  revokedAt: Schema.optionalKey(Schema.String),
  comment: Schema.optionalKey(Schema.String),
  /** Absent once it is revoked. */
  sealed: Schema.optionalKey(Schema.String),
});
const keptFormat = new Format({ what: "the record of an access key", schema: Kept, older: [] });

interface Known {
  readonly identity: SigningIdentity | undefined;
  readonly untilMs: number;
}

/** The keys of one cluster. */
export class AccessKeys {
  readonly #store: KeyValueStore;
  readonly #root: RootKey;
  readonly #nowMs: () => number;
  #known = new Map<string, Known>();
  #hasAny = false;
  #lookedForAnyMs = -Infinity;

  /** @param nowMs of a clock that only goes on, milliseconds */
  constructor(store: KeyValueStore, root: RootKey, nowMs: () => number = () => performance.now()) {
    this.#store = store;
    this.#root = root;
    this.#nowMs = nowMs;
  }

  /** Makes a key. The secret is told this once. */
  create(
    request: AccessKeyRequest,
    at: Date,
  ): Effect.Effect<AccessKey & { readonly secret: string }, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        const id = ID_PREFIX + Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(32)]).join("");
        const secret = randomBytes(SECRET_BYTES).toString("base64url");
        const { tenant, regions, role, comment } = request;
        const key = { tenant, role, createdAt: at.toISOString(), ...present({ regions, comment }) };
        const sealed = this.#root.seal(PURPOSE, aboutOf(id, key), Buffer.from(secret));
        const record = recordOf({ ...key, sealed });
        if (yield* this.#store.atomic().check(PREFIX + id, null).set(PREFIX + id, record).commit()) {
          yield* this.#store.sync();
          return { id, ...key, secret };
        }
      }
    });
  }

  /** Every key, revoked ones too, by id. */
  list(): Effect.Effect<readonly AccessKey[], StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      const keys: AccessKey[] = [];
      let after: string | undefined;
      for (;;) {
        const page = yield* this.#store.list({ prefix: PREFIX, limit: PAGE, ...present({ after }) });
        for (const { key, value } of page) keys.push(shown(key.slice(PREFIX.length), keptFormat.decode(value)));
        after = page.at(-1)?.key;
        if (after === undefined || page.length < PAGE) return keys;
      }
    });
  }

  /** Revokes a key: its secret is gone, and servers refuse it within five seconds. `undefined`: there is no such key. */
  revoke(id: string, at: Date): Effect.Effect<AccessKey | undefined, StorageUnavailable> {
    return Effect.gen({ self: this }, function* () {
      while (ID.test(id)) {
        const entry = yield* this.#store.get(PREFIX + id);
        if (entry === null) return undefined;
        const { sealed: _, version: __, ...key } = keptFormat.decode(entry.value);
        if (key.revokedAt !== undefined) return shown(id, { ...key });
        const revoked = { ...key, revokedAt: at.toISOString() };
        const record = recordOf(revoked);
        const write = this.#store.atomic().check(PREFIX + id, entry.versionstamp).set(PREFIX + id, record);
        if (yield* write.commit()) {
          yield* this.#store.sync();
          this.#known.delete(id);
          return shown(id, revoked);
        }
      }
      return undefined;
    });
  }

  /** Whether there is any key, revoked ones included. Once there was one, there always is. */
  hasAny(): Effect.Effect<boolean, StorageUnavailable> {
    return Effect.suspend(() => {
      if (this.#hasAny || this.#nowMs() - this.#lookedForAnyMs < FRESH_MS) return Effect.succeed(this.#hasAny);
      return Effect.map(this.#store.list({ prefix: PREFIX, limit: 1 }), (found) => {
        this.#lookedForAnyMs = this.#nowMs();
        return this.#hasAny = found.length > 0;
      });
    });
  }

  /** The identity behind an id, if it is known and fresh; `null`: it has to be looked up. */
  remembered(id: string): SigningIdentity | undefined | null {
    const known = this.#known.get(id);
    return known === undefined || known.untilMs < this.#nowMs() ? null : known.identity;
  }

  /** Looks the identity up; `undefined`: there is no such key, it is revoked, or its record is not one that we made. */
  find(id: string): Effect.Effect<SigningIdentity | undefined, StorageUnavailable> {
    return Effect.suspend(() => {
      if (!ID.test(id)) return Effect.succeed(undefined);
      return Effect.map(this.#store.get(PREFIX + id), (entry) => {
        const identity = entry === null ? undefined : this.#identityOf(id, entry.value);
        if (this.#known.size >= REMEMBERED_MAX) this.#known = new Map();
        this.#known.set(id, { identity, untilMs: this.#nowMs() + FRESH_MS });
        return identity;
      });
    });
  }

  #identityOf(id: string, value: Json): SigningIdentity | undefined {
    const { sealed, version: _, ...key } = keptFormat.decode(value);
    if (sealed === undefined || key.revokedAt !== undefined) return undefined;
    const secret = this.#root.open(PURPOSE, aboutOf(id, key), sealed);
    if (secret === undefined) return undefined;
    const { tenant, regions, role } = key;
    return { caller: { principal: id, tenant, regions, role }, secret: Buffer.from(secret).toString() };
  }
}

/** A key as it is kept. */
function recordOf({ regions, ...key }: Omit<typeof Kept.Type, "version">): Json {
  const { version } = keptFormat;
  return { version, ...present({ ...key, regions: regions === undefined ? undefined : [...regions] }) };
}

/** What a key's secret is sealed with. */
function aboutOf(id: string, { tenant, regions, role }: AccessKeyRequest): string {
  return JSON.stringify([id, tenant, regions ?? null, role]);
}

function shown(
  id: string,
  { tenant, regions, role, createdAt, revokedAt, comment }: Omit<typeof Kept.Type, "version">,
): AccessKey {
  return { id, tenant, role, createdAt, ...present({ regions, revokedAt, comment }) };
}
