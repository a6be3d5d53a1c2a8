/** What was shown of something, held against all that it has been. */
export type Sight =
  /** It was so when it was asked for, or has become so since. */
  | "current"
  /** It had been so before. */
  | "stale"
  /** The log does not say so. */
  | "untold";

/** All that something kept by name has been, oldest first, as its log tells it. */
export class Timeline {
  /** As it is shown: canonical JSON; `undefined` while it was not there. */
  readonly #states: (string | undefined)[] = [undefined];

  /** States so far: what is asked for now must be the last of them or a later one. */
  get length(): number {
    return this.#states.length;
  }

  /** How far it was when somebody was told of it last. */
  toldLength = 1;

  become(shown: string | undefined): void {
    this.#states.push(shown);
  }

  /** How what is shown fits. @param lengthBefore what {@link length} was when it was asked for */
  judge(shown: string | undefined, lengthBefore: number): Sight {
    const at = this.#states.lastIndexOf(shown);
    if (at >= 0) this.toldLength = Math.max(this.toldLength, at + 1);
    return at < 0 ? "untold" : at + 1 < lengthBefore ? "stale" : "current";
  }
}
