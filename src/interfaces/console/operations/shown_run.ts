import { awsStatus, scopeOf, shownExecution, spaceOf } from "../../../aws/mod.ts";
import type { ExecutionDetail, ListedExecution } from "../../../runtime/mod.ts";
import { executionOfMapRun, present } from "../../../values/mod.ts";
import { onWire } from "../operation.ts";
import type { ListedRun, RunDetail } from "../wire.ts";

/** An execution as lists show it. */
export function listedRun(execution: ListedExecution): ListedRun {
  const { executionId, workflow, revision, status, startedAt, endedAt, error, mapRun, redriveCount } = execution;
  const { arn, name } = shownExecution(execution);
  return {
    executionId,
    arn,
    name,
    workflow,
    revision,
    status,
    timedOut: awsStatus(execution) === "TIMED_OUT",
    startedAt,
    redriveCount,
    ...present({ endedAt, error, mapRun }),
  };
}

/** An execution with its payloads. @param definition JSON text */
export function runDetail(execution: ExecutionDetail, definition: string): RunDetail {
  const { input, output, cause, key, notRedrivable, mapRun } = execution;
  const parent = mapRun === undefined ? undefined : executionOfMapRun(spaceOf(scopeOf(execution)), mapRun);
  return {
    ...listedRun(execution),
    input: onWire(input),
    ...(output === undefined ? {} : { output: onWire(output) }),
    definition,
    ...present({ key, cause, notRedrivable, parent }),
  };
}
