/**
 * The id of a Map Run: a UUID's text that leads to the execution whose Map state started it.
 *
 * Its 32 hex digits are the 7 and 16 of that execution's id, and 9 of the hash of the task that stands for the Map Run there. So
 * whoever has the ARN of a Map Run finds its record without an index of all of them.
 */
import { sha256Hex } from "./hash.ts";
import { type ExecutionId, executionId, parseExecutionId, type Space, type TaskId } from "./ids.ts";
import { timestampOfString } from "./timestamp.ts";

/** The resource of tasks that stand for a Map Run. No definition may name it. */
export const MAP_RUN_RESOURCE = "weft:mapRun";

const TASK_DIGITS = 9;
const uuidPattern = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;

/** The text of a UUID from at least 32 hex digits. */
export function uuidText(hex: string): string {
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => hex.slice(from, to)).join("-");
}

/** The Map Run that a task of an execution stands for. */
export function mapRunId(execution: ExecutionId, task: TaskId): string {
  const { hash = "", hlc = "" } = parseExecutionId(execution) ?? {};
  return uuidText(`${hash}${hlc}${sha256Hex(task).slice(0, TASK_DIGITS)}`);
}

/** The execution whose Map Run this is; `undefined` for what cannot be the id of one. */
export function executionOfMapRun(space: Space, id: string): ExecutionId | undefined {
  const digits = uuidPattern.exec(id)?.slice(1).join("") ?? "";
  const at = timestampOfString(digits.slice(7, 23));
  return at === undefined ? undefined : executionId(space, digits.slice(0, 7), at);
}
