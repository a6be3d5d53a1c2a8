/**
 * The deciding half of a partition: inputs in, turns into the open batch, effects into its list. Synchronous: what an input
 * needs has been loaded before.
 */
import { runTurn, type TurnOutcome } from "../../../actors/mod.ts";
import type { StateMachine } from "../../language/types.ts";
import type { Command, TurnRecord } from "../../protocol/mod.ts";
import {
  canonicalJson,
  type ExecutionId,
  executionId as makeExecutionId,
  present,
  sha256Hex,
  type WorkflowId,
  workflowId as makeWorkflowId,
} from "../../values/mod.ts";
import type { BatchLine } from "./batch_line.ts";
import { definitionRecords } from "./definitions/definition_parts.ts";
import { DefinitionSearch } from "./definitions/definition_search.ts";
import { decideResource } from "./decide_resource.ts";
import { asOfNow, type ExecutionAsOf, type HotExecution, isUnreadable, newHotExecution } from "./hot_execution.ts";
import type {
  CommandInput,
  PartitionInput,
  Refusal,
  ResourceInput,
  StartInput,
  WorkflowInput,
} from "./partition_input.ts";
import type { PartitionMemory } from "./partition_memory.ts";
import type { PartitionOptions } from "./partition_options.ts";
import { INDEX_INCOMPLETE, type Reader } from "./reads/reader.ts";
import { PartitionDraws } from "./turn_draws.ts";
import type { TurnEffects } from "./turn_effects.ts";

/** After so many defects in a row an execution is parked. */
const FAILURES_MAX = 3;

/** Takes inputs in order, decides them in memory, and puts their turns into batches. */
export class Decider {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  readonly #effects: TurnEffects;
  readonly #batches: BatchLine;
  readonly #reader: Reader;
  /** Puts an input at the end of the line. */
  readonly #again: (input: PartitionInput) => void;
  readonly #search: DefinitionSearch;
  /** What went wrong since somebody looked. */
  readonly defects: string[] = [];

