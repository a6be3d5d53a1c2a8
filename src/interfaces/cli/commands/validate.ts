/** `weft validate`: every finding about a definition, with its place in the file. */
import type { Command } from "commander";
import { type Diagnostic, validateDefinition } from "../../../language/mod.ts";
import type { CommandScope } from "../command_scope.ts";
import { type JsonOption, withExamples, withJson } from "../options/connection_options.ts";
import { printJson } from "../output/print.ts";
import { placeOf } from "../../../values/mod.ts";
import { excerptAt, offsetOfPath, scanJson } from "../input/json_text.ts";
import { readDefinition, type SourcedText } from "../input/read_input.ts";
import { printable } from "../output/text_width.ts";

/** A finding with its place, 1-based. */
export interface PlacedDiagnostic extends Diagnostic {
  readonly line: number;
  readonly column: number;
}

/** Adds the command. */
export function addValidateCommand(program: Command, scope: CommandScope): void {
  const command = program.command("validate")
    .summary("check a definition and show every finding with line and column")
    .description(
      "Checks a state machine without a server. Exit status: 0 no errors (warnings may be), 1 errors, 2 wrong use.",
    )
    .argument("<files...>", "files with a state machine each, or - for stdin");
  withExamples(withJson(command), [
    "weft validate order.asl.json",
    "weft validate order.asl.json --json | jq '.diagnostics[].message'",
  ]).action((files: string[], flags: JsonOption) => validateAll(scope, files, flags));
}

/** One after the other. With `--json`: the one finding as before, or a list of several. */
async function validateAll(scope: CommandScope, files: readonly string[], flags: JsonOption): Promise<void> {
  const found: object[] = [];
  for (const file of files) found.push(await validate(scope, file, flags));
  if (flags.json === true) printJson(scope.io, found.length === 1 ? found[0] : found);
}

async function validate(scope: CommandScope, file: string, flags: JsonOption): Promise<object> {
  const source = await readDefinition(scope.io, file);
  const diagnostics = placed(source.text, validateDefinition(source.text));
  const errorCount = diagnostics.filter(({ severity }) => severity === "ERROR").length;
  if (errorCount > 0) scope.exitCode = 1;
  const result = { file: source.source, valid: errorCount === 0, diagnostics };
  if (flags.json === true) return result;
  printFindings(scope, source, diagnostics);
  const warningCount = diagnostics.length - errorCount;
  const summary = `${source.source}: ${counted(errorCount, "error")}, ${counted(warningCount, "warning")}`;
  const { errPaint } = scope;
  scope.io.stderr.write(`${errorCount > 0 ? errPaint.red(summary) : errPaint.green(summary)}\n`);
  return result;
}

/**
 * Findings with their places, in the order of the text. A text that is no JSON has exactly one, at the fault.
 *
 * @param text The text that was validated
 */
export function placed(text: string, diagnostics: readonly Diagnostic[]): PlacedDiagnostic[] {
  const scan = scanJson(text);
  if (scan.fault !== undefined) {
    const code = diagnostics.find(({ severity }) => severity === "ERROR")?.code ?? "INVALID_JSON_DESCRIPTION";
    return [{
      severity: "ERROR",
      code,
      message: `No JSON: ${scan.fault.message}`,
      location: "",
      ...placeOf(text, scan.fault.offset),
    }];
  }
  return diagnostics
    .map((diagnostic) =>
      inSource(diagnostic) ??
        { ...diagnostic, ...placeOf(text, offsetOfPath(scan, diagnostic.location ?? "")) }
    )
    .sort((left, right) => left.line - right.line || left.column - right.column);
}

const sourcePattern = /^\[Source: .*; line: (\d+), column: (\d+)\]$/s;

/** A finding about the text itself: what AWS gives as its location is the whole text with line and column behind it. */
function inSource({ location, ...diagnostic }: Diagnostic): PlacedDiagnostic | undefined {
  const [, line, column] = sourcePattern.exec(location ?? "") ?? [];
  if (line === undefined || column === undefined) return undefined;
  const message = `No JSON: ${diagnostic.message.replace(/\n at \[Source: .*\]$/s, "")}`;
  return { ...diagnostic, message, location: "", line: Number(line), column: Number(column) };
}

function printFindings(scope: CommandScope, source: SourcedText, diagnostics: readonly PlacedDiagnostic[]): void {
  const { io, paint } = scope;
  const lineStarts = startsOfLines(source.text);
  for (const { severity, code, message, location, line, column } of diagnostics) {
    const place = paint.bold(`${source.source}:${line}:${column}`);
    const kind = severity === "ERROR" ? paint.red(severity) : paint.yellow(severity);
    const where = location === undefined || location === "" ? "" : paint.dim(` (${printable(location)})`);
    io.stdout.write(`${place} ${kind} ${code} ${printable(message)}${where}\n`);
    if (io.stdout.isTTY) {
      io.stdout.write(`${paint.dim(excerptAt(source.text, (lineStarts[line - 1] ?? 0) + column - 1))}\n`);
    }
  }
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
