/** Results on stdout. */
import type { ExecutionDescription } from "../../../runtime/engine.ts";
import { type Json, type JsonObject, present } from "../../../values/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import type { CliIo } from "../io.ts";
import { CliFailure } from "./failure.ts";

/** JSON for people on a terminal, in one line for everything else. */
export function printJson(io: CliIo, value: unknown): void {
  io.stdout.write(`${io.stdout.isTTY ? JSON.stringify(value, undefined, 2) : JSON.stringify(value)}\n`);
}

/**
 * Prints the output of one that succeeded; fails with error, cause and id of one that did not.
 *
 * @param reachedBy options of commands that find it again, such as ` --store ./state`; absent: nobody does
 */
export function printOutcome(scope: CommandScope, execution: ExecutionDescription, reachedBy?: string): void {
  if (execution.status === "Succeeded") return printJson(scope.io, execution.output ?? null);
  const { executionId, status, error, cause } = execution;
  const what = [error, cause].filter((part): part is string => part !== undefined && part !== "").join(": ");
  const details: { [name: string]: Json } = { executionId, status };
  if (error !== undefined) details["error"] = error;
  if (cause !== undefined) details["cause"] = cause;
  const hint = reachedBy === undefined ? undefined : `weft executions history ${executionId}${reachedBy} shows where.`;
  throw new CliFailure(what === "" ? `The execution ended as ${status}` : what, {
    ...present({ hint, excerpt: reachedBy === undefined ? undefined : `Execution ${executionId}` }),
    code: `Execution${status}`,
    details: details satisfies JsonObject,
  });
}
