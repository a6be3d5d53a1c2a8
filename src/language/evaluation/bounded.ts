import { BudgetSpent, ResultTooLarge } from "../budget.ts";
import { dataLimitFailure, runtimeFailure } from "../failures.ts";
import { hostBoundOf } from "../host_bound.ts";
import type { Evaluated, State } from "../types.ts";

/**
 * An evaluation that ends with `States.Runtime` where its steps are spent, or where the host's stack would end (for data nested far
 * deeper than what is let in at the edges), and with `States.DataLimitExceeded` where its result would be larger than any payload.
 * All else that is thrown is a defect, and stays one: a `RangeError` of our own above all.
 */
export function bounded<S extends Pick<State, "name">, Arguments extends readonly unknown[], T>(
  evaluate: (state: S, ...values: Arguments) => Evaluated<T>,
): (state: S, ...values: Arguments) => Evaluated<T> {
  return (state, ...values) => {
    try {
      return evaluate(state, ...values);
    } catch (thrown) {
      if (thrown instanceof BudgetSpent) return runtimeFailure(thrown.message);
      if (thrown instanceof ResultTooLarge) return dataLimitFailure(state.name);
      const bound = hostBoundOf(thrown);
      if (bound === "stack") return runtimeFailure("The state's data is nested too deeply.");
      if (bound === "text") return dataLimitFailure(state.name);
      throw thrown;
    }
  };
}
