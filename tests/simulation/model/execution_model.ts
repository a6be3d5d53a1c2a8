/** One execution as its log tells it: replayed cold, turn by turn, and checked on the way. */
import { ExecutionActors, keptActors, replayTurn } from "../../../actors/mod.ts";
import { type Event, isEvent, type Turn } from "../../../src/protocol/mod.ts";
import { canonicalJson, type ExecutionId, type Json } from "../../../src/values/mod.ts";
import type { Invariant } from "../checks/violation.ts";
import type { ScopeJson } from "../reference/definition.ts";
import { CommandLedger } from "./command_ledger.ts";
import { DeadlineRules } from "./deadline_rules.ts";
import { EventRules } from "./event_rules.ts";
import { RunTree } from "./run_tree.ts";

type Of<Type extends Event["type"]> = Extract<Event, { type: Type }>;

/** What outsiders may see of an execution after a turn. */
export interface ExecutionView {
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

/** A turn of the execution, and how it stood after it. */
export interface TurnModel {
  readonly sequence: number;
  readonly atEpochMs: number;
  readonly events: readonly Event[];
  /** Number of its first event, 1-based. */
  readonly firstEventId: number;
  /** JSON of what is kept of its actors. */
  readonly kept: string;
  readonly view: ExecutionView;
  /** Canonical JSON of the view. */
  readonly viewText: string;
  readonly dueAt: number | undefined;
  readonly needsAttention: boolean;
  readonly hasEnded: boolean;
  /** The feed has told of it. */
  isFed: boolean;
}

export class ExecutionModel {
  readonly id: ExecutionId;
  readonly partition: number;
  readonly actors = new ExecutionActors();
  readonly turns: TurnModel[] = [];
  readonly tree = new RunTree();
  readonly rules = new EventRules();
  readonly #deadlines = new DeadlineRules();
  readonly commands = new CommandLedger();
  eventCount = 0;
  started: Of<"ExecutionStartedEvent"> | undefined;
  ended: Of<"ExecutionCompletedEvent"> | undefined;
  /** Tasks by id, as created. */
  readonly tasks = new Map<string, Of<"TaskCreatedEvent">>();
  readonly taskEnds = new Map<string, Event>();
  /** Tasks that end once their children are reclaimed. */
  readonly reclaimed = new Set<string>();
  /** Tasks of which it is known that a worker took them up. */
  readonly activated = new Set<string>();
  #view: ExecutionView = { status: "Absent", startedAt: "" };
  readonly #violate: (invariant: Invariant, message: string) => void;

  readonly #definition: (hash: string) => ScopeJson | undefined;

  constructor(
    id: ExecutionId,
    partition: number,
    definition: (hash: string) => ScopeJson | undefined,
    violate: (invariant: Invariant, message: string) => void,
  ) {
    this.id = id;
    this.partition = partition;
    this.#definition = definition;
    this.#violate = (invariant, message) => violate(invariant, `${message} (execution "${id}")`);
  }

  /** What ran before goes on: it is not what the definition says of one run. */
  wasRedriven = false;

  get isEnded(): boolean {
    return this.ended !== undefined;
  }

  get isDeleted(): boolean {
    return this.rules.status === "Deleting";
  }

  take(turn: Turn, sequence: number): void {
    if (turn.sequence !== this.turns.length + 1) {
      this.#violate("history", `Turn ${turn.sequence} follows turn ${this.turns.length}`);
      return;
    }
    const wrong = this.commands.take(turn);
    if (wrong !== undefined) this.#violate("oneOutcome", wrong);
    const events = turn.records.filter(isEvent);
    const firstEventId = this.eventCount + 1;
    for (const event of events) this.#takeEvent(event, turn.atEpochMs);
    try {
      replayTurn(this.actors, turn);
    } catch (defect) {
      this.#violate("replayEqualsLive", `Turn ${turn.sequence} cannot be replayed: ${String(defect)}`);
      return;
    }
    let dueAt: number | undefined;
    for (const deadline of this.actors.timers.values()) if (dueAt === undefined || deadline < dueAt) dueAt = deadline;
    const before = this.turns.at(-1);
    this.turns.push({
      sequence,
      atEpochMs: turn.atEpochMs,
      events,
      firstEventId,
      kept: JSON.stringify(keptActors(this.actors)),
      view: this.#view,
      viewText: before?.view === this.#view ? before.viewText : canonicalJson({ ...this.#view }),
      dueAt,
      needsAttention: this.actors.tasks.size > 0 || this.actors.unprocessed.size > 0,
      hasEnded: this.isEnded,
      isFed: false,
    });
  }

  #takeEvent(event: Event, atEpochMs: number): void {
    this.eventCount += 1;
    const broken = this.rules.take(event, atEpochMs);
    if (broken !== undefined) this.#violate(broken.invariant, broken.message);
    this.tree.take(event, atEpochMs);
    this.#takeView(event, atEpochMs);
    const late = this.#deadlines.take(event, atEpochMs, () => this.#machine?.TimeoutSeconds);
    if (late !== undefined) this.#violate(late.invariant, late.message);
    if (event.type === "TaskCreatedEvent") this.tasks.set(event.taskId, event);
    else if (event.type === "TaskActivatedEvent") this.activated.add(event.taskId);
    else if (event.type === "TaskReclaimingEvent") this.reclaimed.add(event.taskId);
    else if (
      event.type === "TaskCompletedEvent" || event.type === "TaskFailedEvent" || event.type === "TaskTimedOutEvent" ||
      event.type === "TaskCanceledEvent"
    ) this.taskEnds.set(event.taskId, event);
  }

  get #machine(): ScopeJson | undefined {
    return this.#definition(this.started?.definitionHash ?? "");
  }

  #takeView(event: Event, atEpochMs: number): void {
    const become = (status: string): void => void (this.#view = { ...this.#view, status });
    switch (event.type) {
      case "ExecutionStartedEvent":
        this.started = event;
        this.#view = { status: event.status, startedAt: new Date(atEpochMs).toISOString() };
        return;
      case "ExecutionRunningEvent":
        return become("Running");
      case "ExecutionCompletingEvent":
        return become("Completing");
      case "ExecutionCancelingEvent":
        return become("Canceling");
      case "ExecutionRedrivenEvent":
        this.ended = undefined;
        this.wasRedriven = true;
        this.#view = { status: "Running", startedAt: this.#view.startedAt };
        return;
      case "ExecutionDeletingEvent":
        return become("Deleting");
      case "ExecutionCompletedEvent":
        this.ended = event;
        this.#view = {
          status: event.status,
          startedAt: this.#view.startedAt,
          endedAt: new Date(event.endedAtEpochMs).toISOString(),
          ...(event.output === undefined ? {} : { output: event.output }),
          ...(event.reason === undefined ? {} : { error: event.reason }),
          ...(event.message === undefined ? {} : { cause: event.message }),
        };
        return;
      default:
        return;
    }
  }
}
