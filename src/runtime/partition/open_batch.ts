/** A batch on its way: turns decided and applied in memory, and the effects that wait until they are durable. */
export class OpenBatch {
  /** The sequence it will have in the log. */
  readonly sequence: number;
  readonly lines: string[] = [];
  /** Bytes of the lines as UTF-8. */
  bytes = 0;
  readonly #effects: (() => void)[] = [];
  /** What callers are told when the batch is lost: its outcome is unknown to them. */
  readonly #losses: ((reason: string) => void)[] = [];

  constructor(sequence: number) {
    this.sequence = sequence;
  }

  /** @param bytes of the line as UTF-8 */
  add(line: string, bytes: number): void {
    this.lines.push(line);
    this.bytes += bytes + 1;
  }

  /** Runs once the batch is durable, in order. */
  onDurable(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** Runs if the batch is given up instead. */
  onLost(loss: (reason: string) => void): void {
    this.#losses.push(loss);
  }

  release(): void {
    for (const effect of this.#effects) effect();
  }

  giveUp(reason: string): void {
    for (const loss of this.#losses) loss(reason);
  }
}
