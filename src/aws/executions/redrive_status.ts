import type { ExecutionDetail, ListedExecution } from "../../runtime/mod.ts";
import type { JsonObject } from "../../values/mod.ts";
import { awsTime } from "../answers.ts";

/**
 * Whether an execution can be redriven, and how often it was, as DescribeExecution tells it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export function redriveStatus(detail: ExecutionDetail): JsonObject {
  const { notRedrivable, mapRun, status } = detail;
  // Of a Map Run's child: whoever redrives the execution of the Map Run redrives it as well.
  if (mapRun !== undefined && (status === "Failed" || status === "Canceled")) {
    return { ...redrives(detail), redriveStatus: "REDRIVABLE_BY_MAP_RUN" };
  }
  return {
    ...redrives(detail),
    ...(notRedrivable === undefined
      ? { redriveStatus: "REDRIVABLE" }
      : { redriveStatus: "NOT_REDRIVABLE", redriveStatusReason: notRedrivable }),
  };
}

/** How often an execution was redriven, and when last. */
export function redrives({ redriveCount, redrivenAtEpochMs }: ListedExecution): JsonObject {
  return {
    redriveCount,
    ...(redrivenAtEpochMs === undefined ? {} : { redriveDate: awsTime(redrivenAtEpochMs) }),
  };
}
