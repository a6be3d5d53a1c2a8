/**
 * One execution without a runtime: turns are decided one after the other, and after each the same execution replayed from the
 * turns as the log has them, and restored as the store keeps it, must stand where the live one stands.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Result } from "effect";
import {
  ExecutionActors,
  keptActors,
  replayTurn,
  restoredActors,
  runTurn,
  type TaskSnapshot,
  type TurnDraws,
  type TurnOutcome,
} from "../../actors/mod.ts";
import { parseDefinition } from "../../src/language/mod.ts";
import type { StateMachine } from "../../src/language/types.ts";
import {
  type Command,
  decodeTurn,
  encodeTurn,
  type Event,
  type Rejection,
  type StartExecutionCommand,
  type TurnRecord,
} from "../../src/protocol/mod.ts";
import {
  asString,
  canonicalJson,
  defaultLimits,
  executionId,
  hash7,
  type Json,
  type JsonObject,
  type Limits,
  sha256Hex,
  timestamp,
  workflowId,
} from "../../src/values/mod.ts";
import { assertOutcomes } from "./records/outcomes.ts";
import { SeededRandom } from "./seeded_random.ts";

const space = { tenant: "acme", namespace: "shop" };
/** 2030-01-01T00:00:00Z. */
export const START_EPOCH_MS = 1_893_456_000_000;

export interface RunOptions {
  readonly limits?: Partial<Limits>;
  readonly seed?: number;
  /** Fixed chance in place of the seed's. */
  readonly random?: () => number;
  readonly start?: Partial<StartExecutionCommand>;
  /** Compare the replica after each turn. Default: true; it costs as much as the execution is large. */
  readonly compare?: boolean;
}

/** A definition that must be valid. */
export function machineOf(definition: Json): StateMachine {
  const parsed = parseDefinition(definition);
  if (Result.isFailure(parsed)) throw new Error(`Expected a definition, but ${JSON.stringify(parsed.failure)}`);
  return parsed.success;
}

export class ExecutionRun {
  readonly machine: StateMachine;
  readonly limits: Limits;
  actors = new ExecutionActors();
  readonly replica = new ExecutionActors();
  /** All records of all turns, in order. */
  readonly records: TurnRecord[] = [];
  readonly lines: string[] = [];
  nowEpochMs = START_EPOCH_MS;
  readonly #random: SeededRandom;
  readonly #options: RunOptions;
  #logical = 0;

  constructor(definition: Json, options: RunOptions = {}) {
    this.machine = machineOf(definition);
    this.limits = { ...defaultLimits, ...options.limits };
    this.#options = options;
    this.#random = new SeededRandom(options.seed ?? 1);
  }

  get status(): string {
    return this.actors.execution.value;
  }

  get events(): readonly Event[] {
    return this.records.filter((record): record is Event => record.type.endsWith("Event"));
  }

  get rejections(): readonly Rejection[] {
    return this.records.filter((record): record is Rejection => record.type.endsWith("Rejection"));
  }

  /** Status with output, or with error and cause. */
  get end(): Json {
    const { output, ending } = this.actors.execution.context;
    return [
      this.status,
      ...(output === undefined ? [] : [output]),
      ...(ending?.reason === undefined ? [] : [ending.reason]),
      ...(ending?.message === undefined ? [] : [ending.message]),
    ];
  }

  get openTasks(): readonly TaskSnapshot[] {
    return [...this.actors.tasks.values()];
  }

