/** Answers callbacks: takes their tokens from workers, and completes each with its token a while later. */
import { setTimeout as delay } from "node:timers/promises";
import { type WeftClient, WeftError } from "../../../src/sdk/mod.ts";
import type { SeededRandom } from "../../support/seeded_random.ts";
import type { Ledger } from "../checks/ledger.ts";
import { TOKEN_SUBJECT, type TokenWord } from "./worker_words.ts";

const ANSWER_AFTER_MS_MAX = 1_500;
const AGAIN_MS = 200;

/** Works for as long as its client's connection is open. */
export class CallbackDesk {
  readonly #client: WeftClient;
  readonly #ledger: Ledger;
  readonly #random: SeededRandom;
  readonly #known = new Set<string>();

  constructor(client: WeftClient, ledger: Ledger, random: SeededRandom) {
    this.#client = client;
    this.#ledger = ledger;
    this.#random = random;
    client.connection.subscribe(TOKEN_SUBJECT, {
      callback: (failure, message) => {
        if (failure !== null) return;
        const word = message.json<TokenWord>();
        message.respond("");
        if (this.#known.has(word.token)) return; // the task was handed out again
        this.#known.add(word.token);
        void this.#answer(word);
      },
    });
  }

  /** Until it is accepted, or refused for good. A refusal after an answer that was lost may mean that the lost one was good. */
  async #answer({ key, token, taskId, executionId }: TokenWord): Promise<void> {
    await delay(this.#random.below(ANSWER_AFTER_MS_MAX));
    const by = `desk-${this.#known.size}.`;
    const client = this.#client;
    for (let isRepeat = false; !client.connection.isClosed();) {
      const askedAtEpochMs = Date.now();
      const told = (answer: string) =>
        this.#ledger.completed({ executionId, taskId, by, askedAtEpochMs, answeredAtEpochMs: Date.now(), answer });
      try {
        await client.completeTask(token, { value: { answered: key }, by });
        return told("accepted");
      } catch (failure) {
        if (!(failure instanceof WeftError)) throw failure;
        const { code, isOutcomeUnknown } = failure;
        if (!isOutcomeUnknown && code !== "Unavailable" && code !== "Internal") {
          return isRepeat ? undefined : told(code);
        }
        isRepeat ||= isOutcomeUnknown;
        await delay(AGAIN_MS);
      }
    }
  }
}