  constructor(
    options: PartitionOptions,
    memory: PartitionMemory,
    batches: BatchLine,
    effects: TurnEffects,
    reader: Reader,
    again: (input: PartitionInput) => void,
  ) {
    this.#options = options;
    this.#memory = memory;
    this.#batches = batches;
    this.#effects = effects;
    this.#reader = reader;
    this.#again = again;
    this.#search = new DefinitionSearch({ options, memory, batches, reader, again });
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
      case "forgetDefinitions":
        return this.#search.begin(input);
      case "forgetUnused":
        return this.#search.end(input);
      default:
        return this.#reader.answer(input);
    }
  }

  #start(input: StartInput): void {
    const { space, workflow, options: { key }, reply } = input;
    const claim = key === undefined ? undefined : this.#memory.claimOf(space, key);
    const inputHash = key === undefined ? undefined : sha256Hex(`${workflow.name}\n${canonicalJson(input.input)}`);
    if (claim !== undefined) return this.#startAgain(input, claim, inputHash);
    if (key !== undefined && !this.#memory.isIndexComplete) return reply.refuse(INDEX_INCOMPLETE);
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
      ...input.options,
      ...present({ inputHash }),
    });
    if (decided === undefined) return reply.refuse(this.#memory.defectOf(executionId));
    this.#memory.add(hot);
    this.#answerStart(hot, input, false);
  }

  #startAgain(
    input: StartInput,
    { hot, inputHash }: { readonly hot: HotExecution; readonly inputHash: string },
    wantedHash: string | undefined,
  ): void {
    const { reply, options: { key } } = input;
    if (isUnreadable(hot)) return reply.refuse(this.#memory.defectOf(hot.id));
    if (inputHash !== wantedHash) {
      const message = `Key "${key}" belongs to execution "${hot.id}", which was started with another workflow or input`;
      return this.#batches.whenDurable(() => reply.refuse({ code: "AlreadyExists", message }), reply);
    }
    this.#answerStart(hot, input, true);
  }

  #answerStart(hot: HotExecution, { reply, untilEnded }: StartInput, isRepeat: boolean): void {
    const { value: status, context: { startedAtEpochMs } } = hot.actors.execution;
    const answered = { executionId: hot.id, status, startedAtEpochMs, isRepeat };
    if (!untilEnded) {
      const ended = hot.actors.hasEnded ? { ended: asOfNow(hot) } : {};
      return this.#batches.whenDurable(() => reply.succeed({ ...answered, ...ended }), reply);
    }
    let isDurable = false;
    if (!hot.actors.hasEnded) this.#batches.afterDurable(() => isDurable = true);
    const answer = (ended: ExecutionAsOf) => reply.succeed({ ...answered, status: ended.execution.value, ended });
    const refuse = (refusal: Refusal) => isDurable ? reply.succeed(answered) : reply.refuse(refusal);
    this.#reader.whenEnded(hot, { succeed: answer, refuse });
  }

  #command({ executionId, command, reply }: CommandInput): void {
    const hot = this.#reader.usable(executionId, reply);
    if (hot === undefined) return;
    // Who completes the index from the log would bring it back.
    if (command.type === "DeleteExecutionCommand" && !this.#memory.isIndexComplete) {
      return reply.refuse(INDEX_INCOMPLETE);
    }
    if (hot.actors.unprocessed.size > 0) {
      this.#continue(executionId);
      return this.#again({ kind: "command", executionId, command, reply });
    }
    const decided = this.#decide(hot, command);
    if (decided === undefined) return reply.refuse(this.#memory.defectOf(executionId));
    const { rejection } = decided;
    const now = asOfNow(hot);
    const over = rejection !== undefined && "taskId" in command && !hot.actors.tasks.has(command.taskId)
      ? command.taskId
      : undefined;
    this.#batches.whenDurable(() => {
      // Its message came once more, for nobody acknowledged it: it would come for ever.
      if (over !== undefined) this.#options.retract([{ taskId: over }]);
      if (rejection === undefined) reply.succeed(now);
      else reply.refuse({ code: rejection.reason, message: rejection.message });
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
      this.#options.meter.timerLate(now - deadlineEpochMs);
      this.#decide(hot, { type: "FireTimerCommand", version: 1, actorId, deadlineEpochMs });
      if (this.#memory.suspects.has(executionId)) return;
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
        return this.#batches.whenDurable(
          () => reply.refuse({ code: "NotFound", message: `Workflow "${workflowId}" does not exist` }),
          reply,
        );
      }
      const record = { type: "WorkflowDeletedEvent", version: 1, workflowId } as const;
      const command = { type: "DeleteWorkflowCommand", version: 1, workflowId } as const;
      this.#writeWorkflow(workflowId, [command, record]);
      return this.#batches.whenDurable(() => reply.succeed(before), reply);
    }
    if (before?.hash === put.hash) return this.#batches.whenDurable(() => reply.succeed(before), reply);
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
    this.#writeWorkflow(workflowId, [{ type: "PutWorkflowCommand", version: 1, workflowId, name, hash }, record]);
    const { type: _type, version: _version, ...workflow } = record;
    this.#batches.whenDurable(() => reply.succeed(workflow), reply);
  }

  /** What has become of a workflow is published once it is durable, before whoever wished it is told. */
  #writeWorkflow(workflowId: WorkflowId, records: readonly TurnRecord[]): void {
    const batch = this.#batches.writeRecords(records, workflowId);
    for (const record of records) this.#memory.apply(record, batch.sequence);
    const workflow = this.#memory.workflows.get(workflowId);
    batch.onDurable(() => this.#options.workflows.publish(workflowId, workflow));
  }

  #resource({ resourceId, wish, reply }: ResourceInput): void {
    const now = this.#options.clock.nowEpochMs();
    const decided = decideResource(resourceId, this.#memory.resources.get(resourceId), wish, now);
    if ("refusal" in decided) return this.#batches.whenDurable(() => reply.refuse(decided.refusal), reply);
    const { answer, records } = decided;
    if (records !== undefined) {
      const batch = this.#batches.writeRecords(records, resourceId);
      for (const record of records) this.#memory.apply(record, batch.sequence);
      const after = this.#memory.resources.get(resourceId);
      batch.onDurable(() => this.#options.led.publish(resourceId, after));
    }
    this.#batches.whenDurable(() => reply.succeed(answer), reply);
  }

  /** Writes a definition before its first use in this partition's log. */
  #addDefinition(hash: string, text: string): void {
    const { definitions } = this.#memory;
    definitions.noteUse(hash);
    if (definitions.has(hash)) return;
    for (const record of definitionRecords(hash, text)) {
      this.#memory.apply(record, this.#batches.writeRecords([record]).sequence);
    }
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
      const batch = this.#batches.write(turn);
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
    this.#memory.suspects.set(hot.id, why);
    if (hot.failures >= FAILURES_MAX) hot.parked = why;
  }
}

function spaceOfWorkflow(id: string) {
  const [, tenant = "", namespace = ""] = id.split("/");
  return { tenant, namespace };
}
