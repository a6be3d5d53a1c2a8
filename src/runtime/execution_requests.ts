/** Requests that concern executions and tasks: to the partition of their id. */
import { Effect, Result } from "effect";
import {
  executionId as makeId,
  hash7,
  type Json,
  type Limits,
  partitionKey,
  partitionOf,
  payloadBytes,
  present,
  type Space,
} from "../values/mod.ts";
import type { ActivityId, ExecutionId } from "../values/mod.ts";
import { timestamp, workflowId } from "../values/mod.ts";
import { redrivePlan, type StateInScope } from "../../actors/mod.ts";
import type { KeyValueStore } from "../storage/port.ts";
import type { Randomness, WallClock } from "./clock.ts";
import {
  type CancelExecutionCommand,
  isEvent,
  type RedriveExecutionCommand,
  type TaskCommand,
} from "../protocol/mod.ts";
import type {
  ExecutionDescription,
  ExecutionStatus,
  HistoryEvent,
  ListExecutionsRequest,
  RequestRefused,
  StartExecutionRequest,
  TaskAnswer,
} from "./engine.ts";
import { childrenNotBefore } from "./children_not_before.ts";
import { listExecutions, listMatching } from "./list_executions.ts";
import { turnEvents } from "./partition/feed_events.ts";
import { describe, detail, type ExecutionAsOf } from "./partition/hot_execution.ts";
import type { Partition } from "./partition/partition.ts";
import type { PartitionInput, Reply, StartAnswer } from "./partition/partition_input.ts";
import type { WorkflowRecord } from "./partition/partition_store.ts";
import type {
  ChildStart,
  ExecutionDetail,
  KeyedStart,
  ListDetailsRequest,
  PinnedDefinition,
  StartChildRequest,
} from "./registry.ts";
import {
  checked,
  checkExecutionId,
  checkGivenPayload,
  checkInstant,
  checkKey,
  checkLimit,
  checkPayload,
  checkSpace,
  checkText,
  refused,
} from "./requests.ts";
import { askPartition } from "./resource_requests.ts";
import type { TaskClaim, TaskTokens } from "./task_token.ts";
import { definitionIn, type WorkflowRequests } from "./workflow_requests.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;
type StartRequest = StartExecutionRequest & { readonly pinned?: PinnedDefinition };

/** What requests about executions need. */
export interface ExecutionRequestsOptions {
  readonly limits: Limits;
  readonly tokens: TaskTokens;
  readonly storage: KeyValueStore;
  readonly randomness: Randomness;
  readonly clock: WallClock;
}

/** Requests about executions and tasks: checks them, and hands them to the partition that they concern. */
export class ExecutionRequests {
  readonly #partitions: readonly Partition[];
  readonly #workflows: WorkflowRequests;
  readonly #options: ExecutionRequestsOptions;
  /** Ids of keyless starts hash the last one, which spreads them over the partitions. */
  #lastHash: string;

  constructor(partitions: readonly Partition[], workflows: WorkflowRequests, options: ExecutionRequestsOptions) {
    this.#partitions = partitions;
    this.#workflows = workflows;
    this.#options = options;
    this.#lastHash = hash7(options.randomness.uuid());
  }

