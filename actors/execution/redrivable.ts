import type { ExecutionStatus } from "../../src/protocol/mod.ts";
import type { Limits } from "../../src/values/mod.ts";
import type { ExecutionSnapshot } from "../actor.ts";
import { can } from "../flat_machine.ts";
import { executions } from "../machines.ts";

const DAY_MS = 86_400_000;

/**
 * Why an execution cannot be redriven, in AWS's words; `undefined`: it can.
 *
 * @param historyCount events of its history, as AWS counts them; 0 where that is not known
 * @param by the Map Run that redrives its child
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
 */
export function notRedrivable(
  execution: ExecutionSnapshot,
  { redrivesMax, redrivableDays, historyEventsMax }: Limits,
  nowEpochMs: number,
  historyCount = 0,
  by?: string,
): string | undefined {
  const { endedAtEpochMs = nowEpochMs, redriveCount = 0, mapRun } = execution.context;
  if (!can(executions, execution, { type: "ExecutionRedrivenEvent" })) return notNow(execution.value);
  if (mapRun !== by) return "Execution is a child of a Map Run: redrive the execution that the Map Run is of";
  if (nowEpochMs - endedAtEpochMs > redrivableDays * DAY_MS) return "Execution redrivable period exceeded";
  if (historyCount >= historyEventsMax - 1) return "Execution history event limit exceeded";
  return redriveCount >= redrivesMax ? `Execution has been redriven ${redrivesMax} times` : undefined;
}

function notNow(status: ExecutionStatus): string {
  if (status === "Deleting") return "State machine is in DELETING status";
  return `Execution is ${status === "Succeeded" ? "SUCCEEDED" : "RUNNING"} and cannot be redriven`;
}
