import { Effect, Layer } from "effect";
import type { Json } from "../../values/mod.ts";
import { type AtomicBatch, AtomicDraft } from "../atomic_draft.ts";
import { assertKey, rangeOf } from "../key.ts";
import {
  type AtomicOperation,
  type KeyValueStore,
  type ListSelector,
  SharedStorage,
  Storage,
  type StorageEntry,
} from "../port.ts";
import { versionstampOf } from "../versionstamp.ts";
import { OrderedKeys } from "./ordered_keys.ts";

/**
 * A store that lives as long as the returned value. For tests, the simulator and runs that need not outlive their process.
 * Values are kept as JSON text, as every other adapter keeps them: what cannot be written as JSON does not come back here either.
 */
export function makeMemoryStorage(): KeyValueStore {
  return new MemoryStorage();
}

/** `Storage` in memory, empty each time the layer is built. */
export const layerMemory: Layer.Layer<Storage> = Layer.sync(Storage, makeMemoryStorage);

/** `SharedStorage` in memory, empty each time the layer is built: shared by what is built on one instance of the layer. */
export const layerMemoryShared: Layer.Layer<SharedStorage> = Layer.sync(SharedStorage, makeMemoryStorage);

interface Stored {
  readonly text: string;
  readonly versionstamp: string;
}

class MemoryStorage implements KeyValueStore {
  readonly atomicKeysMax = 100_000;
  readonly #entries = new Map<string, Stored>();
  readonly #keys = new OrderedKeys();
  #counter = 0;

  get<T extends Json>(key: string): Effect.Effect<StorageEntry<T> | null> {
    return Effect.sync(() => this.#read<T>(key));
  }

  getMany<T extends Json>(keys: readonly string[]): Effect.Effect<readonly (StorageEntry<T> | null)[]> {
    return Effect.sync(() => keys.map((key) => this.#read<T>(key)));
  }

  set(key: string, value: Json): Effect.Effect<void> {
    return Effect.sync(() => {
      assertKey(key);
      this.#write(key, JSON.stringify(value), versionstampOf(++this.#counter));
    });
  }

  delete(key: string): Effect.Effect<void> {
    return Effect.sync(() => {
      assertKey(key);
      this.#write(key, null, versionstampOf(++this.#counter));
    });
  }

  list<T extends Json>(selector: ListSelector): Effect.Effect<readonly StorageEntry<T>[]> {
    return Effect.sync(() => {
      const { lower, upper } = rangeOf(selector);
      const found: StorageEntry<T>[] = [];
      for (const key of this.#keys.range(lower, upper, selector.limit, selector.reverse === true)) {
        const entry = this.#read<T>(key);
        if (entry !== null) found.push(entry);
      }
      return found;
    });
  }

  atomic(): AtomicOperation {
    return new AtomicDraft(this.atomicKeysMax, (batch) => Effect.sync(() => this.#commit(batch)));
  }

  sync(): Effect.Effect<void> {
    return Effect.void;
  }

  #commit({ checks, writes }: AtomicBatch): boolean {
    for (const [key, versionstamp] of checks) {
      if ((this.#entries.get(key)?.versionstamp ?? null) !== versionstamp) return false;
    }
    const versionstamp = versionstampOf(++this.#counter);
    for (const [key, text] of writes) this.#write(key, text, versionstamp);
    return true;
  }

  #read<T extends Json>(key: string): StorageEntry<T> | null {
    assertKey(key);
    const stored = this.#entries.get(key);
    return stored === undefined ? null : { key, value: JSON.parse(stored.text), versionstamp: stored.versionstamp };
  }

  #write(key: string, text: string | null, versionstamp: string): void {
    const known = this.#entries.has(key);
    if (text !== null) {
      this.#entries.set(key, { text, versionstamp });
      if (!known) this.#keys.add(key);
    } else if (known) {
      this.#entries.delete(key);
      this.#keys.delete(key);
    }
  }
}
