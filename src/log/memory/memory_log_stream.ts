import { Effect, Layer } from "effect";
import { assertAppend, assertRead, assertSequence, ENTRY_BYTES_MAX_DEFAULT } from "../entry.ts";
import { AppendConflict, LogDamaged, type LogEntry, LogStream, type PartitionLog } from "../port.ts";

/** Settings of a log in memory. */
export interface MemoryLogOptions {
  /** Largest entry, bytes. Default: just under 1 MiB, as over NATS. */
  readonly entryBytesMax?: number;
}

/**
 * Logs that live as long as the returned value: every `open` of a partition sees the same entries. For tests, the simulator
 * and runs that need not outlive their process. Appends are done at once and never fail with `LogUnavailable`.
 */
export function makeMemoryLogStream(options: MemoryLogOptions = {}): LogStream["Service"] {
  const logs = new Map<number, MemoryPartitionLog>();
  const entryBytesMax = options.entryBytesMax ?? ENTRY_BYTES_MAX_DEFAULT;
  return {
    open: (partition) =>
      Effect.sync(() => {
        assertSequence("partition", partition, 0);
        const known = logs.get(partition);
        if (known !== undefined) return known;
        const made = new MemoryPartitionLog(partition, entryBytesMax);
        logs.set(partition, made);
        return made;
      }),
  };
}

/** `LogStream` in memory, its own logs for each time the layer is built. */
export function layerMemory(options: MemoryLogOptions = {}): Layer.Layer<LogStream> {
  return Layer.sync(LogStream, () => makeMemoryLogStream(options));
}

class MemoryPartitionLog implements PartitionLog {
  readonly partition: number;
  readonly entryBytesMax: number;
  #entries: LogEntry[] = [];
  #first = 1;

  constructor(partition: number, entryBytesMax: number) {
    this.partition = partition;
    this.entryBytesMax = entryBytesMax;
  }

  append(bytes: Uint8Array, expectedSequence: number): Effect.Effect<number, AppendConflict> {
    return Effect.suspend(() => {
      assertAppend(bytes, expectedSequence, this.entryBytesMax);
      const { partition } = this;
      if (this.#last !== expectedSequence) return Effect.fail(new AppendConflict({ partition, expectedSequence }));
      const sequence = expectedSequence + 1;
      this.#entries.push({ sequence, bytes: bytes.slice() }); // a copy: what the caller does to its buffer later is not in the log
      return Effect.succeed(sequence);
    });
  }

  read(from: number, limit: number): Effect.Effect<readonly LogEntry[], LogDamaged> {
    return Effect.suspend(() => {
      assertRead(from, limit);
      if (from < this.#first) {
        const reason = `it was trimmed away: the oldest entry is ${this.#first}`;
        return Effect.fail(new LogDamaged({ partition: this.partition, sequence: from, reason }));
      }
      const start = from - this.#first;
      return Effect.succeed(this.#entries.slice(start, start + limit));
    });
  }

  bounds(): Effect.Effect<{ first: number; last: number }> {
    return Effect.sync(() => ({ first: this.#first, last: this.#last }));
  }

  trim(through: number): Effect.Effect<void> {
    return Effect.sync(() => {
      assertSequence("through", through, 0);
      const first = Math.min(through, this.#last) + 1;
      if (first <= this.#first) return;
      this.#entries = this.#entries.slice(first - this.#first);
      this.#first = first;
    });
  }

  get #last(): number {
    return this.#first + this.#entries.length - 1;
  }
}
