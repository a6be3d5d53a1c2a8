/** Ranges of the numbers of the language: the same for a number that is written and for one that is evaluated. */

/** What a number must be. */
export interface NumberRange {
  readonly kind: "integer" | "number";
  readonly min: number;
  readonly max: number;
  /** Where it comes from a path, a text that says the number will do. */
  readonly fromText?: true;
}

/** Largest number of seconds in a field, as AWS has it. */
export const SECONDS_MAX = 99_999_999;
/** The largest `MaxDelaySeconds`; no retry waits longer. */
export const DELAY_SECONDS_MAX = 31_622_400;

/** Seconds of a timeout or heartbeat. */
export const timeoutSeconds: NumberRange = { kind: "integer", min: 1, max: SECONDS_MAX };
/** Seconds of a wait, of a machine's timeout, between attempts. */
export const seconds: NumberRange = { kind: "integer", min: 0, max: SECONDS_MAX };
/** How many, without a bound. */
export const count: NumberRange = { kind: "integer", min: 0, max: Infinity, fromText: true };
/** A share of a hundred. */
export const percentage: NumberRange = { kind: "number", min: 0, max: 100, fromText: true };
/** Items of a distributed Map. */
export const items: NumberRange = { kind: "integer", min: 0, max: 100_000_000 };
/** Bytes of a batch of items. */
export const batchBytes: NumberRange = { kind: "integer", min: 0, max: 262_144 };
/** Attempts after the first. */
export const attempts: NumberRange = { kind: "integer", min: 0, max: 99_999_999 };
/** Seconds that a retry waits at most. */
export const delaySeconds: NumberRange = { kind: "integer", min: 1, max: DELAY_SECONDS_MAX };
/** How much longer each retry waits. */
export const backoffRate: NumberRange = { kind: "number", min: 1, max: 1_000_000 };
