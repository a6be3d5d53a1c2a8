/** Definitions in the log: their text, in parts where it is too long for one entry. */
import type { DefinitionAddedEvent } from "../../../protocol/mod.ts";

/** UTF-16 units of one part: at most three times as many bytes, so that a part and what comes with it fit into an entry. */
const PART_CHARACTERS_MAX = 65_536;

/** A definition's text, and from where to where it stands in the log. */
export interface LoggedDefinition {
  readonly text: string;
  readonly firstSequence: number;
  /** Of its last part. */
  readonly sequence: number;
}

/** The records that put a definition into the log. */
export function definitionRecords(hash: string, text: string): readonly DefinitionAddedEvent[] {
  if (text.length <= PART_CHARACTERS_MAX) return [{ type: "DefinitionAddedEvent", version: 1, hash, definition: text }];
  const parts = Math.ceil(text.length / PART_CHARACTERS_MAX);
  return Array.from({ length: parts }, (_, part) => ({
    type: "DefinitionAddedEvent",
    version: 1,
    hash,
    definition: text.slice(part * PART_CHARACTERS_MAX, (part + 1) * PART_CHARACTERS_MAX),
    part,
    parts,
  }));
}

/** Puts parts together as they come. A leader that died between two of them left a beginning: its successor begins anew. */
export class DefinitionParts {
  readonly #begun = new Map<string, { readonly texts: string[]; readonly firstSequence: number }>();

  /** The whole, once its last part has come. */
  add(
    { hash, definition, part = 0, parts = 1 }: DefinitionAddedEvent,
    sequence: number,
  ): LoggedDefinition | undefined {
    if (part === 0) this.#begun.set(hash, { texts: [], firstSequence: sequence });
    const begun = this.#begun.get(hash);
    if (begun === undefined || begun.texts.length !== part) return undefined;
    begun.texts.push(definition);
    if (part + 1 < parts) return undefined;
    this.#begun.delete(hash);
    return { text: begun.texts.join(""), firstSequence: begun.firstSequence, sequence };
  }
}
