/**
 * Brings a task's outcome to the engine, and says what that means for its message: settled, or try again later.
 */
import type { Msg } from "@nats-io/transport-node";
import type { EncodedResult, TaskFailed, TaskMessage } from "../tasks/mod.ts";
import { type Backoff, backoffDelayMs } from "../values/mod.ts";
import type { NoReply, RequestInbox } from "./request_inbox.ts";
import { refusalOf, type WeftError } from "./weft_error.ts";

/** Whose tasks these are, and where requests go out. */
export interface SettlementOptions {
  readonly requests: RequestInbox;
  /** `weft.api.{tenant}.{namespace}.tasks`. */
  readonly subject: string;
  readonly timeoutMs: number;
  /** True when nobody should be asked again: the worker has stopped. */
  readonly isGivenUp: () => boolean;
}

/** How it ended: `settled` the engine has it, or has another outcome; `refused` it will never take it; `givenUp` not known. */
export type Settled = "settled" | "refused" | "givenUp";

/** Called once an outcome, later than the call that brought it; `refusal` where the engine said no. */
export type OnSettled = (settled: Settled, refusal?: WeftError) => void;

const RETRY: Backoff = { firstMs: 50, mostMs: 5_000 };
/** Without an answer for so long, another engine is told as well, milliseconds: the one that has it may be stopped or cut off. */
const AGAIN_MS = 1_000;
/** That a task was taken up is told once, and the work begins when it is known or has taken so long, milliseconds. */
const ACTIVATION_MS_MAX = 2_000;
/** Another outcome came before, the execution is gone, or the token is from another life: nothing is left to do. */
const OVER = new Set(["InvalidStatus", "NotFound", "InvalidToken"]);
/** The engine will not take this output, however often it is asked; it takes a failure. */
const UNACCEPTABLE = new Set(["PayloadTooLarge", "InvalidArgument", "LimitExceeded"]);

/** Asks until the engine has answered for good; callbacks all the way, since this is half of what a short task costs. */
export class TaskSettlement {
  readonly #options: SettlementOptions;
  readonly #completeSubject: string;
  readonly #failSubject: string;

  constructor(options: SettlementOptions) {
    this.#options = options;
    this.#completeSubject = `${options.subject}.complete`;
    this.#failSubject = `${options.subject}.fail`;
  }

  /** Brings the outcome; never throws. */
  settle(task: TaskMessage, outcome: EncodedResult, onSettled: OnSettled): void {
    this.#ask(task, outcome, 0, onSettled);
  }

  /** Tells the engine that the task was taken up. True in `onAnswer`: go on. */
  activate(task: TaskMessage, onAnswer: (goesOn: boolean) => void): void {
    // Told twice, the second would be refused as if the task had ended.
    this.#tell("activate", task, onAnswer, Math.min(ACTIVATION_MS_MAX, this.#options.timeoutMs));
  }

  /** Tells the engine that the work goes on. False in `onAnswer`: the task has ended otherwise. */
  heartbeat(task: TaskMessage, onAnswer: (goesOn: boolean) => void): void {
    this.#tell("heartbeat", task, onAnswer, this.#options.timeoutMs, AGAIN_MS);
  }

  #tell(
    operation: string,
    { token }: TaskMessage,
    onAnswer: (goesOn: boolean) => void,
    timeoutMs: number,
    againMs?: number,
  ): void {
    const { requests, subject } = this.#options;
    requests.request(`${subject}.${operation}`, JSON.stringify({ token }), timeoutMs, (reply) => {
      const refusal = reply === undefined ? undefined : refusalOf(reply);
      onAnswer(refusal === undefined || !OVER.has(refusal.code));
    }, againMs);
  }

  #ask(task: TaskMessage, outcome: EncodedResult, attempt: number, onSettled: OnSettled): void {
    const onReply = (reply: Msg | undefined, noReply: NoReply | undefined) =>
      this.#onReply(task, outcome, attempt, onSettled, reply, noReply);
    const { requests, timeoutMs } = this.#options;
    try {
      if ("text" in outcome) {
        const body = `{"token":${JSON.stringify(task.token)},"output":${outcome.text}}`;
        requests.request(this.#completeSubject, body, timeoutMs, onReply, AGAIN_MS);
      } else {
        const { error, cause } = outcome;
        const body = JSON.stringify({ token: task.token, error, cause });
        requests.request(this.#failSubject, body, timeoutMs, onReply, AGAIN_MS);
      }
    } catch (failure) {
      // Larger than a message may be: the server's limit is below the engine's.
      if (!("text" in outcome)) return queueMicrotask(() => onSettled("refused"));
      this.#ask(task, tooLarge(failure instanceof Error ? failure.message : String(failure)), attempt, onSettled);
    }
  }

  #onReply(
    task: TaskMessage,
    outcome: EncodedResult,
    attempt: number,
    onSettled: OnSettled,
    reply: Msg | undefined,
    noReply: NoReply | undefined,
  ): void {
    if (reply !== undefined) {
      const refusal = refusalOf(reply);
      if (refusal === undefined) return onSettled("settled");
      if (OVER.has(refusal.code)) return onSettled("settled", refusal);
      if (UNACCEPTABLE.has(refusal.code)) {
        if (!("text" in outcome)) return onSettled("refused", refusal);
        return this.#ask(task, tooLarge(refusal.message), attempt, onSettled);
      }
    }
    if (noReply === "closed" || this.#options.isGivenUp()) return onSettled("givenUp");
    setTimeout(() => {
      if (this.#options.isGivenUp()) onSettled("givenUp");
      else this.#ask(task, outcome, attempt + 1, onSettled);
    }, backoffDelayMs(RETRY, attempt));
  }
}

function tooLarge(reason: string): TaskFailed {
  return { error: "States.DataLimitExceeded", cause: reason };
}
