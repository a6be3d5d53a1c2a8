import { Result } from "effect";
import { awsHistory } from "../../src/aws/history/aws_history.ts";
import { decodeTurn, isEvent } from "../../src/protocol/mod.ts";
import type { NumberedEvent } from "../../src/runtime/mod.ts";
import { detail } from "../../src/runtime/partition/hot_execution.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { defaultLimits, type JsonObject } from "../../src/values/mod.ts";
import type { ExecutionRun } from "./execution_run.ts";

/** AWS's history of a run, from its turns as they stand in the log. */
export function awsHistoryOf(run: ExecutionRun): readonly JsonObject[] {
  const events: NumberedEvent[] = [];
  for (const line of run.lines) {
    const turn = decodeTurn(line);
    if (Result.isFailure(turn)) throw new Error(turn.failure.reason);
    const { atEpochMs, records } = turn.success;
    for (const event of records.filter(isEvent)) events.push({ id: events.length + 1, atEpochMs, event });
  }
  const clock = { ...systemClock, nowEpochMs: () => 0 };
  return awsHistory({ events, execution: detail(run.actors.execution, { limits: defaultLimits, clock }) });
}

/** Each event as `previousEventId type`: the ids themselves are the places. */
export function chainsOf(history: readonly JsonObject[]): readonly string[] {
  return history.map(({ previousEventId, type }) => `${String(previousEventId)} ${String(type)}`);
}
