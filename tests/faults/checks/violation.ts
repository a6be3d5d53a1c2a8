/** What a run must have none of: each kind is a figure of its line, and 0 is the bar. */
export const violationKinds = {
  lost: "acknowledged, and not there, not ended or not listed when all was well again",
  duplicateResults: "happened twice: an execution of a key, the outcome of a task, the end of an execution",
  wrongOutputs: "ended otherwise than the definition and its input say, or with a result that nobody gave",
  earlyTimers: "a wait, a retry, a time-out or a delayed start that came before it was due",
  staleReads: "an answer that did not know what had been acknowledged before it was asked for",
  historyGaps: "a history whose numbers have a gap",
} as const;

/** A kind's name. */
export type ViolationKind = keyof typeof violationKinds;

/** Something that must not be, and what was seen. */
export interface Violation {
  readonly kind: ViolationKind;
  /** The idempotency key of the execution that it is about, or its id where it has none of ours. */
  readonly about: string;
  readonly executionId: string | undefined;
  readonly message: string;
  /** When it was seen or happened, Unix milliseconds; absent where only the end showed it. */
  readonly atEpochMs?: number;
}
