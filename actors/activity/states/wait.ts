import { Result } from "effect";
import { effectiveInput, waitEnd } from "../../../src/language/mod.ts";
import type { WaitState } from "../../../src/language/types.ts";
import { type Enter, succeed } from "../entry.ts";

/** Wait: a deadline; one that has passed already is no wait. */
export const enterWait: Enter<WaitState> = ({ view, state, scope, place }) => {
  const input = effectiveInput(state, scope);
  if (Result.isFailure(input)) return Result.fail(input.failure);
  return Result.map(waitEnd(state, scope, input.success), (end) => {
    const now = view.draws.nowEpochMs;
    const deadlineEpochMs = "seconds" in end
      ? now + view.draws.delayMs(end.seconds)
      : now + view.draws.delayMs(Math.max(0, end.epochMs - now) / 1000);
    return deadlineEpochMs <= now
      ? { facts: {}, commands: [succeed(view, place, input.success)] }
      : { facts: { deadlineEpochMs }, commands: [] };
  });
};
