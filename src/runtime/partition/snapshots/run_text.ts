/**
 * Rows of a snapshot as text: a run of lines in the order of their keys, cut into blocks that fit into one message.
 *
 * A line is a key, a tab and the value as JSON, which has no line breaks of its own; a line without value says that the row was removed.
 * Merging runs compares keys and passes the rest of a line on as it is: nothing is parsed.
 */
import { Buffer } from "node:buffer";

/** A row: what stands at a key of a partition's store, behind the partition's prefix. */
export interface SnapshotRow {
  readonly key: string;
  /** JSON; `undefined`: it was removed. */
  readonly text: string | undefined;
}

/** Bytes of a block: as JSON text it may be twice as long, and must still fit into a message of 1 MiB. */
const BLOCK_BYTES_MAX = 393_216;
/** UTF-16 units of a piece of a line that is longer than a block: three bytes each at most. */
const PIECE_UNITS = BLOCK_BYTES_MAX / 3;

/** Cuts lines into blocks. */
export class BlockCutter {
  #open: string[] = [];
  #openBytes = 0;

  /** Adds a row behind the others; returns the blocks that are full with it. */
  add({ key, text }: SnapshotRow): readonly string[] {
    const line = text === undefined ? `${key}\n` : `${key}\t${text}\n`;
    const bytes = Buffer.byteLength(line);
    const full: string[] = [];
    if (this.#openBytes > 0 && this.#openBytes + bytes > BLOCK_BYTES_MAX) full.push(...this.end());
    if (bytes > BLOCK_BYTES_MAX) {
      for (let from = 0; from < line.length; from += PIECE_UNITS) full.push(line.slice(from, from + PIECE_UNITS));
    } else {
      this.#open.push(line);
      this.#openBytes += bytes;
    }
    return full;
  }

  /** The last block, if anything is left for it. */
  end(): readonly string[] {
    const block = this.#open.join("");
    this.#open = [];
    this.#openBytes = 0;
    return block === "" ? [] : [block];
  }
}

/** Lines of one run, as its blocks come. */
export class RunLines {
  #rows: SnapshotRow[] = [];
  #next = 0;
  /** The beginning of a line that goes on in the next block. */
  #rest = "";

  /** The row at hand; `undefined`: the next block is needed. */
  get row(): SnapshotRow | undefined {
    return this.#rows[this.#next];
  }

  advance(): void {
    this.#next += 1;
  }

  addBlock(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    this.#rows = lines.map(rowOf);
    this.#next = 0;
  }
}

function rowOf(line: string): SnapshotRow {
  const tab = line.indexOf("\t");
  return tab === -1 ? { key: line, text: undefined } : { key: line.slice(0, tab), text: line.slice(tab + 1) };
}

/**
 * Takes rows from runs in the order of their keys, until one of them needs its next block or `limit` rows are there. Of several rows with
 * one key the newest run's counts.
 *
 * @param runs newest first, each with a row at hand
 */
export function takeMerged(runs: readonly RunLines[], limit: number): readonly SnapshotRow[] {
  const taken: SnapshotRow[] = [];
  while (taken.length < limit) {
    let least: SnapshotRow | undefined;
    for (const { row } of runs) {
      if (row === undefined) return taken;
      if (least === undefined || row.key < least.key) least = row;
    }
    if (least === undefined) return taken;
    for (const run of runs) if (run.row?.key === least.key) run.advance();
    taken.push(least);
  }
  return taken;
}
