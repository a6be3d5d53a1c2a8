/** One Map Run from its first item to its result: what the task that stands for it is answered with. */
import type { MapState } from "../../language/types.ts";
import type { MapRunOrder } from "../../protocol/mod.ts";
import type { ExecutionDetail, MapRunRecord, StateInScope } from "../../runtime/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import type { Json, Limits, Space } from "../../values/mod.ts";
import type { IntegrationRun } from "../port.ts";
import { pause } from "./asking.ts";
import { childMachine } from "./child_machine.ts";
import { Children } from "./children.ts";
import { MapRunFailed, readerFailed } from "./failed.ts";
import { type ChildInput, childInputs } from "./item_inputs.ts";
import type { ItemSource } from "./item_source.ts";
import type { KeptRecord } from "./kept_record.ts";
import type { ChildNames, MapRunNames } from "./names.ts";
import { endOf, Progress } from "./progress.ts";
import { ArrayResults, transformed, writerConfig } from "./results.ts";
import { stopChildren } from "./stop_children.ts";

/** How often counts are written and changed settings are noticed, milliseconds. */
const SYNC_MS = 500;
const tooManyFailures = () =>
  new MapRunFailed(
    "States.ExceedToleratedFailureThreshold",
    "The specified tolerated failure threshold was exceeded",
  );

/** What a Map Run is done with. */
export interface MapRunParts {
  readonly task: TaskMessage;
  readonly order: MapRunOrder;
  readonly space: Space;
  readonly run: IntegrationRun;
  readonly inScope: StateInScope;
  readonly state: MapState;
  readonly names: MapRunNames;
  readonly record: KeptRecord;
  readonly limits: Limits;
}

/**
 * Does a Map Run, or goes on with it after a crash: the two are the same.
 *
 * @throws {MapRunFailed} how it failed; nothing of it runs any more
 * @throws the signal's reason when that is aborted; then its children run on
 */
export async function doMapRun(parts: MapRunParts, source: ItemSource): Promise<Json> {
  const { record, space, run, order } = parts;
  const attempt = new Attempt(parts, source);
  try {
    const { failing } = record.record;
    if (failing !== undefined) throw new MapRunFailed(failing.error, failing.cause);
    return await attempt.finish();
  } catch (reason) {
    run.signal.throwIfAborted();
    if (!(reason instanceof MapRunFailed)) throw reason;
    // Durable before the first child is stopped: whoever goes on after a crash must not take the stopped ones for a result.
    const { error, cause } = reason;
    await record.write({ failing: { error, cause }, ...attempt.counts() });
    await stopChildren(run, space, order.mapRun, run.signal);
    await record.write({ status: "FAILED", endedAtEpochMs: Date.now() });
    throw reason;
  }
}

/** One process's time with a Map Run. */
class Attempt {
  readonly #parts: MapRunParts;
  readonly #source: ItemSource;
  readonly #progress: Progress;
  readonly #children: Children;
  readonly #results: ArrayResults;
  readonly #transformation: ReturnType<typeof writerConfig>["transformation"];
  #written = 0;

  constructor(parts: MapRunParts, source: ItemSource) {
    const { run, space, order, names, inScope, state, limits, record } = parts;
    this.#parts = parts;
    this.#source = source;
    this.#progress = new Progress(source.itemCount);
    this.#results = new ArrayResults(limits.payloadBytesMax);
    this.#transformation = writerConfig(order.ResultWriter, "COMPACT").transformation;
    this.#children = new Children({
      run,
      space,
      mapRun: order.mapRun,
      names,
      machine: childMachine(inScope.machine, state),
      settings: () => record.settings,
      onBegin: ({ itemCount }) => this.#progress.began(itemCount),
      onEnd: (child, childNames, detail) => this.#ended(child, childNames, detail),
    });
  }

  counts(): Pick<MapRunRecord, "itemCounts" | "executionCounts"> {
    return { itemCounts: this.#progress.itemCounts, executionCounts: this.#progress.executionCounts };
  }

  async finish(): Promise<Json> {
    const { run, record, task } = this.#parts;
    await this.#checkSource();
    const syncing = new AbortController();
    const synced = this.#sync(AbortSignal.any([syncing.signal, run.signal]));
    try {
      await this.#children.all(this.#inputs(), () => {
        this.#progress.readAll();
        this.#checkFailures();
      });
    } finally {
      syncing.abort();
      await synced;
    }
    const result = this.#results.all(task.stateName);
    await record.write({ status: "SUCCEEDED", endedAtEpochMs: Date.now(), ...this.counts() });
    return result;
  }

  #inputs(): AsyncGenerator<ChildInput, void> {
    const { inScope, state, order, task, limits } = this.#parts;
    return childInputs(this.#source.items(), {
      inScope,
      state,
      seed: order.mapRun,
      nowEpochMs: Date.parse(task.createdAt),
      batcher: order.ItemBatcher,
      payloadBytesMax: limits.payloadBytesMax,
    });
  }

  /** Before the first child begins it is durable what the items were read from: a changed source would be other items. */
  async #checkSource(): Promise<void> {
    const { record } = this.#parts;
    const before = record.record.source;
    if (before === undefined) return await record.write({ source: this.#source.fingerprint });
    if (before === this.#source.fingerprint) return;
    throw readerFailed("The items have changed while the Map Run was running: their source is not what it was.");
  }

  #ended(child: ChildInput, names: ChildNames, detail: ExecutionDetail): void {
    this.#progress.ended(child.itemCount, endOf(detail));
    this.#checkFailures();
    this.#results.add(child.index, transformed(this.#transformation, names, this.#parts.names, detail));
  }

  #checkFailures(): void {
    if (this.#progress.exceeds(this.#parts.record.settings)) this.#children.fail(tooManyFailures());
  }

  /** Until the signal is aborted: writes what has changed, and heeds what others have. */
  async #sync(signal: AbortSignal): Promise<void> {
    const { record } = this.#parts;
    for (;;) {
      await pause(SYNC_MS, signal);
      if (signal.aborted) return;
      try {
        const { version } = this.#progress;
        if (version > this.#written) await record.write(this.counts());
        else await record.refresh();
        this.#written = version;
        this.#checkFailures();
        this.#children.wake();
      } catch (reason) {
        return this.#children.fail(reason);
      }
    }
  }
}
