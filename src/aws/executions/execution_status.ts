import type { ExecutionDetail } from "../../runtime/mod.ts";

/** AWS's words for an execution's status, `PENDING_REDRIVE` apart. */
export type AwsStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** The status as AWS words it. One that is still being wound up runs. */
export function awsStatus({ status, timedOut }: Pick<ExecutionDetail, "status" | "timedOut">): AwsStatus {
  switch (status) {
    case "Pending":
    case "Running":
    case "Completing":
    case "Canceling":
      return "RUNNING";
    case "Succeeded":
      return "SUCCEEDED";
    case "Failed":
      return timedOut === true ? "TIMED_OUT" : "FAILED";
    case "Canceled":
    case "Deleting":
      return "ABORTED";
    default:
      return status satisfies never;
  }
}
