/** One Map Run from its first item to its result: what the task that stands for it is answered with. */
import { Clock, Effect, Exit, Stream } from "effect";
import type { MapState } from "../../language/types.ts";
import type { MapRunOrder } from "../../protocol/mod.ts";
import type { ExecutionDetail, MapRunRecord, StateInScope } from "../../runtime/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import type { Json, Limits, Space } from "../../values/mod.ts";
import type { IntegrationRun } from "../port.ts";
import type { Answer } from "../engine_requests.ts";
import { childMachine } from "./child_machine.ts";
import { Children, type ChildrenFailure } from "./children.ts";
import { MapRunFailed, readerFailed } from "./map_run_failed.ts";
import { type ChildInput, ChildInputs } from "./item_inputs.ts";
import type { ItemSource } from "./item_source.ts";
import type { KeptRecord } from "./kept_record.ts";
import type { ChildNames, MapRunNames } from "./map_run_names.ts";
import { endOf, Progress } from "./progress.ts";
import { ArrayResults, transformed, writerConfig } from "./results.ts";
import type { ResultFiles } from "./result_files.ts";
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

/** What is opened once it is clear that the Map Run goes on. Both fail if it cannot be opened. */
export interface Opening {
  readonly source: Effect.Effect<ItemSource, MapRunFailed>;
  /** Where results are written to; `undefined`: they are the Map state's own. */
  readonly files: Effect.Effect<ResultFiles | undefined, MapRunFailed>;
}

/**
 * Does a Map Run, or goes on with it after a crash: the two are the same.
 *
 * When it fails with `MapRunFailed` nothing of it runs any more; when it is interrupted its children run on.
 */
export function doMapRun(parts: MapRunParts, opening: Opening): Effect.Effect<Json, ChildrenFailure> {
  return Effect.suspend(() => {
    let attempt: Attempt | undefined;
    const done = Effect.gen(function* () {
      const { failing } = parts.record.record;
      attempt = new Attempt(parts, yield* opening.source, yield* opening.files);
      if (failing !== undefined) return yield* Effect.fail(new MapRunFailed(failing.error, failing.cause));
      return yield* attempt.finish();
    });
    return Effect.catchTag(done, "MapRunFailed", (reason) => failMapRun(parts, attempt, reason));
  });
}

