import { Result } from "effect";
import { effectiveInput } from "../../../src/language/mod.ts";
import type { ChoiceState, SucceedState } from "../../../src/language/types.ts";
import { type Enter, succeed } from "../entry.ts";

/** Choice: its rules are evaluated when it completes. */
export const enterChoice: Enter<ChoiceState | SucceedState> = ({ view, state, scope, place }) =>
  Result.map(effectiveInput(state, scope), (input) => ({ facts: {}, commands: [succeed(view, place, input)] }));
