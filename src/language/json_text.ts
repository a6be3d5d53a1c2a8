/**
 * JSON text to a value, with the keys that are repeated and the line and column of a syntax error. Depth is bounded.
 * Failures are worded as AWS's parser words them.
 */
import { Result } from "effect";
import type { Json } from "../values/mod.ts";
import { setOwn } from "./own.ts";

/** A place in a text: line and column are 1-based, `offset` is in UTF-16 units. */
export interface TextPosition {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** A parsed text. */
export interface ParsedJson {
  readonly value: Json;
  /** Keys that an object has twice, by the object's pointer (`/States`); the last one counts. */
  readonly duplicates: readonly { readonly location: string; readonly key: string }[];
}

/** Why a text is no JSON, and where. */
export interface JsonTextFailure {
  readonly message: string;
  readonly position: TextPosition;
  /** It may well be JSON, but is nested deeper than asked for. */
  readonly isTooDeep: boolean;
}

/**
 * Parses JSON text.
 *
 * @param depthMax Containers within each other
 * @returns The value with its places, or the first syntax error. Never throws
 */
export function parseJsonText(text: string, depthMax: number): Result.Result<ParsedJson, JsonTextFailure> {
  const parser = new Parser(text, depthMax);
  try {
    return Result.succeed(parser.parse());
  } catch (failure) {
    if (!(failure instanceof JsonSyntaxFailure)) throw failure;
    const { message, offset, isTooDeep } = failure;
    return Result.fail({ message, position: positionAt(text, offset), isTooDeep });
  }
}

/** A place in the form of AWS's parser: `[Source: (String)"…"; line: 1, column: 4]`, long texts cut. */
export function jacksonLocation(text: string, { line, column }: TextPosition): string {
  const kept = 500;
  const shown = text.length <= kept ? `"${text}"` : `"${text.slice(0, kept)}"[truncated ${text.length - kept} chars]`;
  return `[Source: (String)${shown}; line: ${line}, column: ${column}]`;
}

/** A failure as a newer version of AWS's parser words it: it keeps the text to itself, and counts columns as everybody does. */
export function redactedCause({ message, position }: JsonTextFailure): string {
  const hidden = message.replace(/\[Source: \(String\)"[^]*(; line: \d+, column: \d+\])/, `${REDACTED}$1`);
  const column = message.startsWith("Unexpected character") ? position.column - 1 : position.column;
  return `${hidden}\n at ${REDACTED}; line: ${position.line}, column: ${column}]`;
}

const REDACTED = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";

function shownCharacter(code: number): string {
  return code < 32 ? `(CTRL-CHAR, code ${code})` : `'${String.fromCodePoint(code)}' (code ${code})`;
}

class JsonSyntaxFailure extends Error {
  readonly offset: number;
  readonly isTooDeep: boolean;
  constructor(message: string, offset: number, isTooDeep = false) {
    super(message);
    this.offset = offset;
    this.isTooDeep = isTooDeep;
  }
}

function positionAt(text: string, offset: number): TextPosition {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { offset, line, column: offset - lineStart + 1 };
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

class Parser {
  readonly #text: string;
  readonly #depthMax: number;
  readonly #duplicates: { readonly location: string; readonly key: string }[] = [];
  #at = 0;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  parse(): ParsedJson {
    const value = this.#value("", 0);
    this.#skipBlanks();
    if (this.#at < this.#text.length) this.#unexpected(": expected the end of the definition");
    return { value, duplicates: this.#duplicates };
  }

  #value(location: string, depth: number): Json {
    this.#skipBlanks();
    const character = this.#text.charAt(this.#at);
    if (depth > this.#depthMax) {
      throw new JsonSyntaxFailure(
        `Document nesting depth exceeds the maximum allowed (${this.#depthMax})`,
        this.#at,
        true,
      );
    }
    if (character === "{") return this.#object(location, depth);
    if (character === "[") return this.#array(location, depth);
    if (character === '"') return this.#string();
    if (character === "-" || (character >= "0" && character <= "9")) return this.#number();
    return this.#word();
  }

  #object(location: string, depth: number): Json {
    const start = this.#at++;
    const object: Record<string, Json> = {};
    this.#skipBlanks();
    for (let isFirst = true; !this.#take("}"); isFirst = false) {
      if (!isFirst) this.#separator("Object", start);
      if (this.#text.charAt(this.#at) !== '"') {
        this.#unexpected(": was expecting double-quote to start field name", start, "Object");
      }
      const key = this.#string(" in field name");
      this.#skipBlanks();
      if (!this.#take(":")) {
        this.#unexpected(": was expecting a colon to separate field name and value", start, "Object");
      }
      if (Object.hasOwn(object, key)) this.#duplicates.push({ location, key });
      setOwn(object, key, this.#value(`${location}/${key}`, depth + 1));
      this.#skipBlanks();
    }
    return object;
  }

  #array(location: string, depth: number): Json {
    const start = this.#at++;
    const array: Json[] = [];
    this.#skipBlanks();
    while (!this.#take("]")) {
      if (array.length > 0) this.#separator("Array", start);
      array.push(this.#value(`${location}[${array.length}]`, depth + 1));
      this.#skipBlanks();
    }
    return array;
  }

  #separator(container: "Object" | "Array", start: number): void {
    if (!this.#take(",")) this.#unexpected(`: was expecting comma to separate ${container} entries`, start, container);
    this.#skipBlanks();
  }

  /** @param where Behind "Unexpected end-of-input" when the text ends in it */
  #string(where = ": was expecting closing quote for a string value"): string {
    this.#at++;
    let text = "";
    let runStart = this.#at;
    for (;;) {
      const character = this.#text.charAt(this.#at);
      if (character === "") {
        throw new JsonSyntaxFailure(`Unexpected end-of-input${where}`, this.#at);
      }
      if (character === '"') return text + this.#text.slice(runStart, this.#at++);
      if (character < " ") {
        throw new JsonSyntaxFailure(
          `Illegal unquoted character (${
            shownCharacter(character.charCodeAt(0))
          }): has to be escaped using backslash to be included in string value`,
          this.#at,
        );
      }
      if (character !== "\\") {
        this.#at++;
        continue;
      }
      text += this.#text.slice(runStart, this.#at) + this.#escape();
      runStart = this.#at;
    }
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at + 1);
    if (letter === "u") {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
        const bad = digits.search(/[^0-9a-fA-F]|$/);
        this.#at += 2 + bad;
        this.#unexpected(": expected a hex-digit for character escape sequence");
      }
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = escapes.get(letter);
    if (character === undefined) {
      throw new JsonSyntaxFailure(
        letter === ""
          ? "Unexpected end-of-input in character escape sequence"
          : `Unrecognized character escape ${shownCharacter(letter.charCodeAt(0))}`,
        this.#at + 2,
      );
    }
    this.#at += 2;
    return character;
  }

  #number(): number {
    const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) {
      this.#at++;
      this.#unexpected(" in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value");
    }
    this.#checkNumberEnd(match[0]);
    const number = Number(match[0]);
    if (!Number.isFinite(number)) {
      throw new JsonSyntaxFailure(`Numeric value (${match[0].slice(0, 50)}) out of range`, this.#at);
    }
    this.#at += match[0].length;
    return number;
  }

  /** What AWS's parser says of a number that goes on as no number can. */
  #checkNumberEnd(digits: string): void {
    const end = this.#at + digits.length;
    const next = this.#text.charAt(end);
    if (/^-?0$/.test(digits) && /[0-9]/.test(next)) {
      throw new JsonSyntaxFailure("Invalid numeric value: Leading zeroes not allowed", end + 1);
    }
    if (next === "." && !/[.eE]/.test(digits)) {
      this.#at = end + 1;
      this.#unexpected(" in numeric value: Decimal point not followed by a digit");
    }
    if (/[eE]/.test(next) && !/[eE]/.test(digits)) {
      this.#at = end + (/[+-]/.test(this.#text.charAt(end + 1)) ? 2 : 1);
      this.#unexpected(" in numeric value: Exponent indicator not followed by a digit");
    }
  }

  #word(): Json {
    const pattern = /[\p{ID_Continue}$]+/uy;
    pattern.lastIndex = this.#at;
    const word = pattern.exec(this.#text)?.[0];
    if (word === undefined) {
      this.#unexpected(
        ": expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
      );
    }
    this.#at += word.length;
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    throw new JsonSyntaxFailure(
      `Unrecognized token '${
        word.slice(0, 256)
      }': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`,
      this.#at,
    );
  }

  #skipBlanks(): void {
    while (" \t\n\r".includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at++;
  }

  #take(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at++;
    return true;
  }

  #unexpected(expectation: string, start?: number, container?: string): never {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) {
      throw new JsonSyntaxFailure(
        container === undefined || start === undefined
          ? "Unexpected end-of-input"
          : `Unexpected end-of-input: expected close marker for ${container} (start marker at ${
            jacksonLocation(this.#text, positionAt(this.#text, start))
          })`,
        this.#at,
      );
    }
    // The parser that AWS uses has already taken the character when it complains: its column is one further.
    throw new JsonSyntaxFailure(`Unexpected character (${shownCharacter(code)})${expectation}`, this.#at + 1);
  }
}
