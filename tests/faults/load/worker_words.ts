/** What workers and the harness say to each other. */
import type { Completion } from "../checks/ledger.ts";

/** Subject on which the harness takes tokens of callbacks; it answers each, whenever it is told of it. */
export const TOKEN_SUBJECT = "faults.tokens";

/** A callback's token, from the worker that got it. */
export interface TokenWord {
  readonly key: string;
  readonly token: string;
  readonly taskId: string;
  readonly executionId: string;
}

/** A line of a worker's stdout: what it was told of the outcome of a task. */
export function completionLine(completion: Completion): string {
  return JSON.stringify(completion);
}

/** The completion that a line tells of; `undefined` for any other line, such as one that was cut off by a kill. */
export function completionOf(line: string): Completion | undefined {
  if (!line.startsWith("{") || !line.endsWith("}")) return undefined;
  return JSON.parse(line);
}
