/**
 * Forgets definitions that neither a workflow nor an execution of the partition needs.
 *
 * In memory stands who is started, and what workflows there are; of executions that left memory the store alone knows. It is gone through beside
 * the loop. What makes that right:
 *
 * 1. at first those are passed over that an execution in memory has: one that is not in memory is in the store, whole;
 * 2. whatever is started or put while the store is gone through takes its definition out of the candidates;
 * 3. what is left is forgotten at a place in line of its own, if no workflow has it by then: what comes behind adds it again.
 *
 * A crash in between is harmless: nothing has happened until the turn is written, and after it a replay forgets it too.
 */
import { Effect } from "effect";
import type { StorageUnavailable } from "../../../storage/port.ts";
import type { BatchLine } from "../batch_line.ts";
import type { ForgetDefinitionsInput, ForgetUnusedInput, PartitionInput, Reply } from "../partition_input.ts";
import type { PartitionMemory } from "../partition_memory.ts";
import type { PartitionOptions } from "../partition_options.ts";
import { INDEX_INCOMPLETE, type Reader } from "../reads/reader.ts";
import type { Candidates } from "./known_definitions.ts";

/** Definitions forgotten in one turn. */
const FORGOTTEN_AT_ONCE = 500;

/** What searching needs. */
interface SearchParts {
  readonly options: PartitionOptions;
  readonly memory: PartitionMemory;
  readonly batches: BatchLine;
  readonly reader: Reader;
  /** Puts an input at the end of the line. */
  readonly again: (input: PartitionInput) => void;
}

/** Searches for definitions that nobody needs, one search at a time. */
export class DefinitionSearch {
  readonly #options: PartitionOptions;
  readonly #memory: PartitionMemory;
  readonly #batches: BatchLine;
  readonly #reader: Reader;
  readonly #again: (input: PartitionInput) => void;

  constructor({ options, memory, batches, reader, again }: SearchParts) {
    this.#options = options;
    this.#memory = memory;
    this.#batches = batches;
    this.#reader = reader;
    this.#again = again;
  }

  /** Looks for candidates, and goes through the store if there are any. */
  begin({ reply }: ForgetDefinitionsInput): void {
    const { definitions, isIndexComplete } = this.#memory;
    if (!isIndexComplete) return reply.refuse(INDEX_INCOMPLETE);
    if (definitions.candidates !== undefined) {
      return reply.refuse({ code: "Unavailable", message: "Definitions are being searched already: ask again" });
    }
    const candidates = definitions.ofNoWorkflow();
    this.#passHot(candidates);
    if (candidates.size === 0) return this.#batches.whenDurable(() => reply.succeed(0), reply);
    definitions.candidates = candidates;
    const found: Reply<void> = {
      succeed: () => this.#again({ kind: "forgetUnused", candidates, reply }),
      refuse: (refusal) => {
        definitions.candidates = undefined;
        reply.refuse(refusal);
      },
    };
    this.#reader.look(found, this.#passStored(candidates));
  }

  /** Forgets what is left. */
  end({ candidates, reply }: ForgetUnusedInput): void {
    const { definitions } = this.#memory;
    if (definitions.candidates !== candidates) {
      // Another term's: what was started since is not known.
      return reply.refuse({ code: "Unavailable", message: "The search for definitions was broken off: ask again" });
    }
    definitions.candidates = undefined;
    this.#passHot(candidates);
    const unused = [...candidates.intersection(definitions.ofNoWorkflow())];
    for (let from = 0; from < unused.length; from += FORGOTTEN_AT_ONCE) {
      const records = unused.slice(from, from + FORGOTTEN_AT_ONCE)
        .map((hash) => ({ type: "DefinitionForgottenEvent", version: 1, hash }) as const);
      const { sequence } = this.#batches.writeRecords(records);
      for (const record of records) this.#memory.apply(record, sequence);
    }
    this.#batches.whenDurable(() => reply.succeed(unused.length), reply);
  }

  #passHot(candidates: Candidates): void {
    if (candidates.size === 0) return;
    for (const { actors } of this.#memory.hot.values()) {
      candidates.delete(actors.execution.context.definitionHash);
    }
  }

  #passStored(candidates: Candidates): Effect.Effect<void, StorageUnavailable> {
    const { store } = this.#options;
    return Effect.gen(function* () {
      let after: string | undefined;
      do {
        const { hashes, isUnclear, next } = yield* store.usedDefinitions(after);
        for (const hash of hashes) candidates.delete(hash);
        // What it is pinned to only a later version can say.
        if (isUnclear) candidates.clear();
        after = next;
      } while (after !== undefined && candidates.size > 0);
    });
  }
}
