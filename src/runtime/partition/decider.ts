/**
 * The deciding half of a partition: inputs in, turns into the open batch, effects into its list. Synchronous: what an input
 * needs has been loaded before.
 */
import { Buffer } from "node:buffer";
import { runTurn, stateInScope, type TurnOutcome } from "../../../actors/mod.ts";
import type { StateMachine } from "../../language/types.ts";
import { type Command, encodeTurn, PARTITION_SUBJECT, type Turn, type TurnRecord } from "../../protocol/mod.ts";
import {
  asString,
  canonicalJson,
  type ExecutionId,
  executionId as makeExecutionId,
  present,
  sha256Hex,
  type Space,
  workflowId as makeWorkflowId,
} from "../../values/mod.ts";
import { definitionRecords } from "./definition_parts.ts";
import { decideResource } from "./decide_resource.ts";
import { asOfNow, type ExecutionAsOf, type HotExecution, newHotExecution } from "./hot_execution.ts";
import { OpenBatch } from "./open_batch.ts";
import type {
  CommandInput,
  KeyInput,
  PartitionInput,
  ReadInput,
  Refusal,
  Reply,
  ResourceInput,
  ResourcesInput,
  ScopeInput,
  StartInput,
  WorkflowInput,
} from "./partition_input.ts";
import { claimName, type PartitionMemory } from "./partition_memory.ts";
import type { PartitionOptions } from "./partition_options.ts";
import { PartitionDraws } from "./turn_draws.ts";
import type { TurnEffects } from "./turn_effects.ts";

/** Bytes of a batch's head lines, and what JSON escapes beyond ASCII may add: kept free below the log's entry limit. */
const ENTRY_RESERVE_BYTES = 1_024;
/** After so many defects in a row an execution is parked. */
const FAILURES_MAX = 3;
const indexIncomplete: Refusal = {
  code: "Unavailable",
  message: "This node's store is being completed from the log: ask again",
};
const notFound = (id: string): Refusal => ({ code: "NotFound", message: `Execution "${id}" does not exist` });

/** Takes inputs in order, decides them in memory, and puts their turns into batches. */
export class Decider {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  readonly #effects: TurnEffects;
  /** Batches that wait for the one in flight, oldest first; the last one is open. */
  readonly waiting: OpenBatch[] = [];
  inFlight: OpenBatch | undefined;
  /** Puts an input at the end of the line. */
  readonly #again: (input: PartitionInput) => void;
  readonly #isIndexComplete: () => boolean;
  /** Executions whose memory may not be trusted: their id, and why. */
  readonly suspects = new Map<ExecutionId, string>();
  /** What went wrong since somebody looked. */
  readonly defects: string[] = [];

  constructor(
    options: PartitionOptions,
    memory: PartitionMemory,
    effects: TurnEffects,
    again: (input: PartitionInput) => void,
    isIndexComplete: () => boolean,
  ) {
    this.#isIndexComplete = isIndexComplete;
    this.#options = options;
    this.#memory = memory;
    this.#effects = effects;
    this.#again = again;
  }

  /** Decides one input. A defect outside of an execution's turn costs this input alone. */
  process(input: PartitionInput): void {
    try {
      this.#process(input);
    } catch (defect) {
      const message = defect instanceof Error ? defect.message : String(defect);
      this.defects.push(`${input.kind}: ${message}`);
      if ("reply" in input) input.reply.refuse({ code: "Internal", message });
    }
  }

