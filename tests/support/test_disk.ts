/** What a node keeps its log and its state on, for tests: it outlives nodes, and does what a bad disk or a far log does. */
import { Effect } from "effect";
import { makeMemoryLogStream } from "../../src/log/memory/mod.ts";
import { type LogStream, LogUnavailable, type PartitionLog } from "../../src/log/port.ts";
import type { AtomicOperation, KeyValueStore } from "../../src/storage/port.ts";
import { StorageUnavailable } from "../../src/storage/port.ts";
import { makeMemoryStorage } from "../../src/storage/memory/mod.ts";

/** What becomes of an append. */
export type AppendFate =
  | "written"
  /** Nothing is written, and the writer hears nothing. */
  | "lost"
  /** Written, but the writer hears nothing of it. */
  | "unacknowledged";

export class TestDisk {
  logs: LogStream["Service"];
  storage: KeyValueStore;
  /** Decides what becomes of each append; may wait. */
  fate: (partition: number, sequence: number) => AppendFate | Promise<AppendFate> = () => "written";
  /** Appends are written and acknowledged in no time, whatever `fate` says. */
  answersAtOnce = false;
  /** Decides whether the store answers at all; may wait. */
  storeAnswers: (operation: string) => boolean | Promise<boolean> = () => true;
  /** Entries that are to be read otherwise than they were written. */
  readonly damaged = new Map<string, Uint8Array | undefined>();
  appends = 0;

  constructor(logs = makeMemoryLogStream(), storage = makeMemoryStorage()) {
    this.logs = logs;
    this.storage = storage;
  }

  /** The bytes at a place of a log. */
  async entry(partition: number, sequence: number): Promise<Uint8Array> {
    const log = await Effect.runPromise(Effect.scoped(this.logs.open(partition)));
    const [entry] = await Effect.runPromise(log.read(sequence, 1));
    if (entry === undefined) throw new Error(`Partition ${partition} has no entry ${sequence}`);
    return entry.bytes;
  }

  async lastSequence(partition: number): Promise<number> {
    const log = await Effect.runPromise(Effect.scoped(this.logs.open(partition)));
    return (await Effect.runPromise(log.bounds())).last;
  }

  /** Appends behind the node's back, as another node would. */
  async append(partition: number, bytes: Uint8Array): Promise<void> {
    const log = await Effect.runPromise(Effect.scoped(this.logs.open(partition)));
    await Effect.runPromise(log.append(bytes, await this.lastSequence(partition)));
  }
}

/** A node's connection to its disk. Once cut, nothing of the node gets through or comes back: it is as good as killed. */
export class DiskConnection {
  readonly #disk: TestDisk;
  #isCut = false;

  constructor(disk: TestDisk) {
    this.#disk = disk;
  }

  cut(): void {
    this.#isCut = true;
  }

  logStream(): LogStream["Service"] {
    return { open: (partition) => Effect.map(this.#disk.logs.open(partition), (log) => this.#log(log)) };
  }

  store(): KeyValueStore {
    const disk = this.#disk;
    const gate = <A>(operation: string, effect: Effect.Effect<A, StorageUnavailable>) => this.#gated(operation, effect);
    return {
      atomicKeysMax: disk.storage.atomicKeysMax,
      get: (key) => gate("get", disk.storage.get(key)),
      getMany: (keys) => gate("getMany", disk.storage.getMany(keys)),
      set: (key, value) => gate("set", disk.storage.set(key, value)),
      delete: (key) => gate("delete", disk.storage.delete(key)),
      list: (selector) => gate("list", disk.storage.list(selector)),
      sync: () => gate("sync", disk.storage.sync()),
      atomic: () => new GatedOperation(disk.storage.atomic(), (commit) => gate("commit", commit)),
    };
  }

  #log(log: PartitionLog): PartitionLog {
    const { partition } = log;
    const unavailable = (operation: string) => Effect.fail(new LogUnavailable({ partition, operation }));
    return {
      partition,
      entryBytesMax: log.entryBytesMax,
      append: (bytes, expectedSequence) =>
        this.#guarded(Effect.flatMap(
          this.#disk.answersAtOnce
            ? Effect.succeed<AppendFate>("written")
            : Effect.promise(async () => await this.#disk.fate(partition, expectedSequence + 1)),
          (fate) => {
            if (this.#isCut) return Effect.never;
            this.#disk.appends += 1;
            if (fate === "lost") return unavailable("append to");
            const appended = log.append(bytes, expectedSequence);
            return fate === "written" ? appended : Effect.flatMap(appended, () => unavailable("append to"));
          },
        )),
      read: (from, limit) =>
        this.#guarded(Effect.map(log.read(from, limit), (entries) =>
          entries.flatMap((entry) => {
            const place = `${partition}/${entry.sequence}`;
            if (!this.#disk.damaged.has(place)) return [entry];
            const bytes = this.#disk.damaged.get(place);
            return bytes === undefined ? [] : [{ sequence: entry.sequence, bytes }];
          }))),
      bounds: () => this.#guarded(log.bounds()),
      trim: (through) => this.#guarded(log.trim(through)),
    };
  }

  #gated<A>(
    operation: string,
    effect: Effect.Effect<A, StorageUnavailable>,
  ): Effect.Effect<A, StorageUnavailable> {
    return this.#guarded(Effect.flatMap(
      Effect.promise(async () => await this.#disk.storeAnswers(operation)),
      (answers) => answers ? this.#guarded(effect) : Effect.fail(new StorageUnavailable({ operation })),
    ));
  }

  #guarded<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    const ifAlive = Effect.suspend(() => this.#isCut ? Effect.never : effect);
    return Effect.flatMap(Effect.result(ifAlive), (outcome) => this.#isCut ? Effect.never : Effect.fromResult(outcome));
  }
}

type CommitGate = (commit: ReturnType<AtomicOperation["commit"]>) => ReturnType<AtomicOperation["commit"]>;

class GatedOperation implements AtomicOperation {
  readonly #operation: AtomicOperation;
  readonly #gate: CommitGate;

  constructor(operation: AtomicOperation, gate: CommitGate) {
    this.#operation = operation;
    this.#gate = gate;
  }

  check(key: string, versionstamp: string | null): AtomicOperation {
    this.#operation.check(key, versionstamp);
    return this;
  }
  set(...write: Parameters<AtomicOperation["set"]>): AtomicOperation {
    this.#operation.set(...write);
    return this;
  }
  delete(key: string): AtomicOperation {
    this.#operation.delete(key);
    return this;
  }
  commit() {
    return this.#gate(this.#operation.commit());
  }
}
