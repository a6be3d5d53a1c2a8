/**
 * The definitions that a partition's log holds: their hashes, the texts that the local store has not yet, and which of them workflows have or had.
 *
 * What is known is what the log says, to the record: a start writes the text of a definition that is not known, and of no other. So a replica that
 * knew one definition more would start executions that others could not go on with.
 */
import type { DefinitionAddedEvent, TurnRecord } from "../../../protocol/mod.ts";
import type { WorkflowId } from "../../../values/mod.ts";
import type { Revision } from "../store/stored_values.ts";
import { Unstored } from "../unstored.ts";
import { DefinitionParts } from "./definition_parts.ts";

/** What a checkpoint writes of definitions. */
export interface DefinitionChanges {
  readonly definitions: readonly { readonly hash: string; readonly text: string }[];
  readonly forgottenDefinitions: readonly string[];
  readonly revisions: readonly Revision[];
  readonly forgottenRevisions: readonly Revision[];
}

/** Definitions that nobody may need any more: whoever finds one in use takes it out. */
export type Candidates = Set<string>;

/** What one partition knows of definitions. */
export class KnownDefinitions {
  readonly #hashes = new Set<string>();
  /** Of those that are not in the local store. */
  readonly #texts = new Map<string, string>();
  readonly #parts = new DefinitionParts();
  readonly #changed = new Unstored<string>();
  readonly #revisions = new Map<WorkflowId, Set<string>>();
  readonly #changedRevisions = new Unstored<string>();
  /** Those of a store in which revisions were not written down: somebody may ask for them. */
  readonly #kept = new Set<string>();
  /** Of the search that is under way. */
  candidates: Candidates | undefined;

  has(hash: string): boolean {
    return this.#hashes.has(hash);
  }

  /** The text of one that is not in the local store yet. */
  text(hash: string): string | undefined {
    return this.#texts.get(hash);
  }

  /** Definitions and revisions that have changed and are not in the local store yet. */
  get unstored(): number {
    return this.#changed.size + this.#changedRevisions.size;
  }

  /** Takes over what the local store has. */
  restore(
    { hashes, kept, revisions }: {
      readonly hashes: readonly string[];
      readonly kept: readonly string[];
      readonly revisions: readonly Revision[];
    },
  ): void {
    for (const hash of hashes) this.#hashes.add(hash);
    for (const hash of kept) this.#kept.add(hash);
    for (const revision of revisions) this.#addRevision(revision);
  }

  /** Something begins to use it. */
  noteUse(hash: string): void {
    this.candidates?.delete(hash);
  }

  /** Takes in a fact about definitions or workflows; other records say nothing of them. */
  apply(record: TurnRecord, sequence: number): void {
    switch (record.type) {
      case "DefinitionAddedEvent":
        return this.#add(record, sequence);
      case "DefinitionForgottenEvent":
        this.#hashes.delete(record.hash);
        this.#texts.delete(record.hash);
        return this.#changed.note(record.hash, sequence);
      case "WorkflowPutEvent":
        this.#addRevision(record);
        return this.#changedRevisions.note(revisionName(record), sequence);
      case "WorkflowDeletedEvent": {
        const { workflowId } = record;
        for (const hash of this.#revisions.get(workflowId) ?? []) {
          this.#changedRevisions.note(revisionName({ workflowId, hash }), sequence);
        }
        this.#revisions.delete(workflowId);
        return;
      }
      default:
        return;
    }
  }

  #add(record: DefinitionAddedEvent, sequence: number): void {
    if (this.#hashes.has(record.hash)) return;
    const whole = this.#parts.add(record, sequence);
    if (whole === undefined) return;
    this.#hashes.add(record.hash);
    this.#texts.set(record.hash, whole.text);
    this.#changed.note(record.hash, whole.firstSequence);
    this.#changed.note(record.hash, whole.sequence);
  }

  #addRevision({ workflowId, hash }: Revision): void {
    const hashes = this.#revisions.get(workflowId);
    if (hashes === undefined) this.#revisions.set(workflowId, new Set([hash]));
    else hashes.add(hash);
  }

  /** Those that no workflow has or had, as far as is known. */
  ofNoWorkflow(): Candidates {
    const rest = this.#hashes.difference(this.#kept);
    for (const hashes of this.#revisions.values()) for (const hash of hashes) rest.delete(hash);
    return rest;
  }

  /** Collects what is durable in whole, for a checkpoint; what is not must be replayed from behind `replayFrom`. */
  collect(durableSequence: number): DefinitionChanges & { readonly replayFrom: number } {
    const changed = this.#changed.take(durableSequence);
    const changedRevisions = this.#changedRevisions.take(durableSequence);
    const revisions = changedRevisions.names.map(revisionOf);
    const isThere = ({ workflowId, hash }: Revision) => this.#revisions.get(workflowId)?.has(hash) === true;
    return {
      definitions: changed.names.flatMap((hash) => {
        const text = this.#texts.get(hash);
        return text === undefined ? [] : [{ hash, text }];
      }),
      forgottenDefinitions: changed.names.filter((hash) => !this.#hashes.has(hash)),
      revisions: revisions.filter(isThere),
      forgottenRevisions: revisions.filter((revision) => !isThere(revision)),
      replayFrom: Math.min(changed.replayFrom, changedRevisions.replayFrom),
    };
  }

  /** The store has these now, and memory need not. */
  committed(definitions: DefinitionChanges["definitions"]): void {
    for (const { hash } of definitions) this.#texts.delete(hash);
  }
}

function revisionName({ workflowId, hash }: Revision): string {
  return `${hash} ${workflowId}`;
}

function revisionOf(name: string): Revision {
  const space = name.indexOf(" ");
  return { hash: name.slice(0, space), workflowId: name.slice(space + 1) as WorkflowId };
}
