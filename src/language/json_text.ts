/** JSON text to a value as AWS's parser reads it: its faults in the words and at the places of Jackson. */
import * as Result from "effect/Result";
import { type JsonFault, placeOf, type ReadJson, readJsonText, type TextPlace } from "../values/mod.ts";

/** Why a text is no JSON, and where. */
export interface JsonTextFailure {
  readonly message: string;
  readonly place: TextPlace;
}

/**
 * Parses JSON text.
 *
 * @param depthMax Containers within each other
 * @returns The value with its repeated keys, or the first syntax error. Never throws
 */
export function parseJsonText(text: string, depthMax: number): Result.Result<ReadJson, JsonTextFailure> {
  const read = readJsonText(text, depthMax);
  if (!("fault" in read)) return Result.succeed(read);
  const { message, offset } = inJacksonsWords(text, read.fault);
  return Result.fail({ message, place: placeOf(text, offset) });
}

/** A place in the form of AWS's parser: `[Source: (String)"…"; line: 1, column: 4]`, long texts cut. */
export function jacksonLocation(text: string, { line, column }: TextPlace): string {
  const kept = 500;
  const shown = text.length <= kept ? `"${text}"` : `"${text.slice(0, kept)}"[truncated ${text.length - kept} chars]`;
  return `[Source: (String)${shown}; line: ${line}, column: ${column}]`;
}

/** A failure as a newer version of AWS's parser words it: it keeps the text to itself, and counts columns as everybody does. */
export function redactedCause({ message, place }: JsonTextFailure): string {
  const hidden = message.replace(/\[Source: \(String\)"[^]*(; line: \d+, column: \d+\])/, `${REDACTED}$1`);
  const column = message.startsWith("Unexpected character") ? place.column - 1 : place.column;
  return `${hidden}\n at ${REDACTED}; line: ${place.line}, column: ${column}]`;
}

const REDACTED = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";

/** A message, and the offset at which Jackson sees the fault. */
interface Worded {
  readonly message: string;
  readonly offset: number;
}

const TOKENS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

function inJacksonsWords(text: string, fault: JsonFault): Worded {
  const { offset } = fault;
  const unexpected = (expectation: string, at = offset) => unexpectedAt(text, at, expectation);
  switch (fault.kind) {
    case "value":
      return unexpected(`: expected a valid value ${TOKENS}`);
    case "word":
      return {
        message: `Unrecognized token '${fault.word.slice(0, 256)}': was expecting ${TOKENS}`,
        offset: offset + fault.word.length,
      };
    case "name":
    case "colon":
    case "separator":
      return offset === text.length ? unclosed(text, fault.open) : unexpected(missingIn(fault));
    case "end":
      return unexpected(": expected the end of the definition");
    case "quote": {
      const where = fault.isName ? " in field name" : ": was expecting closing quote for a string value";
      return { message: `Unexpected end-of-input${where}`, offset };
    }
    case "control": {
      const shown = shownCharacter(text.charCodeAt(offset));
      const advice = "has to be escaped using backslash to be included in string value";
      return { message: `Illegal unquoted character (${shown}): ${advice}`, offset };
    }
    case "escape": {
      const letter = text.charCodeAt(offset + 1);
      const message = Number.isNaN(letter)
        ? "Unexpected end-of-input in character escape sequence"
        : `Unrecognized character escape ${shownCharacter(letter)}`;
      return { message, offset: offset + 2 };
    }
    case "hex":
      return unexpected(": expected a hex-digit for character escape sequence", fault.digitAt);
    case "number":
      return fault.missingAt === undefined
        ? { message: "Invalid numeric value: Leading zeroes not allowed", offset: offset + 1 }
        : unexpected(` in numeric value: ${digitMissing(text, fault)}`, fault.missingAt);
    case "range":
      return { message: `Numeric value (${fault.digits.slice(0, 50)}) out of range`, offset };
    case "depth":
      return { message: `Document nesting depth exceeds the maximum allowed (${fault.depthMax})`, offset };
  }
}

function missingIn({ kind, open }: Extract<JsonFault, { kind: "name" | "colon" | "separator" }>): string {
  switch (kind) {
    case "name":
      return ": was expecting double-quote to start field name";
    case "colon":
      return ": was expecting a colon to separate field name and value";
    case "separator":
      return `: was expecting comma to separate ${open.kind} entries`;
  }
}

function digitMissing(text: string, { digits, offset }: Extract<JsonFault, { kind: "number" }>): string {
  if (digits === "") return "expected digit (0-9) to follow minus sign, for valid numeric value";
  return text.charAt(offset) === "."
    ? "Decimal point not followed by a digit"
    : "Exponent indicator not followed by a digit";
}

function unclosed(text: string, { kind, offset }: Extract<JsonFault, { kind: "name" }>["open"]): Worded {
  const start = jacksonLocation(text, placeOf(text, offset));
  return {
    message: `Unexpected end-of-input: expected close marker for ${kind} (start marker at ${start})`,
    offset: text.length,
  };
}

/** Jackson has already taken the character when it complains: its column is one further. */
function unexpectedAt(text: string, offset: number, expectation: string): Worded {
  const code = text.codePointAt(offset);
  if (code === undefined) return { message: "Unexpected end-of-input", offset };
  return { message: `Unexpected character (${shownCharacter(code)})${expectation}`, offset: offset + 1 };
}

function shownCharacter(code: number): string {
  return code < 32 ? `(CTRL-CHAR, code ${code})` : `'${String.fromCodePoint(code)}' (code ${code})`;
}
