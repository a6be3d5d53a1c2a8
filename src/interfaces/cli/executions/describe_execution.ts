/** `weft executions describe`. */
import type { ExecutionDescription } from "../../../runtime/engine.ts";
import type { CommandScope } from "../command_scope.ts";
import type { ConnectionFlags } from "../options/connection_options.ts";
import { fullExecutionId } from "../options/option_values.ts";
import { descriptionLines } from "../output/description.ts";
import { printJson } from "../output/print.ts";
import { standingLines } from "../output/standing_lines.ts";
import { paintStatus, relativeTime, statusWord, tookText } from "../output/status_text.ts";
import { printable } from "../output/text_width.ts";
import { withClient } from "../reach_server.ts";

/** Prints status, where it stands, and payloads. */
export async function describeExecution(scope: CommandScope, id: string, flags: ConnectionFlags): Promise<void> {
  const execution = await withClient(
    scope,
    flags,
    (client, server) => client.describeExecution(fullExecutionId(server, id), { states: true }),
    id,
  );
  if (flags.json === true) return printJson(scope.io, execution);
  const { io, paint } = scope;
  const nowMs = io.nowEpochMs();
  const time = (iso: string | undefined) => iso === undefined ? undefined : `${iso}  ${relativeTime(iso, nowMs)}`;
  const { standing } = execution;
  const fields: (readonly [string, string | undefined])[] = [
    ["execution", execution.executionId],
    ["workflow", `${execution.workflow} (revision ${execution.revision})`],
    ["key", execution.key],
    ["map run", execution.mapRun],
    ["status", paintStatus(execution, statusWord(execution), paint)],
    ["started", time(execution.startedAt)],
    ["ended", time(execution.endedAt)],
    ["took", tookText(execution, nowMs)],
    ["error", execution.error === undefined ? undefined : printable(execution.error)],
    ["cause", execution.cause === undefined ? undefined : printable(execution.cause)],
  ];
  const payloads: (readonly [string, ExecutionDescription["input"] | undefined])[] = [
    ["input", execution.input],
    ["output", execution.output],
  ];
  const sections = [
    descriptionLines(fields, [], paint),
    standing === undefined ? [] : standingLines(standing, nowMs, paint),
    descriptionLines([], payloads, paint),
  ];
  for (const lines of sections) for (const line of lines) io.stdout.write(`${line}\n`);
}
