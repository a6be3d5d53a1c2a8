/** The loading half of a partition: what inputs need and memory lacks, from the local store and the log. */
import { Effect, Result } from "effect";
import type { Batch, RedriveExecutionCommand } from "../../protocol/mod.ts";
import { replayTurn } from "../../../actors/mod.ts";
import { LogDamaged, type LogEntry, LogUnavailable, type LogUnreadable } from "../../log/port.ts";
import type { StorageUnavailable } from "../../storage/port.ts";
import { type ExecutionId, parseExecutionId, type Space } from "../../values/mod.ts";
import { isForeign } from "./entry_trust.ts";
import { type HotExecution, newHotExecution, restoredExecution } from "./hot_execution.ts";
import type { PartitionInput } from "./partition_input.ts";
import { claimName, type PartitionMemory } from "./partition_memory.ts";
import type { PartitionOptions } from "./partition_options.ts";
import { lacksCarried } from "./trim/carried_history.ts";
import { historyLost, type PlacedTurn } from "./trim/history_rows.ts";

/** Entries read at a time. */
const PAGE_ENTRIES = 256;

/** Brings into memory what inputs speak of. */
export class Loader {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;

  constructor(options: PartitionOptions, memory: PartitionMemory) {
    this.#options = options;
    this.#memory = memory;
  }

  /** Loads what these inputs speak of, and pins it: no checkpoint evicts it before it is decided. Costs nothing when memory has it all. */
  load(inputs: readonly PartitionInput[]): Effect.Effect<void, StorageUnavailable> {
    this.#memory.pinned.clear();
    const ids = new Set<ExecutionId>();
    const keys = new Map<string, Space & { readonly key: string }>();
    for (const input of inputs) {
      if (input.kind === "start" || input.kind === "key") {
        const key = input.kind === "start" ? input.options.key : input.key;
        if (key === undefined) continue;
        const name = claimName(input.space, key);
        const claim = this.#memory.claims.get(name);
        if (claim === undefined) keys.set(name, { ...input.space, key });
        else this.#pin(claim.executionId, ids);
      } else if ("executionId" in input) this.#pin(input.executionId, ids);
    }
    if (keys.size === 0) return ids.size === 0 ? Effect.void : this.loadExecutions([...ids]);
    return this.#loadClaims(keys, ids);
  }

  #pin(id: ExecutionId, missing: Set<ExecutionId>): void {
    this.#memory.pinned.add(id);
    if (!this.#memory.hot.has(id)) missing.add(id);
  }

