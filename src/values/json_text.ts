/**
 * JSON text to a value, with what `JSON.parse` does not tell: keys that are repeated, where each value stands, and where and why
 * a text is no JSON. Depth is bounded. How a fault is worded is up to who shows it: AWS's parser has words of its own.
 */
import type { Json } from "./json.ts";
import { setOwn } from "./own.ts";

/** Line and column, 1-based, as editors count; columns in characters of UTF-16. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A container that is open where a fault is, and where it begins. */
export interface OpenContainer {
  readonly kind: "Object" | "Array";
  readonly offset: number;
}

/** The first thing that makes a text no JSON. `offset` is the 0-based index of what should not be there; the text's length: its end. */
export type JsonFault =
  & { readonly offset: number }
  & (
    /** Nothing that a value can begin with. `isAfterComma`: in an array, behind a comma. */
    | { readonly kind: "value"; readonly isAfterComma: boolean }
    /** A word that is not `true`, `false` or `null`. */
    | { readonly kind: "word"; readonly word: string }
    /** No `"` where a member's name has to begin. */
    | { readonly kind: "name"; readonly open: OpenContainer; readonly isAfterComma: boolean }
    /** No `:` behind a member's name. */
    | { readonly kind: "colon"; readonly open: OpenContainer }
    /** Neither `,` nor the end of the container. */
    | { readonly kind: "separator"; readonly open: OpenContainer }
    /** Something behind the value. */
    | { readonly kind: "end" }
    /** The text ends in a string, which begins at `begin`. */
    | { readonly kind: "quote"; readonly begin: number; readonly isName: boolean }
    /** A control character in a string. */
    | { readonly kind: "control" }
    /** A `\` with a letter behind it that is none of an escape's. */
    | { readonly kind: "escape" }
    /** A `\u` without four hex digits; `digitAt` is where the first is missing. */
    | { readonly kind: "hex"; readonly digitAt: number }
    /** A number that goes on as no number can; `missingAt` is where a digit is missing, absent where one is too many. */
    | { readonly kind: "number"; readonly digits: string; readonly missingAt?: number }
    /** A number that is larger than any. */
    | { readonly kind: "range"; readonly digits: string }
    /** More containers within each other than asked for. */
    | { readonly kind: "depth"; readonly depthMax: number }
  );

/** A text that has been read. */
export interface ReadJson {
  readonly value: Json;
  /** Keys that an object has twice, by the object's location (`/States`); the last one counts. */
  readonly duplicates: readonly { readonly location: string; readonly key: string }[];
}

/**
 * Reads a whole text. Never throws.
 *
 * @param depthMax Containers within each other
 * @param offsets Gets the offset of each member's name and each element by its location, such as `/States/Sort/Choices[0]`; the
 * whole text is `""`. With a fault, what came before it. Below some depth nothing is noted
 */
export function readJsonText(
  text: string,
  depthMax: number,
  offsets?: Map<string, number>,
): ReadJson | { readonly fault: JsonFault } {
  const reader = new JsonReader(text, depthMax, offsets);
  try {
    return { value: reader.document(), duplicates: reader.duplicates };
  } catch (thrown) {
    if (!(thrown instanceof FaultFound)) throw thrown;
    return { fault: thrown.fault };
  }
}

/** Line and column of an offset. */
export function placeOf(text: string, offset: number): TextPlace {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** Levels to which offsets are kept: a location grows with each. */
const OFFSETS_DEPTH_MAX = 200;

/** Thrown in the reader alone. */
class FaultFound {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    this.fault = fault;
  }
}

