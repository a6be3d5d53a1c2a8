/** Where the mapping of our events to AWS's history comes in. */
import type { ExecutionDetail, HistoryEvent } from "../../runtime/mod.ts";
import type { JsonObject } from "../../values/mod.ts";
import { awsStatus } from "./executions/execution_status.ts";
import { shownText } from "./executions/execution_names.ts";
import { awsTime } from "./call.ts";

/** What a history is made of. */
export interface HistorySource {
  /** Of one execution, all from its first to its newest. */
  readonly events: readonly HistoryEvent[];
  readonly execution: ExecutionDetail;
}

/** AWS's events, `id` from 1 without gaps, oldest first. */
export function awsHistory({ execution }: HistorySource): readonly JsonObject[] {
  const status = awsStatus(execution);
  const roleArn = shownText(execution, "Execution", "RoleArn") ?? "";
  const first = {
    id: 1,
    previousEventId: 0,
    type: "ExecutionStarted",
    timestamp: awsTime(execution.startedAt),
    executionStartedEventDetails: {
      input: JSON.stringify(execution.input),
      roleArn,
      inputDetails: { truncated: false },
    },
  };
  if (status === "RUNNING") return [first];
  const names = { SUCCEEDED: "Succeeded", FAILED: "Failed", TIMED_OUT: "TimedOut", ABORTED: "Aborted" } as const;
  const last = {
    id: 2,
    previousEventId: 0,
    type: `Execution${names[status]}`,
    timestamp: awsTime(execution.endedAt ?? execution.startedAt),
  };
  return [first, last];
}
