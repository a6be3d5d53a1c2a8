/** The record of a Map Run, in the hands of whoever does it. */
import { type KeptMapRun, type MapRunRecord, MapRuns, type MapRunSettings } from "../../runtime/mod.ts";
import type { Space } from "../../values/mod.ts";
import type { IntegrationRun } from "../port.ts";
import { ask, askUnless } from "./asking.ts";

/** Fields of a record that change. */
export type RecordChange = { readonly [Name in keyof MapRunRecord]?: MapRunRecord[Name] | undefined };

/** Reads and writes one record; writes go one after the other, each on top of the newest. */
export class KeptRecord {
  readonly #runs: MapRuns;
  readonly #space: Space;
  readonly #signal: AbortSignal;
  #kept: KeptMapRun;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(runs: MapRuns, space: Space, signal: AbortSignal, kept: KeptMapRun) {
    this.#runs = runs;
    this.#space = space;
    this.#signal = signal;
    this.#kept = kept;
  }

  /** The record as it stands; made with `first` where there is none. @param signal ends the asking */
  static async open(
    { registry }: Pick<IntegrationRun, "registry">,
    space: Space,
    id: string,
    first: MapRunRecord,
    signal: AbortSignal,
  ): Promise<KeptRecord> {
    const runs = new MapRuns(registry);
    const made = await askUnless(["AlreadyExists"], () => runs.put(space, id, first, 0), signal);
    return new KeptRecord(runs, space, signal, made ?? await ask(() => runs.describe(space, id), signal));
  }

  get record(): MapRunRecord {
    return this.#kept.record;
  }

  get settings(): MapRunSettings {
    return this.#kept.record;
  }

  /** Reads what others have written. */
  async refresh(): Promise<void> {
    const kept = await ask(() => this.#runs.describe(this.#space, this.#kept.id), this.#signal);
    if (kept.revision > this.#kept.revision) this.#kept = kept;
  }

  /** Writes these fields, whatever others have written meanwhile to the other ones; an `undefined` one is taken out. */
  write(change: RecordChange): Promise<void> {
    const written = this.#last.then(() => this.#write(change));
    this.#last = written.catch(() => {}); // told to whoever asked for this write
    return written;
  }

  async #write(change: RecordChange): Promise<void> {
    for (;;) {
      const { id, record, revision } = this.#kept;
      const next = withoutAbsent({ ...record, ...change });
      const kept = await askUnless(
        ["InvalidStatus"],
        () => this.#runs.put(this.#space, id, next, revision),
        this.#signal,
      );
      if (kept === undefined) await this.refresh();
      else {
        this.#kept = kept;
        return;
      }
    }
  }
}

function withoutAbsent(
  record: { readonly [Name in keyof MapRunRecord]: MapRunRecord[Name] | undefined },
): MapRunRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as MapRunRecord;
}
