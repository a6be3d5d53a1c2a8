import { runtimeFailure } from "../failures.ts";
import type { Evaluated } from "../types.ts";

/**
 * An evaluation that ends with `States.Runtime` where the host's stack would end: for data nested far deeper than what
 * is let in at the edges. All else that is thrown is a defect, and stays one.
 */
export function bounded<Arguments extends readonly unknown[], T>(
  evaluate: (...values: Arguments) => Evaluated<T>,
): (...values: Arguments) => Evaluated<T> {
  return (...values) => {
    try {
      return evaluate(...values);
    } catch (thrown) {
      if (thrown instanceof RangeError) return runtimeFailure("The state's data is nested too deeply.");
      throw thrown;
    }
  };
}
