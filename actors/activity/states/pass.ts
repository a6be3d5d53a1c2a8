import { Result } from "effect";
import { effectiveInput, stateArguments } from "../../../src/language/mod.ts";
import type { PassState } from "../../../src/language/types.ts";
import { type Enter, succeed } from "../entry.ts";

/** Pass: done at once, with `Result` or its (selected) input. */
export const enterPass: Enter<PassState> = ({ view, state, scope, place }) => {
  const input = effectiveInput(state, scope);
  if (Result.isFailure(input)) return Result.fail(input.failure);
  const result = state.Result === undefined
    ? stateArguments(state, scope, input.success)
    : Result.succeed(state.Result);
  return Result.map(result, (output) => ({ facts: {}, commands: [succeed(view, place, output)] }));
};
