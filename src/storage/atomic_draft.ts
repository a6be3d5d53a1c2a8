import { Effect } from "effect";
import type { Json } from "../values/mod.ts";
import { assertKey } from "./key.ts";
import type { AtomicOperation, StorageUnavailable } from "./port.ts";

/** What an atomic operation has collected. */
export interface AtomicBatch {
  /** Versionstamp that each key must have; `null`: the key must be absent. */
  readonly checks: ReadonlyMap<string, string | null>;
  /** JSON text to write for each key; `null`: delete it. The last of several writes of one key counts. */
  readonly writes: ReadonlyMap<string, string | null>;
}

/**
 * The collecting half of `AtomicOperation`, the same for every adapter. Values become JSON text when they are set, so what the
 * caller does to them afterwards is not written.
 *
 * Two checks of one key that contradict each other never hold: `commit` answers `false` without asking the store.
 */
export class AtomicDraft implements AtomicOperation {
  readonly #checks = new Map<string, string | null>();
  readonly #writes = new Map<string, string | null>();
  readonly #keysMax: number;
  readonly #apply: (batch: AtomicBatch) => Effect.Effect<boolean, StorageUnavailable>;
  #contradiction = false;

  /** @param keysMax most keys that one operation may write; one more is a defect */
  constructor(keysMax: number, apply: (batch: AtomicBatch) => Effect.Effect<boolean, StorageUnavailable>) {
    this.#keysMax = keysMax;
    this.#apply = apply;
  }

  check(key: string, versionstamp: string | null): AtomicOperation {
    assertKey(key);
    const known = this.#checks.get(key);
    if (known !== undefined && known !== versionstamp) this.#contradiction = true;
    this.#checks.set(key, versionstamp);
    return this;
  }

  set(key: string, value: Json): AtomicOperation {
    assertKey(key);
    this.#writes.set(key, JSON.stringify(value));
    return this;
  }

  delete(key: string): AtomicOperation {
    assertKey(key);
    this.#writes.set(key, null);
    return this;
  }

  commit(): Effect.Effect<boolean, StorageUnavailable> {
    return Effect.suspend(() => {
      if (this.#writes.size > this.#keysMax) {
        throw new RangeError(`Cannot write ${this.#writes.size} keys at once: the store takes ${this.#keysMax}`);
      }
      if (this.#contradiction) return Effect.succeed(false);
      return this.#apply({ checks: this.#checks, writes: this.#writes });
    });
  }
}