  #loadClaims(keys: ReadonlyMap<string, Space & { readonly key: string }>, ids: Set<ExecutionId>) {
    const memory = this.#memory;
    return Effect.flatMap(this.#options.store.loadKeys([...keys.values()]), (claims) => {
      [...keys.keys()].forEach((name, index) => {
        const claim = claims[index];
        if (claim === undefined || memory.claims.has(name)) return;
        memory.claims.set(name, claim);
        this.#pin(claim.executionId, ids);
      });
      return ids.size === 0 ? Effect.void : this.loadExecutions([...ids]);
    });
  }

  /** Brings executions that left memory back, as far as the store has them, with their definitions. */
  loadExecutions(ids: readonly ExecutionId[]): Effect.Effect<void, StorageUnavailable> {
    const memory = this.#memory;
    return Effect.flatMap(this.#options.store.loadExecutions(ids), (keptOnes) => {
      const missing = new Set<string>();
      const unreadable: HotExecution[] = [];
      ids.forEach((id, index) => {
        const kept = keptOnes[index];
        if (kept === undefined || memory.hot.has(id)) return;
        const restored = restoredExecution(id, kept);
        const hot = Result.isSuccess(restored)
          ? restored.success
          : { ...newHotExecution(id), parked: restored.failure };
        if (Result.isFailure(restored)) unreadable.push(hot);
        memory.add(hot);
        memory.claim(hot);
        const { definitionHash } = hot.actors.execution.context;
        if (!hot.actors.hasEnded && this.#options.definitions.get(definitionHash) === undefined) {
          missing.add(definitionHash);
        }
      });
      const told = unreadable.length === 0 ? Effect.void : this.#tellParked(unreadable);
      return missing.size === 0 ? told : Effect.andThen(told, this.loadDefinitions([...missing]));
    });
  }

  #tellParked(parked: readonly HotExecution[]): Effect.Effect<void> {
    const { partition } = this.#options;
    return Effect.forEach(
      parked,
      ({ id, parked: why }) =>
        Effect.annotateLogs(Effect.logError("An execution is parked: an operator must look"), {
          partition,
          executionId: id,
          why,
        }),
      { discard: true },
    );
  }

  /** Takes over what the store has of the partition as a whole. */
  loadShared(): Effect.Effect<void, StorageUnavailable> {
    const { store } = this.#options;
    const memory = this.#memory;
    return Effect.gen(function* () {
      memory.carriedThrough = yield* store.history.carriedThrough();
      for (const workflow of yield* store.loadWorkflows()) memory.workflows.set(workflow.workflowId, workflow);
      for (const resource of yield* store.loadResources()) memory.resources.set(resource.resourceId, resource);
      memory.definitions.restore({
        hashes: yield* store.loadDefinitionHashes(),
        kept: yield* store.loadKeptDefinitions(),
        revisions: [...yield* store.loadRevisions(), ...memory.workflows.values()],
      });
    });
  }

  /** Compiles definitions that are known here, from the store or from what is not in the store yet. */
  loadDefinitions(hashes: readonly string[]): Effect.Effect<void, StorageUnavailable> {
    const { definitions, store } = this.#options;
    return Effect.map(store.loadDefinitions(hashes), (texts) => {
      hashes.forEach((hash, index) => {
        const text = texts[index] ?? this.#memory.definitions.text(hash);
        if (text !== undefined) definitions.add(hash, text);
      });
    });
  }

  /** Definitions of executions in memory whose compiled form has been forgotten or was never made. */
  loadMissingDefinitions(hots: Iterable<HotExecution>): Effect.Effect<void, StorageUnavailable> {
    const missing = new Set<string>();
    for (const hot of hots) {
      const { definitionHash } = hot.actors.execution.context;
      if (hot.actors.eventCount === 0) continue;
      if (this.#options.definitions.get(definitionHash) === undefined) missing.add(definitionHash);
    }
    return missing.size === 0 ? Effect.void : this.loadDefinitions([...missing]);
  }

  /** Replays the log from behind what memory has, to its end. */
  replay(): Effect.Effect<void, LogUnavailable | LogUnreadable | StorageUnavailable> {
    const { log, partition, hlc } = this.#options;
    const memory = this.#memory;
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        const entries = yield* log.read(memory.lastSequence + 1, PAGE_ENTRIES);
        if (entries.length === 0) return yield* this.#tellParked(memory.parkOrphans());
        const { batches, passedOver } = yield* this.#judge(entries);
        // A checkpoint may be written at the same time: what these batches speak of stays in memory until they have been taken in.
        memory.pinned.clear();
        for (const id of executionsIn(batches.values())) memory.pinned.add(id);
        yield* this.loadExecutions([...memory.pinned].filter((id) => !memory.hot.has(id)));
        yield* this.#readRedriven([...batches.values()]);
        for (const [sequence, batch] of batches) {
          const replayed = memory.replay(batch, sequence, partition, hlc);
          if (Result.isFailure(replayed)) {
            return yield* Effect.fail(new LogDamaged({ partition, sequence, reason: replayed.failure }));
          }
        }
        memory.pinned.clear();
        // Also where the last of them is nobody's: what is appended next stands behind it.
        memory.lastSequence = Math.max(memory.lastSequence, entries.at(-1)?.sequence ?? 0);
        yield* this.#tellPassedOver(passedOver);
      }
    });
  }

  /** The batches among these entries, by sequence, and what is none of ours. */
  #judge(entries: readonly LogEntry[]) {
    const batches = new Map<number, Batch>();
    const passedOver: { readonly sequence: number; readonly why: string }[] = [];
    return Effect.gen({ self: this }, function* () {
      for (const entry of entries) {
        const judged = yield* Effect.fromResult(this.#options.trust.judge(entry));
        if (isForeign(judged)) passedOver.push({ sequence: entry.sequence, why: judged.foreign });
        else batches.set(entry.sequence, judged);
      }
      return { batches, passedOver };
    });
  }

  #tellPassedOver(entries: readonly { readonly sequence: number; readonly why: string }[]): Effect.Effect<void> {
    const { partition } = this.#options;
    return Effect.forEach(entries, ({ sequence, why }) =>
      Effect.annotateLogs(
        Effect.logError("ForeignEntry: somebody else has written into the log, and it was passed over: see who may"),
        { partition, sequence, why },
      ), { discard: true });
  }

  /** Executions that had ended before the snapshot from which the store was made, and go on since: read from the log. */
  #readRedriven(
    batches: readonly Batch[],
  ): Effect.Effect<void, LogUnavailable | LogUnreadable | StorageUnavailable> {
    const memory = this.#memory;
    return Effect.gen({ self: this }, function* () {
      for (const { executionId, turns } of redrivesIn(batches)) {
        if (memory.hot.has(executionId)) continue;
        const [oldest = 0] = turns;
        const { first } = yield* this.#options.log.bounds();
        // Deleted since, and trimmed away.
        if (oldest < first) continue;
        let sum = 0;
        const hot = newHotExecution(executionId);
        for (const read of yield* this.readTurns(executionId, turns.map((distance) => sum += distance))) {
          takeTurn(hot, read);
        }
        memory.add(hot);
        memory.claim(hot);
      }
    });
  }

  /** The turns of one execution at these sequences, in order, as the log has them or had them before it was trimmed. */
  readTurns(
    id: ExecutionId,
    sequences: readonly number[],
  ): Effect.Effect<readonly PlacedTurn[], LogUnavailable | LogUnreadable | StorageUnavailable> {
    const old = sequences.filter((sequence) => sequence <= this.#memory.carriedThrough);
    if (old.length === 0) return this.#unlessOnItsWay(this.#readLog(id, [...new Set(sequences)]));
    return Effect.gen({ self: this }, function* () {
      const { log, store } = this.#options;
      const carried = yield* store.history.load(id, Math.min(...old), Math.max(...old));
      const asked = new Set(sequences);
      const known = carried.filter(({ sequence }) => asked.has(sequence));
      for (const { sequence } of known) asked.delete(sequence);
      const { first } = yield* log.bounds();
      for (const sequence of asked) if (sequence < first) historyLost(id, sequence);
      const rest = yield* this.#unlessOnItsWay(this.#readLog(id, [...asked]));
      return [...known, ...rest].sort((a, b) => a.turn.sequence - b.turn.sequence);
    });
  }

  /** What another leader has carried out of the log is not lost: it is brought here, and can be read then. */
  #unlessOnItsWay<A>(
    read: Effect.Effect<A, LogUnavailable | LogUnreadable>,
  ): Effect.Effect<A, LogUnavailable | LogUnreadable> {
    const { log, partition, snapshots } = this.#options;
    const { carriedThrough } = this.#memory;
    return Effect.catch(read, (failure) => {
      if (failure._tag !== "LogDamaged" || snapshots === undefined) return Effect.fail(failure);
      return Effect.flatMap(
        lacksCarried(log, carriedThrough),
        (isOnItsWay) => Effect.fail(isOnItsWay ? new LogUnavailable({ partition, operation: "read" }) : failure),
      );
    });
  }

  #readLog(
    id: ExecutionId,
    wanted: readonly number[],
  ): Effect.Effect<readonly PlacedTurn[], LogUnavailable | LogUnreadable> {
    const { log, trust } = this.#options;
    return Effect.gen(function* () {
      const turns: PlacedTurn[] = [];
      for (let from = 0; from < wanted.length;) {
        const first = wanted[from] ?? 0;
        let run = 1;
        while (run < PAGE_ENTRIES && wanted[from + run] === first + run) run += 1;
        const entries = yield* log.read(first, run);
        for (const entry of entries.slice(0, run)) {
          const batch = yield* trust.read(entry, id);
          for (const turn of batch.turns) turns.push({ sequence: entry.sequence, turn });
        }
        from += run;
      }
      return turns;
    });
  }

  /** Builds one execution anew from the store and the log: its memory may not be trusted. All its turns must be durable. */
  rebuild(suspect: HotExecution): Effect.Effect<HotExecution, LogUnavailable | LogUnreadable | StorageUnavailable> {
    const { store } = this.#options;
    return Effect.gen({ self: this }, function* () {
      const [kept] = yield* store.loadExecutions([suspect.id]);
      const restored = kept === undefined
        ? Result.succeed(newHotExecution(suspect.id))
        : restoredExecution(suspect.id, kept);
      if (Result.isFailure(restored)) return { ...suspect, parked: restored.failure };
      const hot = restored.success;
      // One sequence may hold several turns, of which the store may have the first ones.
      const known = hot.lastSequence;
      const places = suspect.turns.map(([sequence]) => sequence).filter((sequence) => sequence >= known);
      const turns = yield* this.readTurns(suspect.id, places);
      for (const { sequence, turn } of turns) {
        if (turn.sequence <= hot.actors.turnCount) continue;
        takeTurn(hot, { sequence, turn });
      }
      hot.firstDirty = suspect.firstDirty;
      // What a checkpoint on its way will have written, not what the store had just now.
      hot.stored = suspect.stored;
      hot.failures = suspect.failures;
      hot.parked = suspect.parked;
      return hot;
    });
  }
}

/** Also those that begin in these batches: the store may be ahead of the sequence from which the log is replayed. */
function* executionsIn(batches: Iterable<Batch>): Iterable<ExecutionId> {
  for (const { turns } of batches) {
    for (const { subject } of turns) {
      if (parseExecutionId(subject) !== undefined) yield subject as ExecutionId;
    }
  }
}

/** The first redrive of each execution whose first turn in these batches it is. */
function redrivesIn(batches: readonly Batch[]): readonly RedriveExecutionCommand[] {
  const seen = new Set<string>();
  return batches.flatMap(({ turns }) =>
    turns.flatMap(({ subject, records }) => {
      if (seen.has(subject)) return [];
      seen.add(subject);
      return records.find((record) => record.type === "RedriveExecutionCommand") ?? [];
    })
  );
}

/** Takes in what stands in the log and is durable. */
function takeTurn(hot: HotExecution, { sequence, turn }: PlacedTurn): void {
  replayTurn(hot.actors, turn);
  hot.turns.push([sequence, hot.actors.eventCount]);
  hot.lastSequence = sequence;
}
