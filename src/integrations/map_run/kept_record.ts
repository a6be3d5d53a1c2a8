/** The record of a Map Run, in the hands of whoever does it. */
import { Effect, Semaphore } from "effect";
import { type KeptMapRun, type MapRunRecord, MapRuns, type MapRunSettings } from "../../runtime/mod.ts";
import type { Space } from "../../values/mod.ts";
import { type Answer, unlessRefused, untilAnswered } from "../engine_requests.ts";
import type { IntegrationRun } from "../port.ts";

/** Fields of a record that change. */
export type RecordChange = { readonly [Name in keyof MapRunRecord]?: MapRunRecord[Name] | undefined };

/** Reads and writes one record; writes go one after the other, each on top of the newest. */
export class KeptRecord {
  readonly #runs: MapRuns;
  readonly #space: Space;
  readonly #commands: IntegrationRun["commands"];
  readonly #writing = Semaphore.makeUnsafe(1);
  #kept: KeptMapRun;

  private constructor(runs: MapRuns, space: Space, commands: IntegrationRun["commands"], kept: KeptMapRun) {
    this.#runs = runs;
    this.#space = space;
    this.#commands = commands;
    this.#kept = kept;
  }

  /** The record as it stands; made with `first` where there is none. */
  static open(
    { registry, commands }: Pick<IntegrationRun, "registry" | "commands">,
    space: Space,
    id: string,
    first: MapRunRecord,
  ): Answer<KeptRecord> {
    const runs = new MapRuns(registry);
    return Effect.gen(function* () {
      const made = yield* unlessRefused(["AlreadyExists"], commands.untilDone(() => runs.put(space, id, first, 0)));
      const kept = made ?? (yield* untilAnswered(() => runs.describe(space, id)));
      return new KeptRecord(runs, space, commands, kept);
    });
  }

  get record(): MapRunRecord {
    return this.#kept.record;
  }

  get settings(): MapRunSettings {
    return this.#kept.record;
  }

  /** Reads what others have written. */
  refresh(): Answer<void> {
    return Effect.map(untilAnswered(() => this.#runs.describe(this.#space, this.#kept.id)), (kept) => {
      if (kept.revision > this.#kept.revision) this.#kept = kept;
    });
  }

  /**
   * Writes these fields, whatever others have written meanwhile to the other ones. Nothing is written once the Map Run has ended: whoever
   * has ended it has had the last word, be it another node while this one did not know that it led no more.
   */
  write(change: RecordChange): Answer<void> {
    return this.#writing.withPermits(1)(this.#write(change, ({ status }) => status === "RUNNING"));
  }

  /** Lets an ended Map Run run again; an `undefined` field is taken out. */
  reopen(change: RecordChange): Answer<void> {
    return this.#writing.withPermits(1)(this.#write({ ...change, status: "RUNNING" }, () => true));
  }

  #write(change: RecordChange, mayWrite: (record: MapRunRecord) => boolean): Answer<void> {
    return Effect.suspend(() => {
      const { id, record, revision } = this.#kept;
      if (!mayWrite(record)) return Effect.void;
      const next = withoutAbsent({ ...record, ...change });
      const put = this.#commands.untilDone(() => this.#runs.put(this.#space, id, next, revision));
      return Effect.flatMap(unlessRefused(["InvalidStatus"], put), (kept) => {
        if (kept === undefined) return Effect.andThen(this.refresh(), this.#write(change, mayWrite));
        this.#kept = kept;
        return Effect.void;
      });
    });
  }
}

function withoutAbsent(
  record: { readonly [Name in keyof MapRunRecord]: MapRunRecord[Name] | undefined },
): MapRunRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as MapRunRecord;
}
