/** Logs as lines on standard error: for people, or JSON for whatever collects them. */
import process from "node:process";
import { Cause, Logger, References } from "effect";

/** How log lines look. */
export type LogFormat = "json" | "pretty";

/** All of {@link LogFormat}. */
export const logFormats: readonly LogFormat[] = ["json", "pretty"];

/** One thing that was logged, taken apart. */
interface Logged {
  /** ISO 8601, milliseconds, UTC. */
  readonly time: string;
  readonly level: string;
  readonly message: string;
  /** What varies: `executionId`, `partition` … */
  readonly fields: Readonly<Record<string, unknown>>;
}

const LINE_CHARACTERS_MAX = 16_384;
/** Names that a line has already. */
const taken = new Set(["time", "level", "message"]);

/** The logger of this format. It writes to standard error: what a command prints on standard output is for programs to read. */
export function lineLogger(format: LogFormat): Logger.Logger<unknown, void> {
  const lineOf = format === "json" ? jsonLine : prettyLine;
  return Logger.make((options) => void process.stderr.write(lineOf(loggedOf(options))));
}

function loggedOf({ message, logLevel, date, cause, fiber }: Logger.Options<unknown>): Logged {
  const parts: readonly unknown[] = Array.isArray(message) ? message : [message];
  const [first, ...rest] = parts;
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fiber.getRef(References.CurrentLogAnnotations))) {
    fields[taken.has(name) ? `${name}_` : name] = value;
  }
  if (rest.length > 0) fields["detail"] = rest.map(plain).join(" ");
  if (cause.reasons.length > 0) fields["cause"] = Cause.pretty(cause);
  return { time: date.toISOString(), level: logLevel.toLowerCase(), message: plain(first), fields };
}

function plain(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.message === "" ? value.name : `${value.name}: ${value.message}`;
  return jsonOf(value);
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === "bigint") return String(part);
      return part instanceof Error ? plain(part) : part;
    }) ?? String(value);
  } catch {
    return String(value);
  }
}

function jsonLine({ time, level, message, fields }: Logged): string {
  const line = jsonOf({ time, level, message, ...fields });
  return line.length <= LINE_CHARACTERS_MAX
    ? `${line}\n`
    : `${jsonOf({ time, level, message: message.slice(0, LINE_CHARACTERS_MAX / 4), isCut: true })}\n`;
}

function prettyLine({ time, level, message, fields }: Logged): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${quoted(plain(value))}`);
  const line = [time, level.toUpperCase().padEnd(5), message, ...shown].join(" ");
  return `${line.slice(0, LINE_CHARACTERS_MAX)}\n`;
}

/** Nothing that is logged can begin a line of its own, or steer a terminal. */
function quoted(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return /^[^\s"\u0000-\u001f\u007f-\u009f]+$/.test(text) ? text : JSON.stringify(text);
}
