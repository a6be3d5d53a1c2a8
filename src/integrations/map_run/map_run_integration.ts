/** Map Runs, as the integration that does the tasks which stand for them. */
import { Result, Schema } from "effect";
import { MapRunOrder } from "../../protocol/mod.ts";
import { type MapRunRecord } from "../../runtime/mod.ts";
import type { TaskMessage } from "../../tasks/mod.ts";
import { type Limits, MAP_RUN_RESOURCE, parseExecutionId, type Space } from "../../values/mod.ts";
import type { ObjectStores } from "../object_stores/mod.ts";
import type { Integration, IntegrationRun, TaskResult } from "../port.ts";
import { ask } from "./asking.ts";
import { MapRunFailed } from "./failed.ts";
import { inlineItems } from "./item_source.ts";
import { KeptRecord } from "./kept_record.ts";
import { doMapRun } from "./map_run.ts";
import { MapRunNames } from "./names.ts";
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

  async run(task: TaskMessage, run: IntegrationRun): Promise<TaskResult> {
    // All that it does is to wait for its children; they are bounded by what the partitions take.
    run.onlyWaits();
    const order = orderOf(task);
    const space = spaceOf(task);
    try {
      const { executionId, activityId } = task;
      const inScope = await ask(() => run.registry.stateInScope({ ...space, executionId, activityId }), run.signal);
      const { state } = inScope;
      if (state.Type !== "Map") throw new RangeError(`State "${task.stateName}" is no Map`);
      const { workflow } = await ask(() => run.registry.executionById({ ...space, executionId }), run.signal);
      const names = new MapRunNames(space, workflow, order, inScope.contextObject);
      const first = firstRecord(task, order, workflow);
      const record = await KeptRecord.open(run, space, order.mapRun, first, run.signal);
      await goOn(record, order);
      const { limits, stores = {} } = this.#options;
      const parts = { task, order, space, run, inScope, state, names, record, limits };
      const output = await doMapRun(parts, {
        source: async () =>
          order.ItemReader === undefined
            ? inlineItems(inScope.items ?? [])
            : await openReader(order.ItemReader, { stores, limits, signal: run.signal }),
        files: () => ResultFiles.open(order.ResultWriter, stores, names, order.mapRun),
      });
      return { kind: "Completed", output };
    } catch (reason) {
      if (reason instanceof MapRunFailed) return { kind: "Failed", error: reason.error, cause: reason.cause };
      throw reason;
    }
  }

  async reclaim(task: TaskMessage, run: IntegrationRun): Promise<void> {
    const order = orderOf(task);
    const space = spaceOf(task);
    const signal = run.stopping;
    await stopChildren(run, space, order.mapRun, signal);
    const { executionId } = task;
    const { workflow } = await ask(() => run.registry.executionById({ ...space, executionId }), signal);
    const record = await KeptRecord.open(run, space, order.mapRun, firstRecord(task, order, workflow), signal);
    if (record.record.status !== "RUNNING") return;
    const counts = await countChildren(run, space, order.mapRun, record.record.itemCounts.total, signal);
    await record.write({ status: "ABORTED", endedAtEpochMs: Date.now(), ...counts });
  }
}

/** A Map Run of a redriven execution runs again, from now on; once for each redrive. */
async function goOn(record: KeptRecord, { redrive }: MapRunOrder): Promise<void> {
  if (redrive === undefined || (record.record.redriveCount ?? 0) >= redrive) return;
  await record.write({
    status: "RUNNING",
    redriveCount: redrive,
    redrivenAtEpochMs: Date.now(),
    endedAtEpochMs: undefined,
    failing: undefined,
  });
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
