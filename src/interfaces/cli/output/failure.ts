/** How a command fails: one class, and how it is shown to people and to programs. */
import type { ApiCode } from "../../../runtime/engine.ts";
import { isJsonObject, type Json, type JsonObject, present } from "../../../values/mod.ts";
import type { TextSink } from "../io.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./text_width.ts";

/** What a failure carries besides its message. */
export interface CliFailureOptions {
  /** Stable, for programs: a code of the engine, `Usage`, `Unreachable`, `ExecutionFailed` … */
  readonly code: string;
  /** What to do about it: whole sentences. */
  readonly hint?: string;
  /** 2: the command was used wrongly. 1: anything else. Default 1. */
  readonly exitCode?: number;
  /** More fields of the JSON form. */
  readonly details?: JsonObject;
  /** Lines shown below the message as they are, such as the place of a fault in a text. */
  readonly excerpt?: string;
  readonly cause?: unknown;
}

/** A command came to nothing. The message says what failed; the hint, what to do. */
export class CliFailure extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly details: JsonObject;
  readonly excerpt: string | undefined;

  constructor(message: string, options: CliFailureOptions) {
    super(message, { cause: options.cause });
    this.name = "CliFailure";
    this.code = options.code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
    this.details = options.details ?? {};
    this.excerpt = options.excerpt;
  }
}

/** The command was used wrongly: exit status 2. */
export function usageFailure(
  message: string,
  more: { readonly hint?: string; readonly excerpt?: string } = {},
): CliFailure {
  return new CliFailure(message, { code: "Usage", exitCode: 2, ...more });
}

/** What the engine says, and what a client finds out by itself (`WeftErrorCode`). */
const codes: Readonly<Record<ApiCode | "Timeout" | "ConnectionClosed", true>> = {
  NotFound: true,
  AlreadyExists: true,
  InvalidArgument: true,
  InvalidDefinition: true,
  InvalidStatus: true,
  InvalidToken: true,
  PayloadTooLarge: true,
  LimitExceeded: true,
  Unavailable: true,
  Internal: true,
  Timeout: true,
  ConnectionClosed: true,
};

const hints: { readonly [code: string]: string } = {
  Unavailable: "Is a Weft server running there? `weft doctor` looks, `weft serve` starts one.",
  PayloadTooLarge: "Keep large data elsewhere and pass a reference to it.",
  InvalidDefinition: "`weft validate FILE` shows every finding with its place.",
  Timeout: "It may have been carried out all the same: look before you ask again.",
  Internal: "Weft's own fault: its log says more.",
};

/** Whatever was thrown, as a {@link CliFailure}. Refusals keep their code; the unknown becomes `Failed`. */
export function asCliFailure(thrown: unknown): CliFailure {
  if (thrown instanceof CliFailure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = codeOf(thrown);
  if (code === undefined) return new CliFailure(message, { code: "Failed", cause: thrown });
  const hint = hints[code];
  const diagnostics = diagnosticsOf(thrown);
  return new CliFailure(message === "" ? code : message, {
    code,
    cause: thrown,
    ...present({ hint }),
    ...(diagnostics === undefined ? {} : { details: { diagnostics } }),
  });
}

/** The engine's code that a refusal carries, also across realms and wrappers. */
function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" && Object.hasOwn(codes, thrown.code) ? thrown.code : undefined;
}

function diagnosticsOf(thrown: unknown): Json | undefined {
  if (typeof thrown !== "object" || thrown === null || !("diagnostics" in thrown)) return undefined;
  return Array.isArray(thrown.diagnostics) ? (thrown.diagnostics as Json[]) : undefined;
}

/** Writes a failure to stderr: as text, or with `json` as one line `{"error":{"code","message","hint"?,…}}`. */
export function reportFailure(failure: CliFailure, stderr: TextSink, paint: Paint, json: boolean): void {
  if (json) {
    const error = {
      code: failure.code,
      message: failure.message,
      ...present({ hint: failure.hint }),
      ...failure.details,
    };
    return stderr.write(`${JSON.stringify({ error })}\n`);
  }
  const label = failure.code === "Usage" || failure.code === "Failed" ? "Error" : `Error (${failure.code})`;
  stderr.write(`${paint.red(paint.bold(`${label}:`))} ${printable(failure.message, { keepLines: true })}\n`);
  if (failure.excerpt !== undefined) stderr.write(`${failure.excerpt}\n`);
  for (const line of diagnosticLines(failure.details)) stderr.write(`  ${line}\n`);
  if (failure.hint !== undefined) stderr.write(`${paint.dim(failure.hint)}\n`);
}

function diagnosticLines(details: JsonObject): string[] {
  const diagnostics = details["diagnostics"];
  if (!Array.isArray(diagnostics)) return [];
  return diagnostics.filter((one: Json) => isJsonObject(one)).map((one: JsonObject) =>
    diagnosticLine(String(one["severity"]), one)
  );
}

/** One finding: `severity`, which may be coloured, code, its place if it has one, and the message. */
export function diagnosticLine(
  severity: string,
  { code, location, message }: { readonly code?: unknown; readonly location?: unknown; readonly message?: unknown },
): string {
  const place = typeof location === "string" && location !== "" ? ` ${location}` : "";
  return `${severity} ${printable(`${code}${place}: ${message}`)}`;
}
