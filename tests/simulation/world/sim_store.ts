/** A disk that keeps a node's local store, with what a crash does to it; and the node's way to it. */
import { Effect } from "effect";
import { type AtomicBatch, AtomicDraft } from "../../../src/storage/atomic_draft.ts";
import { assertKey, rangeOf } from "../../../src/storage/key.ts";
import {
  type AtomicOperation,
  type KeyValueStore,
  type ListSelector,
  type StorageEntry,
  StorageUnavailable,
} from "../../../src/storage/port.ts";
import { versionstampOf } from "../../../src/storage/versionstamp.ts";
import type { Json } from "../../../src/values/mod.ts";
import { answered, delayMs, type Place } from "./place.ts";
import type { SimRandom } from "./sim_random.ts";

interface Stored {
  readonly text: string;
  readonly versionstamp: string;
}
type Undo = readonly (readonly [key: string, before: Stored | undefined])[];

const TIMEOUT_MS = 300;
const AT_ONCE = 0.5;
/** Part of the transactions after which all so far is safe on the disk. */
const SYNCED = 0.3;

/** What survives its node, except for the transactions at the end that were not synced. */
export class SimDisk {
  readonly entries = new Map<string, Stored>();
  /** Keys that may have another value than when somebody last looked, and cleared this. */
  readonly touched = new Set<string>();
  #unsynced: Undo[] = [];
  #counter = 0;

  apply({ checks, writes }: AtomicBatch, isSynced: boolean): boolean {
    for (const [key, versionstamp] of checks) {
      if ((this.entries.get(key)?.versionstamp ?? null) !== versionstamp) return false;
    }
    const versionstamp = versionstampOf(++this.#counter);
    const undo = [...writes.keys()].map((key) => [key, this.entries.get(key)] as const);
    for (const [key, text] of writes) {
      this.touched.add(key);
      if (text === null) this.entries.delete(key);
      else this.entries.set(key, { text, versionstamp });
    }
    this.#unsynced = isSynced ? [] : [...this.#unsynced, undo];
    return true;
  }

  /** The newest transactions are lost, back to a drawn one; never one in the middle. Returns how many. */
  loseTail(random: SimRandom): number {
    const lost = random.between(0, this.#unsynced.length);
    for (let count = 0; count < lost; count++) {
      for (const [key, before] of this.#unsynced.pop() ?? []) {
        this.touched.add(key);
        if (before === undefined) this.entries.delete(key);
        else this.entries.set(key, before);
      }
    }
    this.#unsynced = [];
    return lost;
  }

  copy(): SimDisk {
    const copy = new SimDisk();
    for (const [key, stored] of this.entries) {
      copy.entries.set(key, stored);
      copy.touched.add(key);
    }
    copy.#counter = this.#counter;
    return copy;
  }

  sync(): void {
    this.#unsynced = [];
  }

  wipe(): void {
    for (const key of this.entries.keys()) this.touched.add(key);
    this.entries.clear();
    this.#unsynced = [];
  }
}

/** How a disk is met by one node. A deliberate bug puts another in its place. */
export class NodeStore implements KeyValueStore {
  readonly atomicKeysMax: number;
  protected readonly disk: SimDisk;
  readonly #place: Place;
  readonly #onCommitted: () => void;

  constructor(disk: SimDisk, place: Place, atomicKeysMax: number, onCommitted: () => void) {
    this.disk = disk;
    this.#place = place;
    this.atomicKeysMax = atomicKeysMax;
    this.#onCommitted = onCommitted;
  }

  get<T extends Json>(key: string): Effect.Effect<StorageEntry<T> | null, StorageUnavailable> {
    return this.#readable(() => this.readEntry<T>(key));
  }

  getMany<T extends Json>(
    keys: readonly string[],
  ): Effect.Effect<readonly (StorageEntry<T> | null)[], StorageUnavailable> {
    return this.#readable(() => keys.map((key) => this.readEntry<T>(key)));
  }

  set(key: string, value: Json): Effect.Effect<void, StorageUnavailable> {
    return Effect.asVoid(this.atomic().set(key, value).commit());
  }

  delete(key: string): Effect.Effect<void, StorageUnavailable> {
    return Effect.asVoid(this.atomic().delete(key).commit());
  }

  list<T extends Json>(selector: ListSelector): Effect.Effect<readonly StorageEntry<T>[], StorageUnavailable> {
    return this.#readable(() => {
      const { lower, upper } = rangeOf(selector);
      const keys = [...this.disk.entries.keys()].filter((key) => key >= lower && key < upper).sort();
      if (selector.reverse === true) keys.reverse();
      return keys.slice(0, selector.limit).flatMap((key) => this.readEntry<T>(key) ?? []);
    });
  }

