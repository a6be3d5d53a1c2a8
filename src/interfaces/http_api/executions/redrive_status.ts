import type { ExecutionDetail } from "../../../runtime/mod.ts";
import type { JsonObject } from "../../../values/mod.ts";
import { awsStatus } from "./execution_status.ts";

/**
 * Whether an execution can be redriven, as DescribeExecution tells it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export function redriveStatus(detail: ExecutionDetail): JsonObject {
  const status = awsStatus(detail);
  if (status !== "RUNNING" && status !== "SUCCEEDED") return { redriveCount: 0, redriveStatus: "REDRIVABLE" };
  return {
    redriveCount: 0,
    redriveStatus: "NOT_REDRIVABLE",
    redriveStatusReason: `Execution is ${status} and cannot be redriven`,
  };
}