  #process(input: PartitionInput): void {
    switch (input.kind) {
      case "start":
        return this.#start(input);
      case "command":
        return this.#command(input);
      case "read":
        return this.#read(input);
      case "scope":
        return this.#scope(input);
      case "barrier":
        return this.#whenDurable(() => input.reply.succeed(), input.reply);
      case "timers":
        return this.#timers(input.executionId);
      case "continue":
        return this.#continue(input.executionId);
      case "redispatch":
        return;
      case "workflow":
        return this.#workflow(input);
      case "resource":
        return this.#resource(input);
      case "resources":
        return this.#resources(input);
      case "key":
        return this.#key(input);
      default:
        return input satisfies never;
    }
  }

  /** A turn of the partition itself. */
  writePartitionTurn(records: readonly TurnRecord[]): OpenBatch {
    return this.#write({
      subject: PARTITION_SUBJECT,
      sequence: 0,
      atEpochMs: this.#options.clock.nowEpochMs(),
      records,
    });
  }

  #start(input: StartInput): void {
    const { space, workflow, key, reply } = input;
    const claim = key === undefined ? undefined : this.#claimOf(space, key);
    const inputHash = key === undefined ? undefined : sha256Hex(`${workflow.name}\n${canonicalJson(input.input)}`);
    if (claim !== undefined) return this.#startAgain(input, claim, inputHash);
    if (key !== undefined && !this.#isIndexComplete()) return reply.refuse(indexIncomplete);
    const executionId = makeExecutionId(space, input.hash, this.#options.hlc.tick());
    const hot = newHotExecution(executionId);
    const machine = this.#options.definitions.add(workflow.hash, input.definitionText);
    this.#addDefinition(workflow.hash, input.definitionText);
    const decided = this.#turn(hot, machine, {
      type: "StartExecutionCommand",
      version: 1,
      executionId,
      workflowId: workflow.workflowId,
      workflow: workflow.name,
      revision: workflow.revision,
      definitionHash: workflow.hash,
      input: input.input,
      ...(key === undefined || inputHash === undefined ? {} : { key, inputHash }),
      ...present({
        startAtEpochMs: input.startAtEpochMs,
        shownAs: input.shownAs,
        secondsMax: input.secondsMax,
        mapRun: input.mapRun,
      }),
    });
    if (decided === undefined) return reply.refuse(this.#defectOf(executionId));
    this.#memory.add(hot);
    this.#answerStart(hot, input, false);
  }

  /** The execution that has a key. One that has been deleted has it no more, though it is in memory still. */
  #claimOf(space: Space, key: string): { readonly hot: HotExecution; readonly inputHash: string } | undefined {
    const claim = this.#memory.claims.get(claimName(space, key));
    const hot = claim === undefined ? undefined : this.#memory.execution(claim.executionId);
    if (claim === undefined || hot === undefined) return undefined;
    if (hot.actors.execution.value === "Deleting" && !hot.isSuspect) return undefined;
    return { hot, inputHash: claim.inputHash };
  }

  #startAgain(
    input: StartInput,
    { hot, inputHash }: { readonly hot: HotExecution; readonly inputHash: string },
    wantedHash: string | undefined,
  ): void {
    const { reply, key } = input;
    if (isUnreadable(hot)) return reply.refuse(this.#defectOf(hot.id));
    if (inputHash !== wantedHash) {
      const message = `Key "${key}" belongs to execution "${hot.id}", which was started with another workflow or input`;
      return this.#whenDurable(() => reply.refuse({ code: "AlreadyExists", message }), reply);
    }
    this.#answerStart(hot, input, true);
  }

  #answerStart(hot: HotExecution, { reply, untilEnded }: StartInput, isRepeat: boolean): void {
    const { value: status, context: { startedAtEpochMs } } = hot.actors.execution;
    const answered = { executionId: hot.id, status, startedAtEpochMs, isRepeat };
    if (!untilEnded) {
      const ended = hot.actors.hasEnded ? { ended: asOfNow(hot) } : {};
      return this.#whenDurable(() => reply.succeed({ ...answered, ...ended }), reply);
    }
    const answer = (ended: ExecutionAsOf) =>
      reply.succeed({ ...answered, status: ended.actors.execution.value, ended });
    this.#whenEnded(hot, { succeed: answer, refuse: reply.refuse });
  }

  /** Answers when the end of the execution is durable, be it decided already or still to come. */
  #whenEnded(hot: HotExecution, reply: Reply<ExecutionAsOf>): void {
    if (!hot.actors.hasEnded) return this.#effects.whenEnded(hot.id, reply);
    const now = asOfNow(hot);
    this.#whenDurable(() => reply.succeed(now), reply);
  }

  #command({ executionId, command, reply }: CommandInput): void {
    const hot = this.#usable(executionId, reply);
    if (hot === undefined) return;
    // Who completes the index from the log would bring it back.
    if (command.type === "DeleteExecutionCommand" && !this.#isIndexComplete()) return reply.refuse(indexIncomplete);
    if (hot.actors.unprocessed.size > 0) {
      this.#continue(executionId);
      return this.#again({ kind: "command", executionId, command, reply });
    }
    const decided = this.#decide(hot, command);
    if (decided === undefined) return reply.refuse(this.#defectOf(executionId));
    const { rejection } = decided;
    const now = asOfNow(hot);
    this.#whenDurable(() => {
      if (rejection === undefined) reply.succeed(now);
      else reply.refuse({ code: rejection.reason, message: rejection.message });
    }, reply);
  }

  #read({ executionId, untilEnded, reply }: ReadInput): void {
    const hot = this.#memory.execution(executionId);
    if (hot === undefined) return this.#whenDurable(() => reply.refuse(this.#missing(executionId)), reply);
    if (isUnreadable(hot)) return reply.refuse(this.#defectOf(executionId));
    if (untilEnded) return this.#whenEnded(hot, reply);
    const now = asOfNow(hot);
    this.#whenDurable(() => reply.succeed(now), reply);
  }

  #scope({ executionId, activityId, reply }: ScopeInput): void {
    const hot = this.#usable(executionId, reply);
    if (hot === undefined) return;
    const { limits, definitions } = this.#options;
    const machine = definitions.get(hot.actors.execution.context.definitionHash);
    const found = machine === undefined
      ? undefined
      : stateInScope(hot.actors, { machine, limits, draws: new PartitionDraws(this.#options) }, activityId);
    this.#whenDurable(() => {
      if (found !== undefined) reply.succeed(found);
      else {reply.refuse({
          code: "InvalidStatus",
          message: `Expected activity "${activityId}" to run, but it has ended`,
        });}
    }, reply);
  }

  #timers(executionId: ExecutionId): void {
    const hot = this.#memory.execution(executionId);
    if (hot === undefined || hot.parked !== undefined || hot.isSuspect) return;
    if (hot.actors.unprocessed.size > 0) {
      this.#continue(executionId);
      return this.#again({ kind: "timers", executionId });
    }
    const now = this.#options.clock.nowEpochMs();
    for (const [actorId, deadlineEpochMs] of [...hot.actors.timers]) {
      if (deadlineEpochMs > now || hot.actors.timers.get(actorId) !== deadlineEpochMs) continue;
      if (hot.actors.unprocessed.size > 0) return this.#again({ kind: "timers", executionId });
      this.#decide(hot, { type: "FireTimerCommand", version: 1, actorId, deadlineEpochMs });
      if (this.suspects.has(executionId)) return;
    }
    this.#effects.armTimer(hot);
  }

  #continue(executionId: ExecutionId): void {
    const hot = this.#memory.execution(executionId);
    if (hot === undefined || hot.parked !== undefined || hot.isSuspect) return;
    if (hot.actors.unprocessed.size === 0) return;
    this.#decide(hot, undefined);
  }

  #workflow({ workflowId, put, reply }: WorkflowInput): void {
    const before = this.#memory.workflows.get(workflowId);
    const now = this.#options.clock.nowEpochMs();
    if (put === undefined) {
      if (before === undefined) {
        return this.#whenDurable(
          () => reply.refuse({ code: "NotFound", message: `Workflow "${workflowId}" does not exist` }),
          reply,
        );
      }
      const record = { type: "WorkflowDeletedEvent", version: 1, workflowId } as const;
      const command = { type: "DeleteWorkflowCommand", version: 1, workflowId } as const;
      const { sequence } = this.#write({
        subject: workflowId,
        sequence: 0,
        atEpochMs: now,
        records: [command, record],
      });
      this.#memory.applyWorkflow(record, sequence);
      return this.#whenDurable(() => reply.succeed(before), reply);
    }
    if (before?.hash === put.hash) return this.#whenDurable(() => reply.succeed(before), reply);
    const { name, hash, definitionText } = put;
    const record = {
      type: "WorkflowPutEvent",
      version: 1,
      workflowId: makeWorkflowId(spaceOfWorkflow(workflowId), name),
      name,
      revision: (before?.revision ?? 0) + 1,
      hash,
      createdAtEpochMs: before?.createdAtEpochMs ?? now,
      updatedAtEpochMs: now,
    } as const;
    this.#addDefinition(hash, definitionText);
    const { sequence } = this.#write({
      subject: workflowId,
      sequence: 0,
      atEpochMs: now,
      records: [{ type: "PutWorkflowCommand", version: 1, workflowId, name, hash }, record],
    });
    this.#memory.applyWorkflow(record, sequence);
    const { type: _type, version: _version, ...workflow } = record;
    this.#whenDurable(() => reply.succeed(workflow), reply);
  }

  #resource({ resourceId, wish, reply }: ResourceInput): void {
    const now = this.#options.clock.nowEpochMs();
    const decided = decideResource(resourceId, this.#memory.resources.get(resourceId), wish, now);
    if ("refusal" in decided) return this.#whenDurable(() => reply.refuse(decided.refusal), reply);
    const { answer, records } = decided;
    if (records !== undefined) {
      const { sequence } = this.#write({ subject: resourceId, sequence: 0, atEpochMs: now, records });
      for (const record of records) this.#memory.applyResource(record, sequence);
    }
    this.#whenDurable(() => reply.succeed(answer), reply);
  }

  #resources({ fits, reply }: ResourcesInput): void {
    const found = [...this.#memory.resources.values()].filter(({ resourceId }) => fits(resourceId));
    this.#whenDurable(() => reply.succeed(found), reply);
  }

  #key({ space, key, reply }: KeyInput): void {
    const claim = this.#claimOf(space, key);
    this.#whenDurable(() => {
      if (claim?.hot.isSuspect === true) reply.refuse(this.#defectOf(claim.hot.id));
      else if (claim !== undefined) reply.succeed(claim.hot.id);
      else if (!this.#isIndexComplete()) reply.refuse(indexIncomplete);
      else reply.refuse({ code: "NotFound", message: `No execution has the key "${key}"` });
    }, reply);
  }

  /** Writes a definition before its first use in this partition's log. */
  #addDefinition(hash: string, text: string): void {
    if (this.#memory.definitions.has(hash)) return;
    for (const record of definitionRecords(hash, text)) {
      this.#memory.addDefinition(record, this.writePartitionTurn([record]).sequence);
    }
  }

  /** The execution, if it takes commands; else the caller is told why not. */
  #usable(executionId: ExecutionId, reply: Pick<Reply<never>, "refuse">): HotExecution | undefined {
    const hot = this.#memory.execution(executionId);
    if (hot === undefined) {
      this.#whenDurable(() => reply.refuse(this.#missing(executionId)), reply);
      return undefined;
    }
    if (hot.parked === undefined && !this.suspects.has(executionId)) return hot;
    reply.refuse(this.#defectOf(executionId));
    return undefined;
  }

  #missing(executionId: ExecutionId): Refusal {
    return this.#isIndexComplete() ? notFound(executionId) : indexIncomplete;
  }

  #defectOf(executionId: ExecutionId): Refusal {
    const why = this.#memory.hot.get(executionId)?.parked ?? this.suspects.get(executionId) ?? "a defect";
    return { code: "Unavailable", message: `Execution "${executionId}" cannot go on: ${why}` };
  }

  #decide(hot: HotExecution, command: Command | undefined): TurnOutcome | undefined {
    const machine = this.#options.definitions.get(hot.actors.execution.context.definitionHash);
    if (machine === undefined) {
      this.#suspect(hot, `its definition ${hot.actors.execution.context.definitionHash} is not loaded`);
      return undefined;
    }
    return this.#turn(hot, machine, command);
  }

  /** One turn of one execution. A defect in it stops this execution alone: `undefined`, and the execution is suspect. */
  #turn(hot: HotExecution, machine: StateMachine, command: Command | undefined): TurnOutcome | undefined {
    const { limits } = this.#options;
    const draws = new PartitionDraws(this.#options);
    try {
      const outcome = runTurn(hot.actors, { machine, limits, draws }, command);
      const { turn } = outcome;
      if (turn === undefined) return outcome;
      const batch = this.#write(turn);
      this.#memory.noteTurn(hot, batch.sequence, outcome.events);
      hot.failures = 0;
      this.#effects.afterTurn(batch, hot, turn, outcome.events);
      if (hot.actors.unprocessed.size > 0) this.#again({ kind: "continue", executionId: hot.id });
      return outcome;
    } catch (defect) {
      this.#suspect(hot, defect instanceof Error ? defect.message : String(defect));
      return undefined;
    }
  }

  /** Its memory may be half changed: it is put aside until the log tells how it really stands. */
  #suspect(hot: HotExecution, why: string): void {
    hot.failures += 1;
    hot.isSuspect = true;
    this.suspects.set(hot.id, why);
    if (hot.failures >= FAILURES_MAX) hot.parked = why;
  }

  #write(turn: Omit<Turn, "timestamp">): OpenBatch {
    const line = encodeTurn({ ...turn, timestamp: asString(this.#options.hlc.last) });
    const bytes = Buffer.byteLength(line);
    const { entryBytesMax } = this.#options.log;
    if (bytes + ENTRY_RESERVE_BYTES > entryBytesMax) {
      throw new RangeError(`A turn of ${bytes} bytes does not fit into a log entry of ${entryBytesMax} bytes`);
    }
    const batch = this.#batchFor(bytes);
    batch.add(line, bytes);
    return batch;
  }

  #batchFor(bytes: number): OpenBatch {
    const open = this.waiting.at(-1);
    const { batchBytesMax } = this.#options.limits;
    if (open !== undefined && (open.bytes === 0 || open.bytes + bytes <= batchBytesMax)) return open;
    this.#memory.lastSequence += 1;
    const batch = new OpenBatch(this.#memory.lastSequence);
    this.waiting.push(batch);
    return batch;
  }

  /** Runs an effect when all that has been decided is durable; if that is lost, never. */
  afterDurable(effect: () => void): void {
    const last = this.waiting.at(-1) ?? this.inFlight;
    if (last === undefined) effect();
    else last.onDurable(effect);
  }

  /** Runs `answer` when all that has been decided is durable; if that is lost, the caller learns that the outcome is unknown. */
  #whenDurable(answer: () => void, reply: Pick<Reply<never>, "refuse">): void {
    const last = this.waiting.at(-1) ?? this.inFlight;
    if (last === undefined) return answer();
    last.onDurable(answer);
    last.onLost((reason) => reply.refuse({ code: "Unavailable", message: reason }));
  }
}

/** The store could not give it back, or it has not been built anew yet: nothing is known of it. */
function isUnreadable({ parked, actors, isSuspect }: HotExecution): boolean {
  return isSuspect || (parked !== undefined && actors.eventCount === 0);
}

function spaceOfWorkflow(id: string) {
  const [, tenant = "", namespace = ""] = id.split("/");
  return { tenant, namespace };
}