  atomic(): AtomicOperation {
    return new AtomicDraft(this.atomicKeysMax, (batch) => Effect.suspend(() => this.#commit(batch)));
  }

  sync(): Effect.Effect<void, StorageUnavailable> {
    return this.#readable(() => this.disk.sync());
  }

  protected readEntry<T extends Json>(key: string): StorageEntry<T> | null {
    assertKey(key);
    const stored = this.disk.entries.get(key);
    return stored === undefined ? null : { key, value: JSON.parse(stored.text), versionstamp: stored.versionstamp };
  }

  /** What a transaction writes. A deliberate bug writes something else. */
  protected written(batch: AtomicBatch): AtomicBatch {
    return batch;
  }

  #readable<A>(read: () => A): Effect.Effect<A, StorageUnavailable> {
    return Effect.suspend(() => {
      const { random, world } = this.#place;
      if (world.strikes("storageUnavailable", random)) return this.#noAnswer("read");
      if (random.chance(AT_ONCE)) return Effect.succeed(read());
      if (random.chance(0.5)) return answered(this.#place, delayMs(random), () => Effect.sync(read));
      const found = read();
      return answered(this.#place, delayMs(random), () => Effect.succeed(found));
    });
  }

  #commit(batch: AtomicBatch): Effect.Effect<boolean, StorageUnavailable> {
    const { random, world } = this.#place;
    if (world.strikes("storageUnavailable", random)) {
      if (random.chance(0.5)) this.#applyAfter(delayMs(random), batch, () => {});
      return this.#noAnswer("write");
    }
    if (random.chance(AT_ONCE)) {
      return Effect.suspend(() => {
        if (!this.#place.isAlive) return Effect.never;
        const isDone = this.#apply(batch);
        return this.#place.isAlive ? Effect.succeed(isDone) : Effect.never;
      });
    }
    const outMs = delayMs(random);
    let did = false;
    this.#applyAfter(outMs, batch, (isDone) => did = isDone);
    return answered(this.#place, outMs + delayMs(random), () => Effect.succeed(did));
  }

  #applyAfter(ms: number, batch: AtomicBatch, then: (isDone: boolean) => void): void {
    this.#place.world.loop.after(ms, () => {
      // What was on its way to a local disk dies with its node.
      if (this.#place.isAlive) then(this.#apply(batch));
    });
  }

  #apply(batch: AtomicBatch): boolean {
    const isDone = this.disk.apply(this.written(batch), this.#place.random.chance(SYNCED));
    this.#onCommitted();
    const { random, world } = this.#place;
    if (world.strikes("crashAtStore", random)) this.#place.crash("afterTransaction");
    return isDone;
  }

  #noAnswer(operation: string): Effect.Effect<never, StorageUnavailable> {
    this.#place.world.disturb(TIMEOUT_MS);
    // Whoever looks for what is to be handed out begins anew.
    this.#place.world.redispatchCauses += 1;
    this.#place.world.note(() => `store: no answer to "${operation}"`);
    return answered(this.#place, TIMEOUT_MS, () => Effect.fail(new StorageUnavailable({ operation })));
  }
}
