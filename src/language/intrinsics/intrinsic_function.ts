import type { Json } from "../../values/mod.ts";
import type { Budget } from "../budget.ts";
import type { ExpressionDraws } from "../types.ts";

/** Why an intrinsic function refuses its arguments: what stands behind "had the following error: ". */
export class Refusal {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** What a call gets: the values of its arguments, and the first one as written where it is a quoted text. */
export interface IntrinsicInput {
  readonly values: readonly Json[];
  /** The first argument with its escapes, for templates; `undefined` when it is no literal text. */
  readonly rawTemplate: string | undefined;
  readonly draws: ExpressionDraws;
  /** To be charged before work whose amount depends on the values. */
  readonly budget: Budget;
}

/** One intrinsic function. `call` is pure but for the draws, and bounded in time and memory. */
export interface IntrinsicFunction {
  readonly name: string;
  readonly argumentCountMin: number;
  readonly argumentCountMax: number;
  readonly call: (input: IntrinsicInput) => Json | Refusal;
}

/** Characters that one result may have: AWS's limit of a payload. */
export const RESULT_CHARACTERS_MAX = 262_144;

/** A refusal that says what was expected of an argument and what came. */
export function wrongType(position: number, expected: string): Refusal {
  return new Refusal(`Invalid argument ${position}: Expected ${expected}`);
}
