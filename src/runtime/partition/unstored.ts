/** What has changed and is not in the local store yet: from the record of its first change to that of its last. */

/** Where changes of one thing stand in the log. */
interface Span {
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** Changes of named things that a checkpoint has to write. */
export class Unstored<Name extends string> {
  readonly #spans = new Map<Name, Span>();

  get size(): number {
    return this.#spans.size;
  }

  /** It has changed by a record at this sequence. */
  note(name: Name, sequence: number): void {
    const firstSequence = this.#spans.get(name)?.firstSequence ?? sequence;
    this.#spans.set(name, { firstSequence, lastSequence: sequence });
  }

  /**
   * Takes out what is durable in whole: it is to be written as it stands.
   *
   * @returns `replayFrom`: behind this sequence stands the first change of what is left, so that it is replayed in whole
   */
  take(durableSequence: number): { readonly names: readonly Name[]; readonly replayFrom: number } {
    const names: Name[] = [];
    let replayFrom = durableSequence;
    for (const [name, { firstSequence, lastSequence }] of this.#spans) {
      if (lastSequence <= durableSequence) names.push(name);
      else replayFrom = Math.min(replayFrom, firstSequence - 1);
    }
    for (const name of names) this.#spans.delete(name);
    return { names, replayFrom };
  }
}
