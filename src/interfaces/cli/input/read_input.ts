/** JSON and definitions from the command line: as text, `@FILE`, or `-` for stdin. */
import { defaultLimits, type Json, placeOf } from "../../../values/mod.ts";
import { CliFailure, usageFailure } from "../output/failure.ts";
import type { CliIo } from "../io.ts";
import { excerptAt, parseJsonText } from "./json_text.ts";
import { isYamlName } from "./yaml_name.ts";

/** Bytes read from stdin: enough for the largest definition and to see that an input is too large. */
const STDIN_BYTES_MAX = 8 * defaultLimits.definitionBytesMax;

/** A text and where it came from. */
export interface SourcedText {
  readonly text: string;
  /** For messages: `--input`, `stdin` or the file's name. */
  readonly source: string;
}

/** The JSON of `--input JSON|@FILE|-`; `{}` when it was not given, as AWS has it. */
export async function readInput(io: CliIo, argument: string | undefined): Promise<Json> {
  if (argument === undefined) return {};
  return jsonOf(await textOfArgument(io, argument, "--input"));
}

/** Parsed JSON, or a failure (exit status 2) that shows the place. */
export function jsonOf({ text, source }: SourcedText): Json {
  const parsed = parseJsonText(text);
  if ("value" in parsed) return parsed.value;
  const { line, column } = placeOf(text, parsed.fault.offset);
  throw usageFailure(`${source} is no JSON: ${parsed.fault.message}, at line ${line}, column ${column}`, {
    excerpt: excerptAt(text, parsed.fault.offset),
    ...(source === "--input"
      ? { hint: "Quote it for the shell: --input '{\"orderId\": 1}', or use @FILE or - for stdin." }
      : {}),
  });
}

async function textOfArgument(io: CliIo, argument: string, name: string): Promise<SourcedText> {
  if (argument === "-") return readStdin(io);
  if (argument.startsWith("@")) return await readTextFile(io, argument.slice(1));
  return { text: argument, source: name };
}

/** A file's text, or stdin's for `-`. */
export async function readTextFile(io: CliIo, path: string): Promise<SourcedText> {
  if (path === "-") return await readStdin(io);
  try {
    return { text: await io.readTextFile(path), source: path };
  } catch (thrown) {
    throw new CliFailure(`Cannot read "${path}": ${reasonOf(thrown)}`, { code: "Usage", exitCode: 2, cause: thrown });
  }
}

/** A definition as JSON text: that of a YAML file is made of its value, so places in it are those of that text. */
export async function readDefinition(io: CliIo, path: string): Promise<SourcedText> {
  const { text, source } = await readTextFile(io, path);
  if (!isYamlName(path)) return { text, source };
  const { yamlValue } = await import("../templates/template_text.ts");
  return { text: JSON.stringify(yamlValue(text, source), null, 2), source: `${source} (as JSON)` };
}

async function readStdin(io: CliIo): Promise<SourcedText> {
  if (io.stdin.isTTY) io.stderr.write("Reading JSON from the terminal: end it with Ctrl-D\n");
  try {
    return { text: await io.stdin.readAll(STDIN_BYTES_MAX), source: "stdin" };
  } catch (thrown) {
    throw usageFailure(`Cannot read stdin: ${reasonOf(thrown)}`);
  }
}

function reasonOf(thrown: unknown): string {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "it may not be read";
  if (code === "EISDIR") return "it is a folder";
  return thrown instanceof Error ? thrown.message : String(thrown);
}
