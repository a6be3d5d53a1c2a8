/** Asks the engine where executions stand that the monitor knows too little of: some at a time, those on the screen first. */
import type { ExecutionDescription } from "../../../runtime/engine.ts";
import type { ClientPort } from "../homes.ts";
import { asCliFailure } from "../output/failure.ts";

/** Descriptions asked for at once. */
const AT_ONCE = 16;

/** What is done with an answer. */
export interface StateAnswers {
  /** `undefined`: it is there no more. */
  readonly onDescribed: (executionId: string, description: ExecutionDescription | undefined) => void;
  /** It could not be asked; whoever wants to know asks again. */
  readonly onFailed: (executionId: string) => void;
}

/** Executions in line, and those that are being asked about. */
export class StateAsker {
  readonly #client: ClientPort;
  readonly #answers: StateAnswers;
  /** Behind those on the screen. */
  readonly #waiting = new Set<string>();
  readonly #asked = new Set<string>();
  #isClosed = false;

  constructor(client: ClientPort, answers: StateAnswers) {
    this.#client = client;
    this.#answers = answers;
  }

  /** Executions that are not answered yet. */
  get size(): number {
    return this.#waiting.size + this.#asked.size;
  }

  /** Asks when nothing more urgent is left. */
  later(executionIds: Iterable<string>): void {
    for (const id of executionIds) if (!this.#asked.has(id)) this.#waiting.add(id);
    this.#next();
  }

  /** Asks before all others. */
  first(executionIds: Iterable<string>): void {
    for (const id of executionIds) {
      if (this.#asked.has(id)) continue;
      if (this.#asked.size < AT_ONCE) this.#ask(id);
      else this.#waiting.add(id);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  #next(): void {
    for (const id of this.#waiting) {
      if (this.#asked.size >= AT_ONCE) return;
      this.#ask(id);
    }
  }

  #ask(executionId: string): void {
    if (this.#isClosed) return;
    this.#waiting.delete(executionId);
    this.#asked.add(executionId);
    void this.#client.describeExecution(executionId, { states: true, payloads: false }).then(
      (description) => this.#answers.onDescribed(executionId, description),
      (thrown: unknown) =>
        asCliFailure(thrown).code === "NotFound"
          ? this.#answers.onDescribed(executionId, undefined)
          : this.#answers.onFailed(executionId),
    ).finally(() => {
      this.#asked.delete(executionId);
      this.#next();
    });
  }
}