function found(fault: JsonFault): never {
  throw new FaultFound(fault);
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

class JsonReader {
  readonly duplicates: { readonly location: string; readonly key: string }[] = [];
  readonly #text: string;
  readonly #depthMax: number;
  readonly #offsets: Map<string, number> | undefined;
  /** Keys and indices on the way to the value that is read. */
  readonly #steps: (string | number)[] = [];
  #at = 0;

  constructor(text: string, depthMax: number, offsets: Map<string, number> | undefined) {
    this.#text = text;
    this.#depthMax = depthMax;
    this.#offsets = offsets;
  }

  document(): Json {
    this.#skipBlanks();
    if (this.#at < this.#text.length) this.#note(this.#at);
    const value = this.#value(false);
    this.#skipBlanks();
    if (this.#at < this.#text.length) found({ kind: "end", offset: this.#at });
    return value;
  }

  #value(isAfterComma: boolean): Json {
    this.#skipBlanks();
    if (this.#steps.length > this.#depthMax) {
      found({ kind: "depth", offset: this.#at, depthMax: this.#depthMax });
    }
    const character = this.#text.charAt(this.#at);
    if (character === "{") return this.#object();
    if (character === "[") return this.#array();
    if (character === '"') return this.#string(false);
    if (character === "-" || (character >= "0" && character <= "9")) return this.#number();
    return this.#word(isAfterComma);
  }

  #object(): Json {
    const open: OpenContainer = { kind: "Object", offset: this.#at++ };
    const object: Record<string, Json> = {};
    this.#skipBlanks();
    for (let isFirst = true; !this.#take("}"); isFirst = false) {
      if (!isFirst) this.#separator(open);
      const nameAt = this.#at;
      if (this.#text.charAt(nameAt) !== '"') {
        found({ kind: "name", offset: nameAt, open, isAfterComma: !isFirst });
      }
      const key = this.#string(true);
      this.#skipBlanks();
      if (!this.#take(":")) found({ kind: "colon", offset: this.#at, open });
      if (Object.hasOwn(object, key)) this.duplicates.push({ location: this.#location(), key });
      this.#steps.push(key);
      this.#note(nameAt);
      setOwn(object, key, this.#value(false));
      this.#steps.pop();
      this.#skipBlanks();
    }
    return object;
  }

  #array(): Json {
    const open: OpenContainer = { kind: "Array", offset: this.#at++ };
    const array: Json[] = [];
    this.#skipBlanks();
    while (!this.#take("]")) {
      if (array.length > 0) this.#separator(open);
      this.#steps.push(array.length);
      this.#note(this.#at);
      array.push(this.#value(array.length > 0));
      this.#steps.pop();
      this.#skipBlanks();
    }
    return array;
  }

  #separator(open: OpenContainer): void {
    if (!this.#take(",")) found({ kind: "separator", offset: this.#at, open });
    this.#skipBlanks();
  }

  #string(isName: boolean): string {
    const begin = this.#at++;
    let text = "";
    let runStart = this.#at;
    for (;;) {
      const character = this.#text.charAt(this.#at);
      if (character === "") found({ kind: "quote", offset: this.#at, begin, isName });
      if (character === '"') return text + this.#text.slice(runStart, this.#at++);
      if (character < " ") found({ kind: "control", offset: this.#at });
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
        found({ kind: "hex", offset: this.#at, digitAt: this.#at + 2 + digits.search(/[^0-9a-fA-F]|$/) });
      }
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = escapes.get(letter) ?? found({ kind: "escape", offset: this.#at });
    this.#at += 2;
    return character;
  }

  #number(): number {
    const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    pattern.lastIndex = this.#at;
    const digits = pattern.exec(this.#text)?.[0] ??
      found({ kind: "number", offset: this.#at, digits: "", missingAt: this.#at + 1 });
    this.#checkNumberEnd(digits);
    const number = Number(digits);
    if (!Number.isFinite(number)) found({ kind: "range", offset: this.#at, digits });
    this.#at += digits.length;
    return number;
  }

  #checkNumberEnd(digits: string): void {
    const offset = this.#at + digits.length;
    const next = this.#text.charAt(offset);
    if (/^-?0$/.test(digits) && /[0-9]/.test(next)) found({ kind: "number", offset, digits });
    if (next === "." && !/[.eE]/.test(digits)) found({ kind: "number", offset, digits, missingAt: offset + 1 });
    if (/[eE]/.test(next) && !/[eE]/.test(digits)) {
      const sign = /[+-]/.test(this.#text.charAt(offset + 1)) ? 1 : 0;
      found({ kind: "number", offset, digits, missingAt: offset + 1 + sign });
    }
  }

  #word(isAfterComma: boolean): Json {
    const pattern = /[\p{ID_Continue}$]+/uy;
    pattern.lastIndex = this.#at;
    const word = pattern.exec(this.#text)?.[0] ?? found({ kind: "value", offset: this.#at, isAfterComma });
    const offset = this.#at;
    this.#at += word.length;
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    return found({ kind: "word", offset, word });
  }

  /** Where the value that is read stands. */
  #location(): string {
    let location = "";
    for (const step of this.#steps) location += typeof step === "number" ? `[${step}]` : `/${step}`;
    return location;
  }

  #note(offset: number): void {
    if (this.#offsets === undefined || this.#steps.length > OFFSETS_DEPTH_MAX) return;
    this.#offsets.set(this.#location(), offset);
  }

  #skipBlanks(): void {
    while (" \t\n\r".includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at++;
  }

  #take(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at++;
    return true;
  }
}
