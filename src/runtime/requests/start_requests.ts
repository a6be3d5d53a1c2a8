/** Requests that start executions: to the partition of the id that the execution will have. */
import { Effect, Result } from "effect";
import { hash7, type Limits, present, workflowId } from "../../values/mod.ts";
import type { Randomness, WallClock } from "../clock.ts";
import type { ExecutionDescription, RequestRefused, StartExecutionRequest } from "../engine.ts";
import { describe, detail, type ExecutionAsOf } from "../partition/hot_execution.ts";
import type { WorkflowRecord } from "../partition/store/stored_values.ts";
import type { StartAnswer, StartInput } from "../partition/partition_input.ts";
import type { ChildStart, ExecutionDetail, KeyedStart, PinnedDefinition, StartChildRequest } from "../registry.ts";
import { checkGivenPayload, checkInstant, checkKey, checkPayload, checkSpace, firstRefusal } from "./checks.ts";
import type { PartitionHomes } from "./partition_homes.ts";
import { placeOf, PlacesOfStarts } from "./places_of_starts.ts";
import type { WorkflowRequests } from "./workflow_requests.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;
type StartRequest = StartExecutionRequest & { readonly pinned?: PinnedDefinition };

/** What starts need. */
export interface StartRequestsOptions {
  readonly limits: Limits;
  readonly randomness: Randomness;
  readonly clock: WallClock;
}

/** Starts executions. */
export class StartRequests {
  readonly #homes: PartitionHomes;
  readonly #workflows: WorkflowRequests;
  readonly #options: StartRequestsOptions;
  readonly #places: PlacesOfStarts;

  constructor(homes: PartitionHomes, workflows: WorkflowRequests, options: StartRequestsOptions) {
    this.#homes = homes;
    this.#workflows = workflows;
    this.#options = options;
    this.#places = new PlacesOfStarts(homes, options);
  }

  /** A start, told apart from a repeated one. */
  start(request: StartRequest): Answer<KeyedStart> {
    return this.#start(request, false);
  }

  /** Answers once it has ended. */
  run(request: StartRequest): Answer<ExecutionDescription> {
    return Effect.map(this.#run(request), ({ execution }) => describe(execution));
  }

  /** As {@link run}, in detail. */
  runKeyed(request: StartRequest): Answer<ExecutionDetail> {
    return Effect.map(this.#run(request), ({ execution }) => detail(execution, this.#options));
  }

  #run(request: StartRequest): Answer<ExecutionAsOf> {
    return Effect.flatMap(
      this.#start(request, true),
      ({ executionId, ended }) =>
        ended === undefined
          ? this.#homes.ask<ExecutionAsOf>(
            executionId,
            (reply) => ({ kind: "read", executionId, untilEnded: true, reply }),
          )
          : Effect.succeed(ended),
    );
  }

  #start(request: StartRequest, untilEnded: boolean): Answer<StartAnswer> {
    const { workflow: name, input, key, startAt, shownAs, secondsMax, pinned, tenant, namespace } = request;
    const space = { tenant, namespace };
    const startAtEpochMs = startAt === undefined ? undefined : checkInstant("startAt", startAt);
    const refusal = firstRefusal(
      checkSpace(space),
      checkGivenPayload("an input", input, this.#options.limits),
      key === undefined ? undefined : checkKey(key),
      startAtEpochMs,
    );
    if (refusal !== undefined) return Effect.fail(refusal);
    const chosen = present({
      key,
      startAtEpochMs: startAtEpochMs === undefined ? undefined : Result.getOrUndefined(startAtEpochMs),
      shownAs,
      secondsMax,
    });
    const hash = key === undefined ? this.#places.next(space) : hash7(key);
    const startOf = (newest: WorkflowRecord): Answer<StartAnswer> => {
      const workflow = pinned === undefined ? newest : { ...newest, ...pinned };
      const start = { space, hash, workflow, input, options: chosen, untilEnded };
      const known = this.#workflows.knownText(workflow.hash);
      return known === undefined
        ? Effect.flatMap(
          this.#workflows.definitionText(workflow),
          (text) => this.#ask({ ...start, definitionText: text }),
        )
        : this.#ask({ ...start, definitionText: known });
    };
    const newest = this.#workflows.durable(space, name);
    if (Result.isFailure(newest)) return Effect.fail(newest.failure);
    return newest.success === undefined
      ? Effect.flatMap(this.#workflows.found(space, name), startOf)
      : startOf(newest.success);
  }

  /** Starts a Map Run's child: of a definition that it brings itself. */
  startChild({ workflow, definition, input, key, shownAs, mapRun, ...space }: StartChildRequest): Answer<ChildStart> {
    const refusal = firstRefusal(
      checkSpace(space),
      checkPayload("an input", input, this.#options.limits),
      checkKey(key),
    );
    if (refusal !== undefined) return Effect.fail(refusal);
    const start = {
      space,
      hash: hash7(key),
      workflow: { workflowId: workflowId(space, workflow), name: workflow, revision: 1, hash: definition.hash },
      definitionText: definition.text,
      input,
      options: { key, shownAs, mapRun },
      untilEnded: false,
    };
    return Effect.map(
      this.#ask(start),
      ({ ended, ...answer }) =>
        ended === undefined ? answer : { ...answer, ended: detail(ended.execution, this.#options) },
    );
  }

  #ask(start: Omit<StartInput, "kind" | "reply">): Answer<StartAnswer> {
    return this.#homes.ask<StartAnswer>(
      placeOf(start.space, start.hash),
      (reply) => ({ kind: "start", ...start, reply }),
    );
  }
}
