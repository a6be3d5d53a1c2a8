import { Result } from "effect";
import { awsHistory } from "../../src/aws/history/aws_history.ts";
import { decodeTurn, isEvent } from "../../src/protocol/mod.ts";
import type { HistoryEvent } from "../../src/runtime/mod.ts";
import { outsideEvent } from "../../src/runtime/partition/feed_events.ts";
import { detail } from "../../src/runtime/partition/hot_execution.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { defaultLimits, type JsonObject } from "../../src/values/mod.ts";
import type { ExecutionRun } from "./execution_run.ts";

/** AWS's history of a run, from its turns as they stand in the log. */
export function awsHistoryOf(run: ExecutionRun): readonly JsonObject[] {
  const events: HistoryEvent[] = [];
  for (const line of run.lines) {
    const turn = decodeTurn(line);
    if (Result.isFailure(turn)) throw new Error(turn.failure.reason);
    const timestamp = new Date(turn.success.atEpochMs).toISOString();
    for (const event of turn.success.records.filter(isEvent)) {
      events.push(outsideEvent(events.length + 1, event, timestamp, true));
    }
  }
  const clock = { ...systemClock, nowEpochMs: () => 0 };
  return awsHistory({ events, execution: detail(run.actors.execution, { limits: defaultLimits, clock }) });
}

/** Each event as `previousEventId type`: the ids themselves are the places. */
export function chainsOf(history: readonly JsonObject[]): readonly string[] {
  return history.map(({ previousEventId, type }) => `${String(previousEventId)} ${String(type)}`);
}
