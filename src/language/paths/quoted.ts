/** What the parsers of paths and of their filters share. */
import { type Cursor, SyntaxFailure } from "../cursor.ts";

/** Deepest nesting of filters in paths in filters, and of calls and rules. */
export const NESTING_MAX = 32;

/** A name in single or double quotes. A backslash stands for itself but before the quote. */
export function readQuotedName(cursor: Cursor): string {
  return readBetweenQuotes(cursor, (quote) => cursor.take(quote) ? quote : "\\");
}

/** A text in single or double quotes; a backslash takes the next character as it is, `\uXXXX` and `\n` and the like as JSON does. */
export function readQuoted(cursor: Cursor): string {
  return readBetweenQuotes(cursor, () => readEscape(cursor));
}

function readBetweenQuotes(cursor: Cursor, readAfterBackslash: (quote: string) => string): string {
  const quote = cursor.peek();
  if (quote !== "'" && quote !== '"') throw new SyntaxFailure(`Expected a quoted name at position ${cursor.at}`);
  cursor.at++;
  let text = "";
  for (;;) {
    if (cursor.done()) throw new SyntaxFailure("Property has not been closed - missing closing quote");
    const character = cursor.peek();
    cursor.at++;
    if (character === quote) return text;
    text += character === "\\" ? readAfterBackslash(quote) : character;
  }
}

const escapes: ReadonlyMap<string, string> = new Map([["n", "\n"], ["r", "\r"], ["t", "\t"], ["b", "\b"], ["f", "\f"]]);

function readEscape(cursor: Cursor): string {
  const character = cursor.peek();
  cursor.at++;
  if (character === "u") {
    const digits = cursor.text.slice(cursor.at, cursor.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new SyntaxFailure(`Invalid \\u escape at position ${cursor.at}`);
    cursor.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  return escapes.get(character) ?? character;
}
