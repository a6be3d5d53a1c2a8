import type { Json } from "../../values/mod.ts";
import type { Budget } from "../budget.ts";
import type { EvaluationLimits, ExpressionDraws } from "../types.ts";

/** An intrinsic function refuses its arguments. */
export class Refusal {
  /** What is to be said instead of "Invalid arguments in …". */
  readonly message: string | undefined;
  constructor(message?: string) {
    this.message = message;
  }
}

/** What a call gets: the values of its arguments, and the first one as written where it is a quoted text. */
export interface IntrinsicInput {
  readonly values: readonly Json[];
  /** The first argument with its escapes, for templates; `undefined` when it is no literal text. */
  readonly rawTemplate: string | undefined;
  readonly draws: ExpressionDraws;
  readonly limits: EvaluationLimits;
  /** To be charged before work whose amount depends on the values. */
  readonly budget: Budget;
}

/** One intrinsic function. `call` is pure but for the draws, and bounded in time and memory. */
export interface IntrinsicFunction {
  readonly name: string;
  readonly argumentCountMin: number;
  readonly argumentCountMax: number;
  /** What is to be said of another number of arguments instead of "Invalid arguments in …". */
  readonly wrongCount?: string;
  readonly call: (input: IntrinsicInput) => Json | Refusal;
}
