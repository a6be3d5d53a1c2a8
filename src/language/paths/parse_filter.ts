/** The condition in `[?( … )]` to {@link Filter}. */
import type { Json } from "../../values/mod.ts";
import { type Cursor, SyntaxFailure } from "../cursor.ts";
import { NESTING_MAX, readPath, readQuoted } from "./parse_path.ts";
import { type Filter, type FilterOperator, filterOperators, type Operand } from "./path.ts";

/**
 * Reads a condition, with or without parentheses around it.
 *
 * @throws {SyntaxFailure}
 */
export function parseFilter(cursor: Cursor, nesting: number): Filter {
  if (nesting > NESTING_MAX) throw new SyntaxFailure("The filter is nested too deeply");
  return readAlternatives(cursor, nesting);
}

function readAlternatives(cursor: Cursor, nesting: number): Filter {
  const operands = [readConjunction(cursor, nesting)];
  while (takeAfterBlanks(cursor, "||")) operands.push(readConjunction(cursor, nesting));
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind: "or", operands };
}

function readConjunction(cursor: Cursor, nesting: number): Filter {
  const operands = [readUnary(cursor, nesting)];
  while (takeAfterBlanks(cursor, "&&")) operands.push(readUnary(cursor, nesting));
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind: "and", operands };
}

function readUnary(cursor: Cursor, nesting: number): Filter {
  if (nesting > NESTING_MAX) throw new SyntaxFailure("The filter is nested too deeply");
  cursor.skipBlanks();
  if (cursor.peek() === "!" && cursor.peek(1) !== "=") {
    cursor.at++;
    return { kind: "not", operand: readUnary(cursor, nesting + 1) };
  }
  if (cursor.take("(")) {
    const filter = readAlternatives(cursor, nesting + 1);
    if (!takeAfterBlanks(cursor, ")")) throw new SyntaxFailure(`Expected ) at position ${cursor.at}`);
    return filter;
  }
  return readComparison(cursor, nesting);
}

function readComparison(cursor: Cursor, nesting: number): Filter {
  const left = readOperand(cursor, nesting);
  cursor.skipBlanks();
  const operator = readOperator(cursor);
  if (operator === undefined) {
    if (left.kind === "literal") throw new SyntaxFailure(`Expected an operator at position ${cursor.at}`);
    return { kind: "exists", operand: left };
  }
  return { kind: "compare", operator, left, right: readOperand(cursor, nesting) };
}

function readOperator(cursor: Cursor): FilterOperator | undefined {
  if (cursor.peek() === "=" && cursor.peek(1) === "~") {
    throw new SyntaxFailure("Regular expressions are not supported in filters");
  }
  for (const operator of filterOperators) {
    if (!cursor.text.slice(cursor.at, cursor.at + operator.length).toLowerCase().startsWith(operator)) continue;
    if (/^[a-z]/.test(operator) && /[A-Za-z0-9_]/.test(cursor.peek(operator.length))) continue;
    cursor.at += operator.length;
    return operator;
  }
  return undefined;
}

function readOperand(cursor: Cursor, nesting: number): Operand {
  cursor.skipBlanks();
  const first = cursor.peek();
  if (first === "@" || first === "$") {
    const path = readPath(cursor, endsName, nesting + 1);
    return { kind: first === "@" ? "item" : "root", path };
  }
  return { kind: "literal", value: readLiteral(cursor, nesting) };
}

function readLiteral(cursor: Cursor, nesting: number): Json {
  if (nesting > NESTING_MAX) throw new SyntaxFailure("The filter is nested too deeply");
  cursor.skipBlanks();
  const first = cursor.peek();
  if (first === "'" || first === '"') return readQuoted(cursor);
  if (first === "[") return readLiteralList(cursor, nesting);
  for (const [word, value] of [["true", true], ["false", false], ["null", null]] as const) {
    if (cursor.take(word)) return value;
  }
  const number = cursor.takeNumber();
  if (number === undefined) throw new SyntaxFailure(`Could not parse the filter at position ${cursor.at}`);
  return number;
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
