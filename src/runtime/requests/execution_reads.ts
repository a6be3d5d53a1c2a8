/** Questions about executions: to the partition of their id, or to all of them. */
import { Effect } from "effect";
import type { StateInScope } from "../../../actors/mod.ts";
import {
  type ActivityId,
  type ExecutionId,
  executionId as makeId,
  hash7,
  type Limits,
  present,
  type Space,
  timestamp,
} from "../../values/mod.ts";
import type { WallClock } from "../clock.ts";
import type {
  DescribeOptions,
  ExecutionDescription,
  ExecutionStanding,
  HistoryEvent,
  RequestRefused,
} from "../engine.ts";
import { outsideEvent } from "../partition/feed/feed_events.ts";
import { describe, detail, type ExecutionAsOf } from "../partition/hot_execution.ts";
import type { HistoryPage } from "../partition/partition_input.ts";
import type { ExecutionDetail } from "../registry.ts";
import { checkExecution, checkKey, checkLimit, checkSpace, refused } from "./checks.ts";
import type { PartitionHomes } from "./partition_homes.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;
type OneExecution = Space & { readonly executionId: string };
type PageOfEvents = OneExecution & { readonly after?: number; readonly limit?: number };

/** Answers what one execution is like. */
export class ExecutionReads {
  readonly #homes: PartitionHomes;
  readonly #options: { readonly limits: Limits; readonly clock: WallClock };

  constructor(homes: PartitionHomes, options: { readonly limits: Limits; readonly clock: WallClock }) {
    this.#homes = homes;
    this.#options = options;
  }

  await(request: OneExecution): Answer<ExecutionDescription> {
    return Effect.map(this.#read(request, true), ({ execution }) => describe(execution));
  }

  describe({ states, payloads, ...request }: OneExecution & DescribeOptions): Answer<ExecutionDescription> {
    return Effect.flatMap(this.#read(request, false), ({ id, execution }) => {
      const { output: _, cause, ...rest } = describe(execution);
      const described = payloads === false ? { ...rest, input: null, ...present({ cause }) } : describe(execution);
      if (states !== true) return Effect.succeed(described);
      const standing = this.#homes.ask<ExecutionStanding>(
        id,
        (reply) => ({ kind: "standing", executionId: id, reply }),
      );
      return Effect.map(standing, (found) => ({ ...described, standing: found }));
    });
  }

  detail(request: OneExecution): Answer<ExecutionDetail> {
    return Effect.map(this.#read(request, false), ({ execution }) => detail(execution, this.#options));
  }

  awaitDetail(request: OneExecution): Answer<ExecutionDetail> {
    return Effect.map(this.#read(request, true), ({ execution }) => detail(execution, this.#options));
  }

  /** The execution that this idempotency key stands for. */
  detailByKey({ key, ...rest }: Space & { readonly key: string }): Answer<ExecutionDetail> {
    return Effect.gen({ self: this }, function* () {
      const space = yield* Effect.fromResult(checkSpace(rest));
      yield* Effect.fromResult(checkKey(key));
      const place = makeId(space, hash7(key), timestamp(0, 0));
      const executionId = yield* this.#homes.ask<ExecutionId>(place, (reply) => ({ kind: "key", space, key, reply }));
      return yield* this.detail({ ...space, executionId });
    });
  }

  /** As outsiders see it. */
  history(
    { payloads = true, ...request }: PageOfEvents & { readonly payloads?: boolean },
  ): Answer<{ readonly events: readonly HistoryEvent[]; readonly next?: number }> {
    return Effect.map(this.events(request), ({ events, next }) => ({
      events: events.map(({ id, atEpochMs, event }) =>
        outsideEvent(id, event, new Date(atEpochMs).toISOString(), payloads)
      ),
      ...present({ next }),
    }));
  }

  events({ after = 0, limit, ...request }: PageOfEvents): Answer<HistoryPage> {
    return Effect.gen({ self: this }, function* () {
      const size = yield* Effect.fromResult(checkLimit(limit));
      if (!Number.isInteger(after) || after < 0) {
        const message = `Expected "after" to be an event's id or 0, but got ${after}`;
        return yield* Effect.fail(refused("InvalidArgument", message));
      }
      const executionId = yield* Effect.fromResult(checkExecution(request));
      return yield* this.#homes.ask<HistoryPage>(
        executionId,
        (reply) => ({ kind: "history", executionId, after, limit: size, reply }),
      );
    });
  }

  stateInScope(
    { executionId, activityId, ...space }: OneExecution & { readonly activityId: string },
  ): Answer<StateInScope> {
    return Effect.flatMap(
      Effect.fromResult(checkExecution({ ...space, executionId })),
      (id) =>
        this.#homes.ask<StateInScope>(
          id,
          (reply) => ({ kind: "scope", executionId: id, activityId: activityId as ActivityId, reply }),
        ),
    );
  }

  /** The text of the definition that an execution is pinned to. */
  definitionOf(request: OneExecution): Answer<string> {
    return Effect.flatMap(this.#read(request, false), ({ id, execution }) =>
      this.#homes.ask<string>(
        id,
        (reply) => ({ kind: "definition", hash: execution.context.definitionHash, reply }),
      ));
  }

  #read(request: OneExecution, untilEnded: boolean): Answer<ExecutionAsOf> {
    return Effect.flatMap(
      Effect.fromResult(checkExecution(request)),
      (executionId) =>
        this.#homes.ask<ExecutionAsOf>(executionId, (reply) => ({ kind: "read", executionId, untilEnded, reply })),
    );
  }
}
