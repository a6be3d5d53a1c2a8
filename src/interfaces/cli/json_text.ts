/**
 * Where in a JSON text something is: the first fault, or the value at a path such as `/States/Sort/Choices[0]/Next`.
 *
 * `JSON.parse` says where it stopped in a wording of its own, and not always; and it forgets where values came from. This scanner
 * goes over the text once, builds no values, and is used only for messages: what is valid is decided by `JSON.parse`.
 */
import type { Json } from "../../values/mod.ts";

/** 1-based, as editors count; columns in characters of UTF-16. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** The first thing that makes a text no JSON. */
export interface JsonFault {
  readonly message: string;
  /** 0-based index into the text. */
  readonly offset: number;
}

/** A value, or why there is none. */
export type ParsedJson = { readonly value: Json } | { readonly fault: JsonFault };

/** Levels of nesting that are followed; beyond, the text is a fault. Payloads are refused by the engine long before. */
const NESTING_MAX = 1_000;
/** Levels to which paths are kept. */
const PATH_DEPTH_MAX = 200;

/** `JSON.parse` with a fault that has a place. */
export function parseJsonText(text: string): ParsedJson {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : "no JSON";
    return { fault: scanJson(text).fault ?? { message, offset: 0 } };
  }
}

/** What a scan found. */
export interface JsonScan {
  readonly fault?: JsonFault;
  /** Offset of each member's name and each element, by path as a `Diagnostic`'s location is. The whole text is `""`. */
  readonly offsets: ReadonlyMap<string, number>;
}

/** Scans a whole text. With a fault, `offsets` holds what came before it. */
export function scanJson(text: string): JsonScan {
  const scanner = new JsonScanner(text);
  try {
    scanner.document();
    return { offsets: scanner.offsets };
  } catch (thrown) {
    if (!(thrown instanceof FaultFound)) throw thrown;
    return { offsets: scanner.offsets, fault: { message: thrown.message, offset: thrown.offset } };
  }
}

/** Offset of what `path` names, or of its nearest ancestor that is there. */
export function offsetOfPath(scan: JsonScan, path: string): number {
  let rest = path;
  while (rest !== "") {
    const offset = scan.offsets.get(rest);
    if (offset !== undefined) return offset;
    rest = rest.slice(0, Math.max(0, rest.lastIndexOf("/"), rest.lastIndexOf("[")));
  }
  return scan.offsets.get("") ?? 0;
}

/** Line and column of an offset. */
export function placeOf(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: before.length - lineStart + 1 };
}

/** The line that holds `offset` and a caret below it, at most about 76 columns. */
export function excerptAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const found = text.indexOf("\n", offset);
  const lineEnd = found === -1 ? text.length : found;
  const from = Math.max(lineStart, offset - 40);
  const shown = text.slice(from, Math.min(lineEnd, from + 72));
  const ahead = from > lineStart ? "…" : "";
  const behind = from + 72 < lineEnd ? "…" : "";
  const safe = shown.replace(/\p{Cc}/gu, " ");
  return `  ${ahead}${safe}${behind}\n  ${" ".repeat(ahead.length + offset - from)}^`;
}

class FaultFound extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const escapePattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const wordPattern = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const blankPattern = /[ \t\r\n]*/y;

