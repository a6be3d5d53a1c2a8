import { Result } from "effect";
import { acceptedLimits, parseDefinition } from "../language/mod.ts";
import type { StateMachine } from "../language/types.ts";

/** Definitions by the hash of their text, compiled and as text: read and parsed once a node, the least recently used ones forgotten. */
export class DefinitionCache {
  readonly #machines = new Map<string, StateMachine>();
  readonly #machinesMax: number;
  readonly #texts = new Map<string, string>();
  readonly #textCharactersMax: number;
  #textCharacters = 0;

  /** @param textCharactersMax of all texts together */
  constructor(machinesMax = 1_000, textCharactersMax = 8_000_000) {
    this.#machinesMax = machinesMax;
    this.#textCharactersMax = textCharactersMax;
  }

  text(hash: string): string | undefined {
    const text = this.#texts.get(hash);
    if (text !== undefined) {
      this.#texts.delete(hash);
      this.#texts.set(hash, text);
    }
    return text;
  }

  keepText(hash: string, text: string): void {
    if (this.#texts.has(hash) || text.length > this.#textCharactersMax) return;
    this.#texts.set(hash, text);
    this.#textCharacters += text.length;
    for (const [oldest, { length }] of this.#texts) {
      if (this.#textCharacters <= this.#textCharactersMax) return;
      this.#texts.delete(oldest);
      this.#textCharacters -= length;
    }
  }

  get(hash: string): StateMachine | undefined {
    const machine = this.#machines.get(hash);
    if (machine !== undefined) {
      this.#machines.delete(hash);
      this.#machines.set(hash, machine);
    }
    return machine;
  }

  /** Compiles a text that was accepted before. @throws when it is not a definition: a broken log, or a language that lost something */
  add(hash: string, text: string): StateMachine {
    const before = this.get(hash);
    if (before !== undefined) return before;
    const parsed = parseDefinition(text, acceptedLimits);
    if (Result.isFailure(parsed)) {
      throw new RangeError(`Definition ${hash} is no longer one: ${parsed.failure[0]?.message ?? "no reason"}`);
    }
    this.set(hash, parsed.success);
    return parsed.success;
  }

  set(hash: string, machine: StateMachine): void {
    this.#machines.set(hash, machine);
    if (this.#machines.size <= this.#machinesMax) return;
    const oldest = this.#machines.keys().next();
    if (oldest.done !== true) this.#machines.delete(oldest.value);
  }
}
