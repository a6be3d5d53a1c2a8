/**
 * Starts the children of a Map Run and sees them to their end, so many at once as may be.
 *
 * Nothing of it is kept: begun again, it asks for the same children by the same keys. Those that were started before are found, and
 * those that have ended answer at once.
 */
import type { ChildStart, ExecutionDetail, MapRunSettings } from "../../runtime/mod.ts";
import { RequestRefused } from "../../runtime/mod.ts";
import { payloadBytes, type Space } from "../../values/mod.ts";
import type { IntegrationRun } from "../port.ts";
import { ask, askPatiently, askUnless } from "./asking.ts";
import type { ChildMachine } from "./child_machine.ts";
import { readerFailed } from "./failed.ts";
import type { ChildInput } from "./item_inputs.ts";
import type { ChildNames, MapRunNames } from "./names.ts";

/** Children open at once, whatever a Map asks for: AWS's figure. */
export const CHILDREN_MAX = 10_000;
/** Starts on their way at once, and the bytes of their inputs. */
const STARTING_MAX = 256;
const STARTING_BYTES_MAX = 8 * 1_024 * 1_024;

/** What children are started with. */
export interface ChildrenOptions {
  readonly run: IntegrationRun;
  readonly space: Space;
  readonly mapRun: string;
  readonly names: MapRunNames;
  readonly machine: ChildMachine;
  readonly settings: () => MapRunSettings;
  /** The Map Run goes on in a redriven execution: children that had ended without success by then do so too. */
  readonly redriven?: { readonly count: number; readonly atEpochMs: number } | undefined;
  readonly onBegin: (child: ChildInput) => void;
  /** @throws to end the Map Run */
  readonly onEnd: (child: ChildInput, names: ChildNames, detail: ExecutionDetail) => void;
}

/** The children of one Map Run that this process has in hand. */
export class Children {
  readonly #options: ChildrenOptions;
  #open = 0;
  #starting = 0;
  #startingBytes = 0;
  #failure: { readonly reason: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(options: ChildrenOptions) {
    this.#options = options;
    options.run.signal.addEventListener("abort", () => this.wake(), { once: true });
  }

  /** Settings have changed: there may be room. */
  wake(): void {
    this.#changed.resolve();
  }

  /** Nothing is begun any more, and `all` rejects with this. The first reason counts. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.wake();
  }

  /** Begins each child as soon as there is room, and resolves when all have ended. @throws what ended the Map Run */
  async all(inputs: AsyncIterable<ChildInput>, onAllBegun: () => void): Promise<void> {
    try {
      await this.#beginAll(inputs);
      if (!this.#isOver) onAllBegun();
    } catch (reason) {
      this.fail(reason);
    }
    while (this.#open > 0 && !this.#isOver) await this.#change();
    // A start that is on its way must have come out before anybody looks which children there are.
    while (this.#starting > 0) await this.#change();
    this.#options.run.signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  async #beginAll(inputs: AsyncIterable<ChildInput>): Promise<void> {
    for await (const child of inputs) {
      const bytes = payloadBytes(child.input);
      while (!this.#hasRoomFor(bytes) && !this.#isOver) await this.#change();
      if (this.#isOver) return;
      this.#begin(child, bytes);
    }
  }

  get #isOver(): boolean {
    return this.#failure !== undefined || this.#options.run.signal.aborted;
  }

  #hasRoomFor(bytes: number): boolean {
    const { maxConcurrency } = this.#options.settings();
    const openMax = maxConcurrency === 0 ? CHILDREN_MAX : Math.min(maxConcurrency, CHILDREN_MAX);
    if (this.#open >= openMax || this.#starting >= STARTING_MAX) return false;
    return this.#starting === 0 || this.#startingBytes + bytes <= STARTING_BYTES_MAX;
  }

  async #change(): Promise<void> {
    await this.#changed.promise;
    this.#changed = Promise.withResolvers();
  }

  #begin(child: ChildInput, bytes: number): void {
    const { onBegin, names, run } = this.#options;
    this.#open += 1;
    this.#starting += 1;
    this.#startingBytes += bytes;
    onBegin(child);
    const known = names.child(child.index, child.itemCount);
    const { index, itemCount } = child;
    this.#start(child, known)
      .then((start) => this.#goneOn(start))
      .finally(() => {
        this.#starting -= 1;
        this.#startingBytes -= bytes;
        this.wake();
      })
      .then((start) => this.#endOf(start))
      .then((detail) => {
        if (!run.signal.aborted) this.#options.onEnd({ index, itemCount, input: detail.input }, known, detail);
      })
      .catch((reason) => this.fail(reason))
      .finally(() => {
        this.#open -= 1;
        this.wake();
      });
  }

  async #start({ index, input }: ChildInput, { key, shownAs }: ChildNames): Promise<ChildStart> {
    const { run, space, mapRun, names, machine } = this.#options;
    try {
      return await ask(
        () =>
          run.registry.startChild({
            ...space,
            workflow: names.machine,
            definition: machine,
            mapRun,
            input,
            key,
            shownAs,
          }),
        run.signal,
      );
    } catch (refused) {
      if (refused instanceof RequestRefused && refused.code === "AlreadyExists") {
        throw readerFailed(`The items have changed while the Map Run was running: item ${index} is not what it was.`);
      }
      throw refused;
    }
  }

  /** A child that ended without success before the Map Run was redriven goes on. */
  async #goneOn(start: ChildStart): Promise<Pick<ChildStart, "executionId" | "ended">> {
    const { run, space, mapRun, redriven } = this.#options;
    const { ended, executionId } = start;
    if (ended === undefined || redriven === undefined || ended.status === "Succeeded" || this.#isOver) return start;
    if (Date.parse(ended.endedAt ?? "") > redriven.atEpochMs) return start;
    // The same word again, after a crash, redrives it no second time; one that cannot be redriven stays as it is.
    const clientToken = `${mapRun}/${redriven.count}`;
    const again = await askUnless(
      ["InvalidStatus", "LimitExceeded"],
      () => run.registry.redriveExecution({ ...space, executionId, clientToken, mapRun }),
      run.signal,
    );
    return again === undefined ? start : { executionId };
  }

  #endOf({ ended, executionId }: Pick<ChildStart, "executionId" | "ended">): Promise<ExecutionDetail> {
    if (ended !== undefined) return Promise.resolve(ended);
    const { run, space } = this.#options;
    return askPatiently(() => run.registry.awaitDetail({ ...space, executionId }), run.signal);
  }
}