class JsonScanner {
  readonly offsets = new Map<string, number>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#skipBlanks();
    if (this.#at === this.#text.length) this.#fail("expected a JSON value, but the text is empty");
    this.offsets.set("", this.#at);
    this.#value("", 0);
    this.#skipBlanks();
    if (this.#at < this.#text.length) this.#fail(`expected the end, but found ${this.#seen()}`);
  }

  #value(path: string, depth: number): void {
    if (depth > NESTING_MAX) this.#fail(`nested deeper than ${NESTING_MAX} levels`);
    const next = this.#text[this.#at];
    if (next === "{") return this.#object(path, depth);
    if (next === "[") return this.#array(path, depth);
    if (next === '"') {
      this.#string();
      return;
    }
    if (next !== undefined && (next === "-" || (next >= "0" && next <= "9"))) return this.#number();
    const word = this.#match(wordPattern);
    if (word === "true" || word === "false" || word === "null") return;
    if (word !== undefined) this.#at -= word.length;
    this.#fail(`expected a JSON value, but found ${this.#seen()}`);
  }

  #object(path: string, depth: number): void {
    const opened = this.#at;
    this.#at += 1;
    this.#skipBlanks();
    if (this.#take("}")) return;
    for (;;) {
      const nameAt = this.#at;
      if (this.#text[nameAt] !== '"') {
        this.#fail(`expected a member's name in double quotes, but found ${this.#seen()}`, opened);
      }
      const name = JSON.parse(this.#string()) as string;
      const member = this.#child(`${path}/${name}`, path, depth, nameAt);
      this.#skipBlanks();
      if (!this.#take(":")) this.#fail(`expected ":" after a member's name, but found ${this.#seen()}`, opened);
      this.#skipBlanks();
      this.#value(member, depth + 1);
      this.#skipBlanks();
      if (this.#take("}")) return;
      if (!this.#take(",")) this.#fail(`expected "," or "}" after a member, but found ${this.#seen()}`, opened);
      this.#skipBlanks();
      if (this.#text[this.#at] === "}") this.#fail('expected another member after ",", but found "}"');
    }
  }

  #array(path: string, depth: number): void {
    const opened = this.#at;
    this.#at += 1;
    this.#skipBlanks();
    if (this.#take("]")) return;
    for (let index = 0;; index += 1) {
      const element = this.#child(`${path}[${index}]`, path, depth, this.#at);
      this.#value(element, depth + 1);
      this.#skipBlanks();
      if (this.#take("]")) return;
      if (!this.#take(",")) this.#fail(`expected "," or "]" after an element, but found ${this.#seen()}`, opened);
      this.#skipBlanks();
      if (this.#text[this.#at] === "]") this.#fail('expected another element after ",", but found "]"');
    }
  }

  /** The child's path, remembered with its offset; beyond the depth that is kept, the parent's. */
  #child(child: string, parent: string, depth: number, offset: number): string {
    if (depth >= PATH_DEPTH_MAX) return parent;
    this.offsets.set(child, offset);
    return child;
  }

  /** Takes a string, and returns its text with quotes and escapes. */
  #string(): string {
    const opened = this.#at;
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? "";
      if (character === '"') {
        this.#at += 1;
        return this.#text.slice(opened, this.#at);
      }
      if (character < " ") {
        const name = character === "\n" ? "a line break" : "a control character";
        this.#fail(`expected the end of a string, but found ${name}: write it as an escape`);
      }
      if (character !== "\\") this.#at += 1;
      else if (this.#match(escapePattern) === undefined) this.#fail("expected an escape such as \\n, \\\\ or \\u00e9");
    }
    this.#at = opened;
    return this.#fail("expected the end of the string that begins here, but the text ends");
  }

  #number(): void {
    const found = this.#match(numberPattern);
    if (found === undefined) this.#fail(`expected a number, but found ${this.#seen()}`);
    if (/[0-9A-Za-z.]/.test(this.#text[this.#at] ?? "")) {
      this.#fail(`expected a number, but found ${this.#seen()} after "${found}"`);
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #skipBlanks(): void {
    this.#match(blankPattern);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #seen(): string {
    const codePoint = this.#text.codePointAt(this.#at);
    if (codePoint === undefined) return "the end of the text";
    wordPattern.lastIndex = this.#at;
    const word = wordPattern.exec(this.#text)?.[0];
    if (word === undefined && codePoint === 0x22) return "a string";
    return JSON.stringify(word?.slice(0, 20) ?? String.fromCodePoint(codePoint));
  }

  #fail(message: string, opened?: number): never {
    if (opened !== undefined && this.#at === this.#text.length) {
      const { line, column } = placeOf(this.#text, opened);
      throw new FaultFound(`${message} (what is open began at line ${line}, column ${column})`, this.#at);
    }
    throw new FaultFound(message, this.#at);
  }
}