/** Ends a failed Map Run in order, and fails with the failure that came first. */
function failMapRun(
  { record, run, space, order }: MapRunParts,
  attempt: Attempt | undefined,
  reason: MapRunFailed,
): Effect.Effect<never, ChildrenFailure> {
  return Effect.gen(function* () {
    const { error, cause } = record.record.failing ?? reason;
    // Durable before the first child is stopped: whoever goes on after a crash must not take the stopped ones for a result.
    yield* record.write({ failing: { error, cause }, ...attempt?.counts() });
    yield* stopChildren(run, space, order.mapRun);
    if (attempt !== undefined) yield* attempt.reportFailure();
    const counts = attempt === undefined ? {} : yield* attempt.finalCounts();
    yield* record.write({ status: "FAILED", endedAtEpochMs: yield* Clock.currentTimeMillis, ...counts });
    return yield* Effect.fail(new MapRunFailed(error, cause));
  });
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

  finish(): Effect.Effect<Json, ChildrenFailure> {
    return Effect.gen({ self: this }, function* () {
      yield* this.#checkSource();
      const all = this.#children.all(this.#inputs(), () => {
        this.#progress.readAll();
        this.#checkFailures();
      });
      yield* Effect.scoped(Effect.andThen(Effect.forkScoped(this.#sync()), all));
      const result = yield* this.#result();
      const endedAtEpochMs = yield* Clock.currentTimeMillis;
      yield* this.#parts.record.write({ status: "SUCCEEDED", endedAtEpochMs, ...this.counts() });
      return result;
    });
  }

  #result(): Effect.Effect<Json, ChildrenFailure> {
    const { run, space, task } = this.#parts;
    const files = this.#files;
    if (files === undefined) return this.#results.all(task.stateName);
    const { total } = this.#progress.executionCounts;
    const written = files.write(Stream.map(Stream.range(0, total - 1), (index) => ({ index })), run, space);
    return Effect.tap(written, Effect.sync(() => this.#progress.wrote()));
  }

  /** What there is of a failed Map Run is written as well, as far as it can be: the failure that counts is the first one. */
  reportFailure(): Answer<void> {
    const { run, space } = this.#parts;
    const files = this.#files;
    if (files === undefined) return Effect.void;
    // As many as can be read: what ends the reading may be why the Map Run failed.
    const readable = Stream.catchTag(this.#inputs().stream, "MapRunFailed", () => Stream.empty);
    const written = Effect.map(files.write(readable, run, space), () => this.#progress.wrote());
    return Effect.catchTag(written, "MapRunFailed", () => Effect.void);
  }

  /** Once nothing runs any more: as the executions tell. */
  finalCounts(): Answer<Pick<MapRunRecord, "itemCounts" | "executionCounts">> {
    const { run, space, order, record } = this.#parts;
    const { itemCounts, executionCounts } = this.counts();
    const known = {
      itemTotal: itemCounts.total,
      executionTotal: Math.max(executionCounts.total, record.record.executionCounts.total),
    };
    return Effect.map(countChildren(run, space, order.mapRun, known), (counted) => ({
      itemCounts: { ...counted.itemCounts, resultsWritten: itemCounts.resultsWritten },
      executionCounts: { ...counted.executionCounts, resultsWritten: executionCounts.resultsWritten },
    }));
  }

  #inputs(): ChildInputs {
    const { inScope, state, order, task, limits } = this.#parts;
    return new ChildInputs(this.#source.items, {
      inScope,
      state,
      seed: order.mapRun,
      nowEpochMs: Date.parse(task.createdAt),
      reader: order.ItemReader,
      batcher: order.ItemBatcher,
      limits,
    });
  }

  /** Before the first child begins it is durable what the items were read from: a changed source would be other items. */
  #checkSource(): Effect.Effect<void, ChildrenFailure> {
    const { record } = this.#parts;
    const before = record.record.source;
    if (before === undefined) return record.write({ source: this.#source.fingerprint });
    if (before === this.#source.fingerprint) return Effect.void;
    return Effect.fail(
      readerFailed("The items have changed while the Map Run was running: their source is not what it was."),
    );
  }

  #ended(child: ChildInput, names: ChildNames, detail: ExecutionDetail): void {
    this.#progress.ended(child.itemCount, endOf(detail));
    this.#checkFailures();
    if (this.#files === undefined) {
      this.#results.add(child.index, transformed(this.#transformation, names, this.#parts.names, detail));
    }
  }

  #checkFailures(): void {
    if (this.#progress.exceeds(this.#parts.record.settings)) this.#children.end(Exit.fail(tooManyFailures()));
  }

  /** Until it is interrupted: writes what has changed, and heeds what others have. */
  #sync(): Effect.Effect<void> {
    const { record } = this.#parts;
    const once = Effect.suspend(() => {
      const { version } = this.#progress;
      const synced = version > this.#written ? record.write(this.counts()) : record.refresh();
      return Effect.map(synced, () => {
        this.#written = version;
        this.#checkFailures();
        this.#children.wake();
      });
    });
    return Effect.catchCause(
      Effect.forever(Effect.delay(once, SYNC_MS)),
      (cause) => Effect.sync(() => this.#children.end(Exit.failCause(cause))),
    );
  }
}

function redriveOf({ redriveCount, redrivenAtEpochMs }: MapRunRecord) {
  return redriveCount === undefined || redrivenAtEpochMs === undefined
    ? undefined
    : { count: redriveCount, atEpochMs: redrivenAtEpochMs };
}
