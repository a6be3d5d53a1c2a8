/** The turn: an outside command, and all that follows from it inside one execution. */
import {
  type Command,
  type CompleteExecutionCommand,
  type Event,
  isCommand,
  isEvent,
  payloadFieldsOf,
  type Rejection,
  rejectionOf,
  type Turn,
  type TurnRecord,
} from "../src/protocol/mod.ts";
import { type Json, type Limits, payloadBytes } from "../src/values/mod.ts";
import type { Decision, ExecutionView } from "./actor.ts";
import { ActorsView, type TurnSurroundings } from "./actors_view.ts";
import { decide } from "./decide.ts";
import { decideStartExecution } from "./execution/decide_execution.ts";
import type { ExecutionActors } from "./execution_actors.ts";

/** What came of a turn: the actors have taken it in already. */
export interface TurnOutcome {
  /** `undefined` when the outside command was rejected and nothing else happened: there is nothing to write. */
  readonly turn: Omit<Turn, "timestamp"> | undefined;
  /** Events of the turn, in order. */
  readonly events: readonly Event[];
  /** Why the outside command itself came to nothing. */
  readonly rejection: Rejection | undefined;
}

/** Rough size of a record without its payloads, bytes. */
const RECORD_BYTES = 250;

/**
 * Collects a turn's records and knows when it has grown too long. A command counts from when it is queued: those that the turn
 * does not take up are written as well, and all must fit into one log entry.
 */
class TurnWriter {
  readonly records: TurnRecord[] = [];
  readonly carried: [number, number][] = [];
  readonly events: Event[] = [];
  readonly #seen = new Set<Json>();
  #bytes = 0;

  /** A command that was counted when it was queued. */
  addCommand(command: Command): void {
    this.records.push(command);
  }

  addTakenUp({ type: command }: Command): void {
    this.records.push({ type: "TakenUpCommand", command });
  }

  addOutcome(record: Event | Rejection, carriedOrdinal: number | undefined): void {
    if (carriedOrdinal !== undefined) this.carried.push([this.records.length, carriedOrdinal]);
    this.records.push(record);
    this.count(record);
  }

  count(record: TurnRecord): void {
    this.#bytes += RECORD_BYTES;
    const fields: { readonly [field: string]: unknown } = record;
    for (const field of payloadFieldsOf(record.type)) {
      const payload = fields[field] as Json | undefined;
      if (typeof payload !== "object" || payload === null || this.#seen.has(payload)) continue;
      this.#seen.add(payload);
      this.#bytes += payloadBytes(payload);
    }
  }

  isFull(limits: Limits): boolean {
    return this.records.length >= limits.turnRecordsMax || this.#bytes >= limits.turnBytesMax;
  }
}

/** Decides one turn and applies it. `command` absent: takes up what earlier turns left. */
export function runTurn(
  actors: ExecutionActors,
  surroundings: TurnSurroundings,
  command: Command | undefined,
): TurnOutcome {
  const view = new ActorsView(actors, surroundings);
  const writer = new TurnWriter();
  const queue: { command: Command; carriedOrdinal?: number }[] = [];
  for (const [carriedOrdinal, carried] of actors.unprocessed) queue.push({ command: carried, carriedOrdinal });
  const enqueue = (command: Command): void => {
    writer.count(command);
    queue.push({ command });
  };
  if (command !== undefined) enqueue(command);
  let rejection: Rejection | undefined;
  let next = 0;
  let limitReached = false;
  const isFull = () => writer.isFull(surroundings.limits) || view.meter.steps >= surroundings.limits.turnStepsMax;
  while (next < queue.length && (next === 0 || !isFull())) {
    const entry = queue[next++];
    if (entry === undefined) break;
    const decision = decideOne(view, actors, surroundings, entry.command);
    if ("rejection" in decision && entry.command === command) {
      rejection = decision.rejection;
      if (queue.length === 1) return { turn: undefined, events: [], rejection };
    }
    take(actors, writer, entry, decision, entry.command === command);
    if ("commands" in decision) decision.commands.forEach(enqueue);
    if (!limitReached && historyIsFull(actors, surroundings.limits)) {
      limitReached = true;
      queue.splice(next, 0, { command: historyLimitReached(actors, surroundings.limits) });
    }
  }
  leave(actors, writer, queue.slice(next));
  actors.turnCount += 1;
  const turn = {
    subject: actors.executionId,
    sequence: actors.turnCount,
    atEpochMs: surroundings.draws.nowEpochMs,
    records: writer.records,
    ...(writer.carried.length === 0 ? {} : { carried: writer.carried }),
  };
  return { turn, events: writer.events, rejection };
}

function decideOne(
  view: ExecutionView,
  actors: ExecutionActors,
  { machine, draws }: TurnSurroundings,
  command: Command,
): Decision {
  if (command.type !== "StartExecutionCommand") return decide(view, actors.timers, command);
  return actors.eventCount === 0 ? decideStartExecution(machine, draws, command) : {
    rejection: rejectionOf(command, "AlreadyExists", `Expected "${command.executionId}" to be new, but it exists`),
  };
}

function take(
  actors: ExecutionActors,
  writer: TurnWriter,
  entry: { readonly command: Command; readonly carriedOrdinal?: number },
  decision: Decision,
  isOutside: boolean,
): void {
  const { command, carriedOrdinal } = entry;
  if (carriedOrdinal === undefined) {
    actors.commandCount += 1;
    // What was wished from outside, or in vain, is told in whole.
    if (isOutside || "rejection" in decision) writer.addCommand(command);
    else writer.addTakenUp(command);
  } else {
    actors.unprocessed.delete(carriedOrdinal);
  }
  if ("rejection" in decision) return writer.addOutcome(decision.rejection, carriedOrdinal);
  for (const event of decision.events) {
    actors.apply(event);
    writer.events.push(event);
    writer.addOutcome(event, carriedOrdinal);
  }
}

/** Writes the commands that this turn does not take up any more: the next one begins with them. */
function leave(
  actors: ExecutionActors,
  writer: TurnWriter,
  rest: readonly { readonly command: Command; readonly carriedOrdinal?: number }[],
): void {
  for (const { command, carriedOrdinal } of rest) {
    if (carriedOrdinal !== undefined) continue;
    actors.commandCount += 1;
    writer.addCommand(command);
    actors.unprocessed.set(actors.commandCount, command);
  }
}

function historyIsFull(actors: ExecutionActors, limits: Limits): boolean {
  return actors.historyCount >= limits.historyEventsMax - 1 && actors.execution.value === "Running";
}

function historyLimitReached(actors: ExecutionActors, limits: Limits): CompleteExecutionCommand {
  return {
    type: "CompleteExecutionCommand",
    version: 1,
    executionId: actors.executionId,
    status: "Failed",
    reason: "States.Runtime",
    message: `The execution reached the maximum number of history events (${limits.historyEventsMax}).`,
  };
}

/** Takes in a turn read back from the log: its events alone are applied, nothing is decided. */
export function replayTurn(actors: ExecutionActors, turn: Turn): readonly Event[] {
  const carried = new Map(turn.carried);
  const events: Event[] = [];
  turn.records.forEach((record, index) => {
    if (record.type === "TakenUpCommand") {
      actors.commandCount += 1;
      return;
    }
    if (isCommand(record)) {
      actors.commandCount += 1;
      actors.unprocessed.set(actors.commandCount, record);
      return;
    }
    actors.unprocessed.delete(carried.get(index) ?? actors.commandCount);
    if (!isEvent(record)) return;
    actors.apply(record);
    events.push(record);
  });
  actors.turnCount = turn.sequence;
  return events;
}