  start(
    request: StartExecutionRequest,
  ): Answer<{ readonly executionId: ExecutionId; readonly status: ExecutionStatus }> {
    return Effect.map(this.#start(request, false), ({ executionId, status }) => ({ executionId, status }));
  }

  run(request: StartExecutionRequest): Answer<ExecutionDescription> {
    return Effect.map(this.#run(request), ({ actors }) => describe(actors));
  }

  /** A start, told apart from a repeated one. */
  startKeyed(request: StartRequest): Answer<KeyedStart> {
    return this.#start(request, false);
  }

  runKeyed(request: StartRequest): Answer<ExecutionDetail> {
    return Effect.map(this.#run(request), (execution) => this.#detail(execution));
  }

  #run(request: StartRequest): Answer<ExecutionAsOf> {
    return Effect.flatMap(
      this.#start(request, true),
      ({ ended }) =>
        ended === undefined ? Effect.fail(refused("Internal", "The end was not told")) : Effect.succeed(ended),
    );
  }

  #start(request: StartRequest, untilEnded: boolean): Answer<StartAnswer> {
    const { workflow: name, input, key, startAt, shownAs, secondsMax, pinned, ...rest } = request;
    const { limits } = this.#options;
    return checked(
      checkSpace(rest),
      (space) =>
        checked(
          checkGivenPayload("an input", input, limits),
          () =>
            checked(key === undefined ? Result.succeed("") : checkKey(key), () =>
              checked(
                startAt === undefined ? Result.succeed(undefined) : checkInstant("startAt", startAt),
                (startAtEpochMs) =>
                  Effect.flatMap(this.#workflow(space, name, pinned), (workflow) =>
                    Effect.flatMap(this.#workflows.definitionText(workflow), (definitionText) => {
                      const hash = hash7(key ?? this.#lastHash);
                      if (key === undefined) this.#lastHash = hash;
                      return this.#ask<StartAnswer>(space, hash, (reply) => ({
                        kind: "start",
                        space,
                        hash,
                        workflow,
                        definitionText,
                        input,
                        untilEnded,
                        reply,
                        ...present({ key, startAtEpochMs, shownAs, secondsMax }),
                      }));
                    })),
              )),
        ),
    );
  }

  #workflow(space: Space, name: string, pinned: PinnedDefinition | undefined): Answer<WorkflowRecord> {
    return Effect.map(
      this.#workflows.find(space, name),
      (newest) => pinned === undefined ? newest : { ...newest, ...pinned },
    );
  }

  await(request: Space & { readonly executionId: string }): Answer<ExecutionDescription> {
    return Effect.map(this.#read(request, true), ({ actors }) => describe(actors));
  }

  describe(request: Space & { readonly executionId: string }): Answer<ExecutionDescription> {
    return Effect.map(this.#read(request, false), ({ actors }) => describe(actors));
  }

  history(
    { after = 0, limit, ...request }: Space & {
      readonly executionId: string;
      readonly after?: number;
      readonly limit?: number;
    },
  ): Answer<{ readonly events: readonly HistoryEvent[]; readonly next?: number }> {
    return checked(checkLimit(limit), (size) => {
      if (!Number.isInteger(after) || after < 0) {
        return Effect.fail(refused("InvalidArgument", `Expected "after" to be an event's id or 0, but got ${after}`));
      }
      return Effect.flatMap(this.#read(request, false), (hot) => this.#readHistory(hot, after, size));
    });
  }

  #readHistory(
    hot: ExecutionAsOf,
    after: number,
    size: number,
  ): Answer<{ readonly events: readonly HistoryEvent[]; readonly next?: number }> {
    const partition = this.#partitionOfId(hot.id);
    const status = partition.status();
    if (status.kind !== "leading") return Effect.fail(unavailable(partition));
    const { turnCount } = hot;
    const total = hot.turns[turnCount - 1]?.[1] ?? 0;
    if (after >= total) return Effect.succeed({ events: [] });
    const first = hot.turns.findIndex(([, eventCount]) => eventCount > after);
    const before = hot.turns[first - 1]?.[1] ?? 0;
    let last = first;
    while (last + 1 < turnCount && (hot.turns[last]?.[1] ?? 0) < after + size) last += 1;
    const sequences = hot.turns.slice(first, last + 1).map(([sequence]) => sequence);
    return Effect.map(
      Effect.mapError(status.term.loader.readTurns(hot.id, sequences), () => unavailable(partition)),
      (turns) => {
        let id = before + 1;
        const events: HistoryEvent[] = [];
        for (const { turn } of turns) {
          if (turn.sequence <= first || turn.sequence > last + 1) continue;
          const shown = turnEvents(turn, id);
          id += shown.length;
          events.push(...shown);
        }
        const page = events.filter((event) => event.id > after).slice(0, size);
        const end = page.at(-1)?.id ?? after;
        return { events: page, ...(end < total ? { next: end } : {}) };
      },
    );
  }

  detailById(request: Space & { readonly executionId: string }): Answer<ExecutionDetail> {
    return Effect.map(this.#read(request, false), (execution) => this.#detail(execution));
  }

  awaitDetail(request: Space & { readonly executionId: string }): Answer<ExecutionDetail> {
    return Effect.map(this.#read(request, true), (execution) => this.#detail(execution));
  }

  /** The execution that this idempotency key stands for. */
  detailByKey({ key, ...rest }: Space & { readonly key: string }): Answer<ExecutionDetail> {
    return checked(checkSpace(rest), (space) =>
      checked(checkKey(key), () =>
        Effect.flatMap(
          this.#ask<ExecutionId>(space, hash7(key), (reply) => ({ kind: "key", space, key, reply })),
          (executionId) => this.detailById({ ...space, executionId }),
        )));
  }

  listDetails({ of, fits, ...request }: ListDetailsRequest) {
    const isOne = "mapRun" in of
      ? ({ mapRun }: ExecutionDetail) => mapRun === of.mapRun
      : ({ mapRun, workflow }: ExecutionDetail) => mapRun === undefined && workflow === of.workflow;
    return listMatching(this.#partitions, request, {
      show: (actors) => detail(actors, this.#options),
      matches: (execution) => isOne(execution) && fits(execution),
      ...("mapRun" in of ? childrenNotBefore(request, of.mapRun) : {}),
    });
  }

  /** Starts a Map Run's child: of a definition that it brings itself. */
  startChild({ workflow, definition, input, key, shownAs, mapRun, ...rest }: StartChildRequest): Answer<ChildStart> {
    return checked(
      checkSpace(rest),
      (space) =>
        checked(checkPayload("an input", input, this.#options.limits), () =>
          checked(checkKey(key), () =>
            Effect.map(
              this.#ask<StartAnswer>(space, hash7(key), (reply) => ({
                kind: "start",
                space,
                hash: hash7(key),
                workflow: {
                  workflowId: workflowId(space, workflow),
                  name: workflow,
                  revision: 1,
                  hash: definition.hash,
                },
                definitionText: definition.text,
                input,
                key,
                shownAs,
                mapRun,
                untilEnded: false,
                reply,
              })),
              ({ ended, ...answer }) =>
                ended === undefined ? answer : { ...answer, ended: detail(ended.actors, this.#options) },
            ))),
    );
  }

  stateInScope(
    { executionId, activityId, ...rest }: Space & { readonly executionId: string; readonly activityId: string },
  ): Answer<StateInScope> {
    return checked(
      checkSpace(rest),
      (space) =>
        checked(checkExecutionId(space, executionId), (id) =>
          askPartition<StateInScope>(
            this.#partitionOfId(id),
            (reply) => ({ kind: "scope", executionId: id, activityId: activityId as ActivityId, reply }),
          )),
    );
  }

  definitionOf(request: Space & { readonly executionId: string }): Answer<string> {
    return Effect.flatMap(
      this.#read(request, false),
      ({ id, actors }) => definitionIn(this.#partitionOfId(id), actors.execution.context.definitionHash),
    );
  }

  list(request: ListExecutionsRequest) {
    return listExecutions(this.#partitions, request);
  }

  cancel(
    { error, cause, ...request }: Space & {
      readonly executionId: string;
      readonly error?: string;
      readonly cause?: string;
    },
  ): Answer<{ readonly executionId: ExecutionId; readonly status: ExecutionStatus }> {
    const { limits } = this.#options;
    return checked(
      checkText("an error", error ?? "", limits.errorCharactersMax),
      () =>
        checked(
          checkText("a cause", cause ?? "", limits.causeCharactersMax),
          () =>
            this.#commandExecution(request, (executionId): CancelExecutionCommand => ({
              type: "CancelExecutionCommand",
              version: 1,
              executionId,
              ...present({ reason: error, message: cause }),
            })),
        ),
    );
  }

  redrive(
    { clientToken, mapRun, ...request }: Space & {
      readonly executionId: string;
      readonly clientToken?: string;
      readonly mapRun?: string;
    },
  ): Answer<ExecutionDetail> {
    return Effect.flatMap(this.#read(request, false), (execution) => {
      const { context } = execution.actors.execution;
      if (clientToken !== undefined && context.clientToken === clientToken) {
        return Effect.succeed(this.#detail(execution));
      }
      return Effect.flatMap(this.#redriveCommand(execution, clientToken), (command) =>
        Effect.map(
          this.#askExecution(execution.id, (reply) => ({
            kind: "command",
            executionId: execution.id,
            command: mapRun === undefined ? command : { ...command, mapRun },
            reply,
          })),
          (redriven) => this.#detail(redriven),
        ));
    });
  }

  /** What the execution goes on from stands in its history. */
  #redriveCommand(execution: ExecutionAsOf, clientToken: string | undefined): Answer<RedriveExecutionCommand> {
    const { id, actors, turns, turnCount } = execution;
    const { context } = actors.execution;
    const partition = this.#partitionOfId(id);
    const status = partition.status();
    if (status.kind !== "leading") return Effect.fail(unavailable(partition));
    const sequences = turns.slice(0, turnCount).map(([sequence]) => sequence);
    return Effect.flatMap(definitionIn(partition, context.definitionHash), (definition) =>
      Effect.flatMap(
        Effect.mapError(status.term.loader.readTurns(id, sequences), () => unavailable(partition)),
        (read) => {
          const events = read.flatMap(({ turn }) => turn.sequence > turnCount ? [] : turn.records.filter(isEvent));
          const plan = redrivePlan(events, startOf(definition));
          if (plan === undefined) return Effect.fail(refused("Internal", `The history of "${id}" has no start`));
          const { turnBytesMax } = this.#options.limits;
          const places = sequences.map((sequence, index) => sequence - (sequences[index - 1] ?? 0));
          if (payloadBytes([plan.resume as Json, places]) > turnBytesMax) {
            const why = `What "${id}" would go on from is more than ${turnBytesMax} bytes`;
            return Effect.fail(refused("LimitExceeded", why));
          }
          return Effect.succeed({
            type: "RedriveExecutionCommand",
            version: 1,
            executionId: id,
            redriveCount: (context.redriveCount ?? 0) + 1,
            ...plan,
            turns: places,
            ...present({ clientToken }),
          });
        },
      ));
  }

  #detail({ actors }: ExecutionAsOf): ExecutionDetail {
    return detail(actors, this.#options);
  }

  delete(request: Space & { readonly executionId: string }) {
    return this.#commandExecution(
      request,
      (executionId) => ({ type: "DeleteExecutionCommand", version: 1, executionId }),
    );
  }

  completeTask(
    { output, isFinal, ...request }: Space & {
      readonly token: string;
      readonly output: Json;
      readonly isFinal?: boolean;
    },
  ): Answer<TaskAnswer> {
    return checked(
      checkGivenPayload("an output", output, this.#options.limits),
      () =>
        this.#commandTask(
          request,
          "Completed",
          // Whoever made the request of a callback has its answer, and not the task's.
          (taskId, role) =>
            role === "request" && isFinal !== true
              ? { type: "SubmitTaskCommand", version: 1, taskId, output }
              : { type: "CompleteTaskCommand", version: 1, taskId, output, ...byRunner(role) },
        ),
    );
  }

  submitTask({ output, ...request }: Space & { readonly token: string; readonly output: Json }): Answer<TaskAnswer> {
    return checked(
      checkGivenPayload("an output", output, this.#options.limits),
      () =>
        this.#commandTask(
          request,
          "Activated",
          (taskId) => ({ type: "SubmitTaskCommand", version: 1, taskId, output }),
        ),
    );
  }

  failTask(
    { error, cause, ...request }: Space & { readonly token: string; readonly error?: string; readonly cause?: string },
  ): Answer<TaskAnswer> {
    const { limits } = this.#options;
    return checked(
      checkText("an error", error ?? "", limits.errorCharactersMax),
      () =>
        checked(
          checkText("a cause", cause ?? "", limits.causeCharactersMax),
          () =>
            this.#commandTask(request, "Failed", (taskId, role) => ({
              type: "FailTaskCommand",
              version: 1,
              taskId,
              ...byRunner(role),
              ...present({ reason: error, message: cause }),
            })),
        ),
    );
  }

  heartbeatTask(request: Space & { readonly token: string }): Answer<TaskAnswer> {
    return this.#commandTask(request, "Activated", (taskId) => ({ type: "HeartbeatTaskCommand", version: 1, taskId }));
  }

  activateTask(
    { workerName, ...request }: Space & { readonly token: string; readonly workerName?: string },
  ): Answer<TaskAnswer> {
    return this.#commandTask(request, "Activated", (taskId) => ({
      type: "ActivateTaskCommand",
      version: 1,
      taskId,
      ...present({ workerName }),
    }));
  }

  #commandExecution(
    { executionId, ...rest }: Space & { readonly executionId: string },
    command: (id: ExecutionId) => Extract<PartitionInput, { kind: "command" }>["command"],
  ) {
    return checked(checkSpace(rest), (space) =>
      checked(checkExecutionId(space, executionId), (id) =>
        Effect.map(
          this.#askExecution(id, (reply) => ({ kind: "command", executionId: id, command: command(id), reply })),
          (hot) => ({ executionId: id, status: hot.actors.execution.value }),
        )));
  }

  #commandTask(
    { token, ...rest }: Space & { readonly token: string },
    status: TaskAnswer["status"],
    command: (
      id: TaskAnswer["taskId"],
      role: TaskClaim["role"],
    ) => Exclude<TaskCommand, { type: "CreateTaskCommand" }>,
  ): Answer<TaskAnswer> {
    return checked(checkSpace(rest), (space) => {
      const claim = token.length <= this.#options.limits.tokenCharactersMax
        ? this.#options.tokens.read(token)
        : undefined;
      if (claim === undefined) return Effect.fail(refused("InvalidToken", "Expected a task's token, but this is none"));
      // A token of another space is nobody's here.
      if (Result.isFailure(checkExecutionId(space, claim.executionId))) {
        return Effect.fail(refused("InvalidToken", "Expected a task's token, but this is none"));
      }
      const { executionId, taskId, role } = claim;
      const wish = command(taskId, role);
      return Effect.map(
        this.#askExecution(executionId, (reply) => ({ kind: "command", executionId, command: wish, reply })),
        () => ({ taskId, status: wish.type === "SubmitTaskCommand" ? "Activated" : status }),
      );
    });
  }

  #read(
    { executionId, ...rest }: Space & { readonly executionId: string },
    untilEnded: boolean,
  ): Answer<ExecutionAsOf> {
    return checked(
      checkSpace(rest),
      (space) =>
        checked(
          checkExecutionId(space, executionId),
          (id) => this.#askExecution(id, (reply) => ({ kind: "read", executionId: id, untilEnded, reply })),
        ),
    );
  }

  #askExecution(id: ExecutionId, input: (reply: Reply<ExecutionAsOf>) => PartitionInput): Answer<ExecutionAsOf> {
    return askPartition(this.#partitionOfId(id), input);
  }

  #ask<T>(space: Space, hash: string, input: (reply: Reply<T>) => PartitionInput): Answer<T> {
    return askPartition(this.#partitionOfId(makeId(space, hash, timestamp(0, 0))), input);
  }

  #partitionOfId(id: ExecutionId): Partition {
    const partition = this.#partitions[partitionOf(partitionKey(id), this.#partitions.length)];
    if (partition === undefined) throw new RangeError("A node without partitions");
    return partition;
  }
}

function unavailable({ partition }: Partition): RequestRefused {
  return refused("Unavailable", `Partition ${partition} is not led here at the moment: ask again`);
}

/** The first state of a definition that was found valid. */
function startOf(definition: string): string {
  return (JSON.parse(definition) as { readonly StartAt: string }).StartAt;
}

function byRunner(role: TaskClaim["role"]): { readonly byRunner?: true } {
  return role === "runner" ? { byRunner: true } : {};
}
