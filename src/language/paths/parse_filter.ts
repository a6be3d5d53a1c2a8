/** The condition in `[?( … )]` to {@link Filter}. */
import type { Json } from "../../values/mod.ts";
import { type Cursor, SyntaxFailure } from "../cursor.ts";
import { NESTING_MAX, readQuoted } from "./quoted.ts";
import { type Filter, type FilterOperator, filterOperators, type Operand, type Path } from "./path.ts";

/** Reads a path from the cursor on; `ends` are the characters that end a name in dot notation. */
type ReadPath = (cursor: Cursor, ends: (character: string) => boolean, nesting: number) => Path;

/**
 * Reads a condition, with or without parentheses around it.
 *
 * @param readPath The reader of paths, in whose filters this stands
 * @throws {SyntaxFailure}
 */
export function parseFilter(cursor: Cursor, nesting: number, readPath: ReadPath): Filter {
  return new FilterParser(cursor, readPath).alternatives(nesting);
}

class FilterParser {
  readonly #cursor: Cursor;
  readonly #readPath: ReadPath;

  constructor(cursor: Cursor, readPath: ReadPath) {
    this.#cursor = cursor;
    this.#readPath = readPath;
  }

  alternatives(nesting: number): Filter {
    if (nesting > NESTING_MAX) throw new SyntaxFailure("The filter is nested too deeply");
    const operands = [this.#conjunction(nesting)];
    while (takeAfterBlanks(this.#cursor, "||")) operands.push(this.#conjunction(nesting));
    return combined("or", operands);
  }

  #conjunction(nesting: number): Filter {
    const operands = [this.#unary(nesting)];
    while (takeAfterBlanks(this.#cursor, "&&")) operands.push(this.#unary(nesting));
    return combined("and", operands);
  }

  #unary(nesting: number): Filter {
    if (nesting > NESTING_MAX) throw new SyntaxFailure("The filter is nested too deeply");
    const cursor = this.#cursor;
    cursor.skipBlanks();
    if (cursor.peek() === "!" && cursor.peek(1) !== "=") {
      cursor.at++;
      return { kind: "not", operand: this.#unary(nesting + 1) };
    }
    if (!cursor.take("(")) return this.#comparison(nesting);
    const filter = this.alternatives(nesting + 1);
    if (!takeAfterBlanks(cursor, ")")) throw new SyntaxFailure(`Expected ) at position ${cursor.at}`);
    return filter;
  }

  #comparison(nesting: number): Filter {
    const left = this.#operand(nesting);
    this.#cursor.skipBlanks();
    const operator = readOperator(this.#cursor);
    if (operator !== undefined) return { kind: "compare", operator, left, right: this.#operand(nesting) };
    if (left.kind === "literal") throw new SyntaxFailure(`Expected an operator at position ${this.#cursor.at}`);
    return { kind: "exists", operand: left };
  }

  #operand(nesting: number): Operand {
    this.#cursor.skipBlanks();
    const first = this.#cursor.peek();
    if (first !== "@" && first !== "$") return { kind: "literal", value: readLiteral(this.#cursor, nesting) };
    return { kind: first === "@" ? "item" : "root", path: this.#readPath(this.#cursor, endsName, nesting + 1) };
  }
}

function combined(kind: "or" | "and", operands: readonly Filter[]): Filter {
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind, operands };
}

function readOperator(cursor: Cursor): FilterOperator | undefined {
  if (cursor.peek() === "=" && cursor.peek(1) === "~") {
    throw new SyntaxFailure("Regular expressions are not supported in filters");
  }
  for (const operator of filterOperators) {
    if (cursor.text.slice(cursor.at, cursor.at + operator.length).toLowerCase() !== operator) continue;
    if (/^[a-z]/.test(operator) && /[A-Za-z0-9_]/.test(cursor.peek(operator.length))) continue;
    cursor.at += operator.length;
    return operator;
  }
  return undefined;
}

function readLiteral(cursor: Cursor, nesting: number): Json {
  if (nesting > NESTING_MAX) throw new SyntaxFailure("The filter is nested too deeply");
  cursor.skipBlanks();
  const first = cursor.peek();
  if (first === "'" || first === '"') return readQuoted(cursor);
  if (first === "[") return readLiteralList(cursor, nesting);
  const word = takeWord(cursor);
  if (word !== "") return words.has(word) ? words.get(word) ?? null : word;
  const number = cursor.takeNumber();
  if (number === undefined) throw new SyntaxFailure(`Could not parse the filter at position ${cursor.at}`);
  return number;
}

const words: ReadonlyMap<string, Json> = new Map<string, Json>([["true", true], ["false", false], ["null", null]]);

/** A word without quotes, which AWS takes as the text that it is: `[?(@.Name==Receipt)]`. `""`: there is none. */
function takeWord(cursor: Cursor): string {
  return /[A-Za-z_]/.test(cursor.peek()) ? cursor.takeWhile((character) => /[A-Za-z0-9_]/.test(character)) : "";
}

function readLiteralList(cursor: Cursor, nesting: number): Json {
  cursor.take("[");
  const list: Json[] = [];
  while (!takeAfterBlanks(cursor, "]")) {
    if (list.length > 0 && !cursor.take(",")) throw new SyntaxFailure(`Expected , or ] at position ${cursor.at}`);
    list.push(readLiteral(cursor, nesting + 1));
  }
  return list;
}

function takeAfterBlanks(cursor: Cursor, token: string): boolean {
  cursor.skipBlanks();
  return cursor.take(token);
}

const nameEnds = new Set([...")=!<>&|,]"]);

function endsName(character: string): boolean {
  return nameEnds.has(character);
}
