import { Result } from "effect";
import { parseDefinition } from "../language/mod.ts";
import type { StateMachine } from "../language/types.ts";

/** Compiled definitions by the hash of their text: parsed once a node, the least recently used ones forgotten. */
export class DefinitionCache {
  readonly #machines = new Map<string, StateMachine>();
  readonly #machinesMax: number;

  constructor(machinesMax = 1_000) {
    this.#machinesMax = machinesMax;
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
    const parsed = parseDefinition(text);
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