  get draws(): TurnDraws {
    return {
      nowEpochMs: this.nowEpochMs,
      random: this.#options.random ?? (() => this.#random.next()),
      uuid: () => `00000000-0000-4000-8000-${this.#random.below(1e9).toString().padStart(12, "0")}`,
      timestamp: () => timestamp(Math.floor(START_EPOCH_MS / 1000), ++this.#logical),
      taskToken: (_execution, _activity, task) => `token of ${task}`,
      delayMs: (seconds) => Math.round(seconds * 1000),
    };
  }

  start(input: Json = {}): this {
    this.command(this.startCommand(input));
    return this;
  }

  startCommand(input: Json): StartExecutionCommand {
    return {
      type: "StartExecutionCommand",
      version: 1,
      executionId: executionId(space, hash7("key"), timestamp(Math.floor(START_EPOCH_MS / 1000), 0)),
      workflowId: workflowId(space, "machine"),
      workflow: "machine",
      revision: 1,
      definitionHash: sha256Hex("definition"),
      input,
      ...this.#options.start,
    };
  }

  /** Decides one turn. `undefined`: takes up what earlier turns left. Everything that is left is taken up before. */
  command(command: Command | undefined): TurnOutcome {
    if (command !== undefined) this.takeUp();
    const outcome = runTurn(this.actors, this, command);
    if (outcome.turn === undefined) return outcome;
    assertOutcomes(outcome.turn);
    const line = encodeTurn({ ...outcome.turn, timestamp: asString(timestamp(0, this.#logical)) });
    this.lines.push(line);
    const decoded = decodeTurn(line);
    if (Result.isFailure(decoded)) throw new Error(decoded.failure.reason);
    deepStrictEqual(decoded.success.records, plain(outcome.turn.records));
    for (const record of outcome.turn.records) this.records.push(record);
    deepStrictEqual(replayTurn(this.replica, decoded.success), plain(outcome.events));
    if (this.#options.compare !== false) this.compare();
    return outcome;
  }

  /** The turns that earlier turns left to do. Returns how many there were. */
  takeUp(): number {
    let turns = 0;
    for (; this.actors.unprocessed.size > 0; turns++) {
      ok(turns < 100_000, "the commands left by a turn are taken up some day");
      this.command(undefined);
    }
    return turns;
  }

  /** Live, replayed and restored are one. */
  compare(): void {
    const live = keptActors(this.actors);
    const text = canonicalJson(live);
    strictEqual(canonicalJson(keptActors(this.replica)), text);
    const restored = restoredActors(JSON.parse(JSON.stringify(live)) as Json);
    if (Result.isFailure(restored)) throw new Error(restored.failure.reason);
    strictEqual(canonicalJson(keptActors(restored.success)), text);
    const derived = (actors: ExecutionActors) => [...actors.timers].sort();
    deepStrictEqual(derived(this.replica), derived(this.actors));
    deepStrictEqual(derived(restored.success), derived(this.actors));
  }

  /** Name of the state that a task works for. */
  stateNameOf({ context }: TaskSnapshot): string | undefined {
    return this.actors.activities.get(context.activityId)?.context.stateName;
  }

  /** Goes on with the execution as the store would give it back. */
  reload(): void {
    const restored = restoredActors(JSON.parse(JSON.stringify(keptActors(this.actors))) as Json);
    if (Result.isFailure(restored)) throw new Error(restored.failure.reason);
    this.actors = restored.success;
  }

  /** The open task of this state (the first), or with this input. */
  task(stateName: string, input?: Json): TaskSnapshot {
    const found = this.openTasks.find((task) =>
      this.stateNameOf(task) === stateName &&
      (input === undefined || canonicalJson(task.context.input) === canonicalJson(input))
    );
    if (found === undefined) throw new Error(`Expected an open task of "${stateName}", but there is none`);
    return found;
  }

  complete(task: TaskSnapshot, output: Json = {}): TurnOutcome {
    return this.command({ type: "CompleteTaskCommand", version: 1, taskId: task.context.taskId, output });
  }

  fail(task: TaskSnapshot, reason = "Broken", message?: string): TurnOutcome {
    const { taskId } = task.context;
    return this.command({
      type: "FailTaskCommand",
      version: 1,
      taskId,
      reason,
      ...(message === undefined ? {} : { message }),
    });
  }

  cancel(): TurnOutcome {
    return this.command({ type: "CancelExecutionCommand", version: 1, executionId: this.actors.executionId });
  }

  /** Lets time pass, and fires what is due, earliest first. Returns the number of timers fired. */
  pass(seconds: number): number {
    const until = this.nowEpochMs + seconds * 1000;
    let fired = 0;
    for (;; fired++) {
      this.takeUp();
      const [next] = [...this.actors.timers].sort(([a, at], [b, bt]) => at - bt || (a < b ? -1 : 1));
      if (next === undefined || next[1] > until) break;
      const [actorId, deadlineEpochMs] = next;
      this.nowEpochMs = Math.max(this.nowEpochMs, deadlineEpochMs);
      this.command({ type: "FireTimerCommand", version: 1, actorId, deadlineEpochMs });
    }
    this.nowEpochMs = until;
    return fired;
  }

  /** Nothing is left below an execution that has ended. */
  checkEmpty(): void {
    const { activities, children, tasks, timers, unprocessed } = this.actors;
    deepStrictEqual(
      [activities, children, tasks, timers, unprocessed].map(({ size }) => size),
      [0, 0, 0, 0, 0],
    );
    strictEqual(this.actors.openChildOf(this.actors.executionId), undefined);
  }
}

/** A run that has begun. */
export function started(definition: Json, input: Json = {}, options: RunOptions = {}): ExecutionRun {
  return new ExecutionRun(definition, options).start(input);
}

/** A machine of one state, `S`, with others beside it. */
export function oneState(state: JsonObject, others: JsonObject = {}): JsonObject {
  return { StartAt: "S", States: { S: state, ...others } };
}

/** As JSON would bring it back: a payload that JSON cannot hold shows as a difference. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
