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
import type { Reported, ResultFiles } from "./result_files.ts";
import { countChildren, stopChildren } from "./stop_children.ts";

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

/** What is opened once it is clear that the Map Run goes on. @throws {MapRunFailed} both, if it cannot be opened */
export interface Opening {
  source(): Promise<ItemSource>;
  /** Where results are written to; `undefined`: they are the Map state's own. */
  files(): ResultFiles | undefined;
}

/**
 * Does a Map Run, or goes on with it after a crash: the two are the same.
 *
 * @throws {MapRunFailed} how it failed; nothing of it runs any more
 * @throws the signal's reason when that is aborted; then its children run on
 */
export async function doMapRun(parts: MapRunParts, opening: Opening): Promise<Json> {
  const { record, run } = parts;
  let attempt: Attempt | undefined;
  try {
    const { failing } = record.record;
    attempt = new Attempt(parts, await opening.source(), opening.files());
    if (failing !== undefined) throw new MapRunFailed(failing.error, failing.cause);
    return await attempt.finish();
  } catch (reason) {
    run.signal.throwIfAborted();
    if (!(reason instanceof MapRunFailed)) throw reason;
    throw await failMapRun(parts, attempt, reason);
  }
}

/** Ends a failed Map Run in order. Gives the failure that it ends with: the one that came first. */
async function failMapRun(
  { record, run, space, order }: MapRunParts,
  attempt: Attempt | undefined,
  reason: MapRunFailed,
): Promise<MapRunFailed> {
  const { error, cause } = record.record.failing ?? reason;
  // Durable before the first child is stopped: whoever goes on after a crash must not take the stopped ones for a result.
  await record.write({ failing: { error, cause }, ...attempt?.counts() });
  await stopChildren(run, space, order.mapRun, run.signal);
  await attempt?.reportFailure();
  await record.write({ status: "FAILED", endedAtEpochMs: Date.now(), ...await attempt?.finalCounts() });
  return new MapRunFailed(error, cause);
}

/** One process's time with a Map Run. */
class Attempt {
  readonly #parts: MapRunParts;
  readonly #source: ItemSource;
  readonly #progress: Progress;
  readonly #children: Children;
  readonly #results: ArrayResults;
  readonly #transformation: ReturnType<typeof writerConfig>["transformation"];
  readonly #files: ResultFiles | undefined;
  #written = 0;

  constructor(parts: MapRunParts, source: ItemSource, files: ResultFiles | undefined) {
    const { run, space, order, names, inScope, state, limits, record } = parts;
    this.#parts = parts;
    this.#source = source;
    this.#files = files;
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
      redriven: redriveOf(record.record),
      onBegin: ({ itemCount }) => this.#progress.began(itemCount),
      onEnd: (child, childNames, detail) => this.#ended(child, childNames, detail),
    });
  }

  counts(): Pick<MapRunRecord, "itemCounts" | "executionCounts"> {
    return { itemCounts: this.#progress.itemCounts, executionCounts: this.#progress.executionCounts };
  }

  async finish(): Promise<Json> {
    const { run, record } = this.#parts;
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
    const result = await this.#result();
    await record.write({ status: "SUCCEEDED", endedAtEpochMs: Date.now(), ...this.counts() });
    return result;
  }

  async #result(): Promise<Json> {
    const { run, space, task } = this.#parts;
    const files = this.#files;
    if (files === undefined) return this.#results.all(task.stateName);
    const { total } = this.#progress.executionCounts;
    const result = await files.write(indexes(total), run, space);
    this.#progress.wrote();
    return result;
  }

  /** What there is of a failed Map Run is written as well, as far as it can be: the failure that counts is the first one. */
  async reportFailure(): Promise<void> {
    const { run, space } = this.#parts;
    const files = this.#files;
    try {
      await files?.write(readable(this.#inputs()), run, space);
      if (files !== undefined) this.#progress.wrote();
    } catch (failure) {
      if (!(failure instanceof MapRunFailed)) throw failure;
    }
  }

  /** Once nothing runs any more: as the executions tell. */
  async finalCounts(): Promise<Pick<MapRunRecord, "itemCounts" | "executionCounts">> {
    const { run, space, order } = this.#parts;
    const { itemCounts, executionCounts } = this.counts();
    const counted = await countChildren(run, space, order.mapRun, itemCounts.total, run.signal);
    return {
      itemCounts: { ...counted.itemCounts, resultsWritten: itemCounts.resultsWritten },
      executionCounts: { ...counted.executionCounts, resultsWritten: executionCounts.resultsWritten },
    };
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
    if (this.#files === undefined) {
      this.#results.add(child.index, transformed(this.#transformation, names, this.#parts.names, detail));
    }
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

function redriveOf({ redriveCount, redrivenAtEpochMs }: MapRunRecord) {
  return redriveCount === undefined || redrivenAtEpochMs === undefined
    ? undefined
    : { count: redriveCount, atEpochMs: redrivenAtEpochMs };
}

async function* indexes(count: number): AsyncGenerator<Reported, void> {
  for (let index = 0; index < count; index++) yield { index };
}

/** As many as can be read: what ends the reading may be why the Map Run failed. */
async function* readable(inputs: AsyncIterable<ChildInput>): AsyncGenerator<Reported, void> {
  try {
    yield* inputs;
  } catch (failure) {
    if (!(failure instanceof MapRunFailed)) throw failure;
  }
}
