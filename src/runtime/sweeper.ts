/**
 * Goes through what has been there for too long: executions that ended before retention are deleted with all that they have left, and
 * those that live longer than an execution may are timed out. Never early; late by up to the time between two sweeps. Now and then
 * definitions that nobody needs any more are forgotten.
 *
 * A crash in between is harmless: what is still there is found by the next sweep.
 */
import { Effect } from "effect";
import { type ExecutionId, type Limits, parseExecutionId, type RetentionRule } from "../values/mod.ts";
import { pauseFor, type WallClock } from "./clock.ts";
import type { Engine, RequestRefused } from "./engine.ts";
import { askPartition, type Partition } from "./partition/partition.ts";
import type { AgedPage } from "./partition/partition_input.ts";
import type { ExecutionChanges } from "./requests/execution_changes.ts";

/** Executions asked for at a time. */
const PAGE = 500;
/** Executions deleted or timed out at once, a partition. */
const AT_ONCE = 64;
/** Partitions swept at once. */
const PARTITIONS_AT_ONCE = 4;

/** What sweeping needs. */
export interface SweeperOptions {
  readonly limits: Limits;
  /** Where `retentionSeconds` is not to hold. */
  readonly retention: readonly RetentionRule[];
  readonly clock: WallClock;
  /** Pause between two sweeps, milliseconds. */
  readonly sweepMs: number;
  /** How often definitions are forgotten, milliseconds: with the sweep that is next by then. */
  readonly forgetMs: number;
  readonly deleteExecution: Engine["deleteExecution"];
  readonly changes: ExecutionChanges;
}

/** Sweeps these partitions until it is interrupted. */
export function sweep(partitions: readonly Partition[], options: SweeperOptions): Effect.Effect<never> {
  const { clock, sweepMs, forgetMs } = options;
  const forgetEvery = Math.max(1, Math.round(forgetMs / sweepMs));
  return Effect.gen(function* () {
    for (let sweeps = 1;; sweeps++) {
      yield* pauseFor(clock, sweepMs);
      yield* Effect.forEach(
        partitions,
        (partition) =>
          Effect.andThen(
            sweepOne(partition, options),
            sweeps % forgetEvery === 0 ? forgetDefinitions(partition) : Effect.void,
          ),
        { concurrency: PARTITIONS_AT_ONCE, discard: true },
      );
    }
  });
}

/** A partition that is not led here or not ready now is asked the next time. */
function forgetDefinitions(partition: Partition): Effect.Effect<void> {
  return Effect.ignore(askPartition<number>(partition, (reply) => ({ kind: "forgetDefinitions", reply })));
}

function sweepOne(partition: Partition, options: SweeperOptions): Effect.Effect<void> {
  const { clock, retention, limits: { retentionSeconds, executionSecondsMax } } = options;
  const swept = Effect.gen(function* () {
    const nowEpochMs = clock.nowEpochMs();
    let after: string | undefined;
    do {
      const { aged, next } = yield* askPartition<AgedPage>(partition, (reply) => ({
        kind: "aged",
        nowEpochMs,
        retention,
        retentionSeconds,
        startedBeforeEpochMs: nowEpochMs - executionSecondsMax * 1_000,
        after,
        limit: PAGE,
        reply,
      }));
      yield* Effect.forEach(aged, ({ id, hasEnded }) => sweepExecution(id, hasEnded, options), {
        concurrency: AT_ONCE,
        discard: true,
      });
      after = next;
    } while (after !== undefined);
  });
  // A partition that is not led here or not ready now is swept the next time.
  return Effect.ignore(swept);
}

/** One that has changed meanwhile is left to the next sweep. */
function sweepExecution(
  executionId: ExecutionId,
  hasEnded: boolean,
  { deleteExecution, changes }: SweeperOptions,
): Effect.Effect<void> {
  const { tenant = "", namespace = "" } = parseExecutionId(executionId) ?? {};
  const request = { tenant, namespace, executionId };
  const done: Effect.Effect<unknown, RequestRefused> = hasEnded ? deleteExecution(request) : changes.timeOut(request);
  return Effect.catch(
    Effect.asVoid(done),
    ({ code }) =>
      code === "NotFound" || code === "InvalidStatus"
        ? Effect.void
        : Effect.annotateLogs(Effect.logWarning("An execution could not be swept: it is tried again"), {
          executionId,
          code,
        }),
  );
}
