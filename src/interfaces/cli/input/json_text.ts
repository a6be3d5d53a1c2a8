/** Where in a JSON text something is, in words for people: the first fault, or the value at a path such as `/States/Sort/Choices[0]/Next`. */
import { type Json, type JsonFault, placeOf, readJsonText } from "../../../values/mod.ts";

/** A fault in words. `offset` is the 0-based index into the text. */
export interface WordedFault {
  readonly message: string;
  readonly offset: number;
}

/** A value, or why there is none. */
export type ParsedJson = { readonly value: Json } | { readonly fault: WordedFault };

/** Levels of nesting that are followed; beyond, the text is a fault. Payloads are refused by the engine long before. */
const NESTING_MAX = 1_000;

/** `JSON.parse` with a fault that has a place. */
export function parseJsonText(text: string): ParsedJson {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : "no JSON";
    const read = readJsonText(text, NESTING_MAX);
    return { fault: "fault" in read ? inWords(text, read.fault) : { message, offset: 0 } };
  }
}

/** What a scan found. */
export interface JsonScan {
  readonly fault?: WordedFault;
  /** Offset of each member's name and each element, by path as a `Diagnostic`'s location is. The whole text is `""`. */
  readonly offsets: ReadonlyMap<string, number>;
}

/** Scans a whole text. With a fault, `offsets` holds what came before it. */
export function scanJson(text: string): JsonScan {
  const offsets = new Map<string, number>();
  const read = readJsonText(text, NESTING_MAX, offsets);
  return "fault" in read ? { offsets, fault: inWords(text, read.fault) } : { offsets };
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

function inWords(text: string, fault: JsonFault): WordedFault {
  const message = messageOf(text, fault);
  if (!("open" in fault) || fault.offset < text.length) {
    return { message, offset: fault.kind === "quote" ? fault.begin : fault.offset };
  }
  const { line, column } = placeOf(text, fault.open.offset);
  return { message: `${message} (what is open began at line ${line}, column ${column})`, offset: fault.offset };
}

function messageOf(text: string, fault: JsonFault): string {
  const seen = seenAt(text, fault.offset);
  switch (fault.kind) {
    case "value":
    case "word":
      return valueMissing(text, fault, seen);
    case "name":
      return fault.isAfterComma && text.charAt(fault.offset) === "}"
        ? 'expected another member after ",", but found "}"'
        : `expected a member's name in double quotes, but found ${seen}`;
    case "colon":
      return `expected ":" after a member's name, but found ${seen}`;
    case "separator":
      return fault.open.kind === "Object"
        ? `expected "," or "}" after a member, but found ${seen}`
        : `expected "," or "]" after an element, but found ${seen}`;
    case "end":
      return `expected the end, but found ${seen}`;
    case "quote":
      return "expected the end of the string that begins here, but the text ends";
    case "control": {
      const name = text.charAt(fault.offset) === "\n" ? "a line break" : "a control character";
      return `expected the end of a string, but found ${name}: write it as an escape`;
    }
    case "escape":
    case "hex":
      return "expected an escape such as \\n, \\\\ or \\u00e9";
    case "number":
      return `expected a number, but found ${seen}${fault.digits === "" ? "" : ` after "${fault.digits}"`}`;
    case "range":
      return `Numeric value (${fault.digits.slice(0, 50)}) out of range`;
    case "depth":
      return `nested deeper than ${fault.depthMax} levels`;
  }
}

function valueMissing(text: string, fault: Extract<JsonFault, { kind: "value" | "word" }>, seen: string): string {
  if (fault.kind === "value" && fault.isAfterComma && seen === '"]"') {
    return 'expected another element after ",", but found "]"';
  }
  return text.trim() === ""
    ? "expected a JSON value, but the text is empty"
    : `expected a JSON value, but found ${seen}`;
}

const wordPattern = /[A-Za-z_$][A-Za-z0-9_$]*/y;

function seenAt(text: string, offset: number): string {
  const codePoint = text.codePointAt(offset);
  if (codePoint === undefined) return "the end of the text";
  wordPattern.lastIndex = offset;
  const word = wordPattern.exec(text)?.[0];
  if (word === undefined && codePoint === 0x22) return "a string";
  return JSON.stringify(word?.slice(0, 20) ?? String.fromCodePoint(codePoint));
}
