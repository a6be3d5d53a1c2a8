/** Batches on their way to the log: the one in flight, those that wait behind it, and the open one that takes further turns. */
import { Buffer } from "node:buffer";
import { encodeTurn, PARTITION_SUBJECT, type Turn, type TurnRecord } from "../../protocol/mod.ts";
import { asString } from "../../values/mod.ts";
import { OpenBatch } from "./open_batch.ts";
import type { Refusal, Reply } from "./partition_input.ts";
import type { PartitionMemory } from "./partition_memory.ts";
import type { PartitionOptions } from "./partition_options.ts";

/** Bytes of a batch's head lines, and what JSON escapes beyond ASCII may add: kept free below the log's entry limit. */
const ENTRY_RESERVE_BYTES = 1_024;

/** Where turns are written, and where whatever speaks of them waits until they are durable. */
export class BatchLine {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  /** Batches that wait for the one in flight, oldest first; the last one is open. */
  readonly waiting: OpenBatch[] = [];
  inFlight: OpenBatch | undefined;
  #isOver = false;

  constructor(options: PartitionOptions, memory: PartitionMemory) {
    this.#options = options;
    this.#memory = memory;
  }

  /** All that was decided is durable. */
  get isSettled(): boolean {
    return this.waiting.length === 0 && this.inFlight === undefined;
  }

  /** Puts a turn into the open batch. */
  write(turn: Omit<Turn, "timestamp">): OpenBatch {
    const line = encodeTurn({ ...turn, timestamp: asString(this.#options.hlc.last) });
    const bytes = Buffer.byteLength(line);
    const { entryBytesMax } = this.#options.log;
    if (bytes + ENTRY_RESERVE_BYTES > entryBytesMax) {
      throw new RangeError(`A turn of ${bytes} bytes does not fit into a log entry of ${entryBytesMax} bytes`);
    }
    const batch = this.#batchFor(bytes);
    batch.add(line, bytes);
    return batch;
  }

  /** A turn of the partition itself, or of something in it that is no execution. */
  writeRecords(records: readonly TurnRecord[], subject: string = PARTITION_SUBJECT): OpenBatch {
    return this.write({ subject, sequence: 0, atEpochMs: this.#options.clock.nowEpochMs(), records });
  }

  #batchFor(bytes: number): OpenBatch {
    const open = this.waiting.at(-1);
    const { batchBytesMax } = this.#options.limits;
    if (open !== undefined && (open.bytes === 0 || open.bytes + bytes <= batchBytesMax)) return open;
    this.#memory.lastSequence += 1;
    const batch = new OpenBatch(this.#memory.lastSequence);
    this.waiting.push(batch);
    return batch;
  }

  /** Runs an effect when all that has been decided is durable; if that is lost, never. */
  afterDurable(effect: () => void): void {
    const last = this.waiting.at(-1) ?? this.inFlight;
    if (last === undefined) effect();
    else last.onDurable(effect);
  }

  /**
   * Runs `answer` when all that has been decided is durable, and it is sure that nobody else led when this was called; if what was
   * decided is lost, the caller learns that the outcome is unknown.
   *
   * A batch that is appended from now on is proof of both. One that is on its way may have been appended before another leader was
   * elected, and its acknowledgement be late: then the cluster is asked as well.
   */
  whenDurable(answer: () => void, reply: Pick<Reply<never>, "refuse">): void {
    const open = this.waiting.at(-1);
    if (open !== undefined) return attach(open, answer, reply);
    const { inFlight } = this;
    this.#options.confirm((outcome) => {
      if (this.#isOver || outcome !== "confirmed") return reply.refuse(this.#unconfirmed());
      if (inFlight === undefined || inFlight !== this.inFlight) answer();
      else attach(inFlight, answer, reply);
    });
  }

  #unconfirmed(): Refusal {
    const { partition } = this.#options;
    return {
      code: "Unavailable",
      message: `Partition ${partition} may have another leader: ask again`,
      isElsewhere: true,
    };
  }

  /** From now on nothing is answered that has to be confirmed: a lease that is held later is another one. */
  cease(): void {
    this.#isOver = true;
  }

  /** What is on its way is another's matter now: its callers are told so. */
  giveUp(reason: string): void {
    this.#isOver = true;
    this.inFlight?.giveUp(reason);
    for (const batch of this.waiting) batch.giveUp(reason);
  }
}

function attach(batch: OpenBatch, answer: () => void, reply: Pick<Reply<never>, "refuse">): void {
  batch.onDurable(answer);
  batch.onLost((message) => reply.refuse({ code: "Unavailable", message, outcome: "unknown" }));
}
