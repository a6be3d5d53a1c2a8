/** Map Runs, as the integration that does the tasks which stand for them. */
import { Clock, Effect, Result, Schema } from "effect";
import { MapRunOrder } from "../../protocol/mod.ts";
import type { MapRunRecord, RequestRefused } from "../../runtime/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import { type Limits, MAP_RUN_RESOURCE, parseExecutionId, type Space } from "../../values/mod.ts";
import type { ObjectStores } from "../object_stores/mod.ts";
import { type Answer, untilAnswered } from "../engine_requests.ts";
import type { Integration, IntegrationRun, TaskResult } from "../port.ts";
import { inlineItems } from "./item_source.ts";
import { KeptRecord } from "./kept_record.ts";
import { doMapRun } from "./map_run.ts";
import { MapRunNames } from "./map_run_names.ts";
import { noCounts } from "./progress.ts";
import { openReader } from "./readers/open_reader.ts";
import { ResultFiles } from "./result_files.ts";
import { countChildren, stopChildren } from "./stop_children.ts";

/** Settings of Map Runs. */
export interface MapRunOptions {
  readonly limits: Limits;
  /** What `ItemReader` and `ResultWriter` read from and write to. */
  readonly stores?: ObjectStores;
}

const decodeOrder = Schema.decodeUnknownResult(MapRunOrder);

/** Does Map Runs: each a controller that reads items, starts a child for each and awaits them, as often as it takes. */
export class MapRunIntegration implements Integration {
  readonly name = "map run";
  readonly #options: MapRunOptions;

  constructor(options: MapRunOptions) {
    this.#options = options;
  }

  handles(resource: string): boolean {
    return resource === MAP_RUN_RESOURCE;
  }

  run(task: TaskMessage, run: IntegrationRun): Effect.Effect<TaskResult, RequestRefused> {
    const { limits, stores = {} } = this.#options;
    const done = Effect.gen(function* () {
      // All that it does is to wait for its children; they are bounded by what the partitions take.
      yield* run.onlyWaits;
      const order = orderOf(task);
      const space = spaceOf(task);
      const { executionId, activityId } = task;
      const inScope = yield* untilAnswered(() => run.registry.stateInScope({ ...space, executionId, activityId }));
      const { state } = inScope;
      if (state.Type !== "Map") throw new RangeError(`State "${task.stateName}" is no Map`);
      const { workflow } = yield* untilAnswered(() => run.registry.executionById({ ...space, executionId }));
      const names = new MapRunNames(space, workflow, order, inScope.contextObject);
      const record = yield* KeptRecord.open(run, space, order.mapRun, firstRecord(task, order, workflow));
      yield* goOn(record, order);
      const parts = { task, order, space, run, inScope, state, names, record, limits };
      return yield* doMapRun(parts, {
        source: order.ItemReader === undefined
          ? Effect.succeed(inlineItems(inScope.items ?? []))
          : openReader(order.ItemReader, { stores, limits }),
        files: ResultFiles.open(order.ResultWriter, stores, names, order.mapRun),
      });
    });
    const completed = Effect.map(done, (output): TaskResult => ({ kind: "Completed", output }));
    const result = Effect.catchTag(
      completed,
      "MapRunFailed",
      ({ error, cause }): Effect.Effect<TaskResult> => Effect.succeed({ kind: "Failed", error, cause }),
    );
    return result;
  }

  reclaim(task: TaskMessage, run: IntegrationRun): Answer<void> {
    return Effect.gen(function* () {
      yield* run.onlyWaits;
      const order = orderOf(task);
      const space = spaceOf(task);
      yield* stopChildren(run, space, order.mapRun);
      const { executionId } = task;
      const { workflow } = yield* untilAnswered(() => run.registry.executionById({ ...space, executionId }));
      const record = yield* KeptRecord.open(run, space, order.mapRun, firstRecord(task, order, workflow));
      if (record.record.status !== "RUNNING") return;
      const { itemCounts, executionCounts } = record.record;
      const known = { itemTotal: itemCounts.total, executionTotal: executionCounts.total };
      const counts = yield* countChildren(run, space, order.mapRun, known);
      yield* record.write({ status: "ABORTED", endedAtEpochMs: yield* Clock.currentTimeMillis, ...counts });
    });
  }
}

/** A Map Run of a redriven execution runs again, from now on; once for each redrive. */
function goOn(record: KeptRecord, { redrive }: MapRunOrder): Answer<void> {
  if (redrive === undefined || (record.record.redriveCount ?? 0) >= redrive) return Effect.void;
  return Effect.flatMap(
    Clock.currentTimeMillis,
    (redrivenAtEpochMs) =>
      record.reopen({ redriveCount: redrive, redrivenAtEpochMs, endedAtEpochMs: undefined, failing: undefined }),
  );
}

function orderOf({ input }: TaskMessage): MapRunOrder {
  const order = decodeOrder(input);
  if (Result.isFailure(order)) throw new RangeError(`A Map Run's order is not one: ${order.failure.message}`);
  return order.success;
}

function spaceOf({ executionId }: TaskMessage): Space {
  const { tenant = "", namespace = "" } = parseExecutionId(executionId) ?? {};
  return { tenant, namespace };
}

function firstRecord(task: TaskMessage, order: MapRunOrder, workflow: string): MapRunRecord {
  const { label, executionType, maxConcurrency, toleratedFailureCount = 0, toleratedFailurePercentage = 0 } = order;
  const [outermost = workflow] = workflow.split("/");
  return {
    executionId: task.executionId,
    activityId: task.activityId,
    taskId: task.taskId,
    workflow: outermost,
    label,
    executionType,
    status: "RUNNING",
    startedAtEpochMs: Date.parse(task.createdAt),
    maxConcurrency,
    toleratedFailureCount,
    toleratedFailurePercentage,
    itemCounts: noCounts,
    executionCounts: noCounts,
  };
}
