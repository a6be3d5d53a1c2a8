import { Result } from "effect";
import { effectiveInput, failure } from "../../../src/language/mod.ts";
import type { FailState } from "../../../src/language/types.ts";
import { type Enter, fail } from "../entry.ts";

/** Fail: ends its machine or branch with an error. */
export const enterFail: Enter<FailState> = ({ state, scope, place }) =>
  effectiveInput(state, scope).pipe(
    Result.flatMap((input) => failure(state, scope, input)),
    Result.map((error) => ({ facts: {}, commands: [fail(place.activityId, error)] })),
  );
