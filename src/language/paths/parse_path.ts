/**
 * Text to {@link Path}. Depth and length are bounded by the definition's own limits and {@link NESTING_MAX}.
 */
import * as Result from "effect/Result";
import type { Json } from "../../values/mod.ts";
import { Cursor, SyntaxFailure } from "../cursor.ts";
import { parseFilter } from "./parse_filter.ts";
import { NESTING_MAX, readQuoted, readQuotedName } from "./quoted.ts";
import { makePath, type Path, type PathRoot, type PathToken } from "./path.ts";
import { isPathFunction } from "./path_functions.ts";

/** Steps of one path, which is also the depth to which `ResultPath` can nest. */
const STEPS_MAX = 200;

const isNameStart = (character: string) => /\p{ID_Start}/u.test(character);
const isNamePart = (character: string) => /\p{ID_Continue}/u.test(character);

/**
 * A path that is the whole of `text`, but for blanks behind it.
 *
 * @returns The path, or why it is none, such as `Path must not end with a '.' or '..'`
 */
export function parsePath(text: string): Result.Result<Path, string> {
  try {
    const cursor = new Cursor(text);
    const path = readPath(cursor, () => false, 0);
    cursor.skipBlanks();
    if (!cursor.done()) return Result.fail(`Could not parse token starting at position ${cursor.at}`);
    return Result.succeed(path);
  } catch (failure) {
    if (failure instanceof SyntaxFailure) return Result.fail(failure.message);
    throw failure;
  }
}

/**
 * Reads a path from the cursor on, as far as it goes.
 *
 * @param ends Characters that end a name in dot notation besides `.`, `[`, `(` and blanks
 * @throws {SyntaxFailure}
 */
export function readPath(cursor: Cursor, ends: (character: string) => boolean, nesting: number): Path {
  if (nesting > NESTING_MAX) throw new SyntaxFailure("The path is nested too deeply");
  const start = cursor.at;
  const root = readRoot(cursor);
  const tokens = readTokens(cursor, ends, nesting);
  return makePath(cursor.text.slice(start, cursor.at), root, tokens);
}

function readRoot(cursor: Cursor): PathRoot {
  if (cursor.take("@")) return { kind: "input" };
  if (!cursor.take("$")) throw new SyntaxFailure("Path must start with '$' or '@'");
  if (cursor.take("$")) return { kind: "context" };
  if (!isNameStart(cursor.peek())) return { kind: "input" };
  return { kind: "variable", name: cursor.takeWhile(isNamePart) };
}

function readTokens(cursor: Cursor, ends: (character: string) => boolean, nesting: number): PathToken[] {
  const tokens: PathToken[] = [];
  for (;;) {
    if (tokens.length > STEPS_MAX) throw new SyntaxFailure(`The path has more than ${STEPS_MAX} steps`);
    if (cursor.peek() === "[") {
      tokens.push(readBracket(cursor, nesting));
    } else if (cursor.take("..")) {
      tokens.push({ kind: "descent" });
      if (cursor.peek() !== "[") tokens.push(readDotted(cursor, ends, nesting));
    } else if (cursor.take(".")) {
      if (cursor.peek() === "[") tokens.push(readBracket(cursor, nesting));
      else tokens.push(readDotted(cursor, ends, nesting));
    } else {
      return tokens;
    }
  }
}

function readDotted(cursor: Cursor, ends: (character: string) => boolean, nesting: number): PathToken {
  if (cursor.take("*")) return { kind: "wildcard" };
  const name = cursor.takeWhile((c) => c !== "." && c !== "[" && c !== "(" && !/\s/.test(c) && !ends(c));
  if (name === "") throw new SyntaxFailure("Path must not end with a '.' or '..'");
  if (cursor.peek() === "(") return readFunction(cursor, name, nesting);
  return { kind: "property", names: [name] };
}

function readFunction(cursor: Cursor, name: string, nesting: number): PathToken {
  if (!isPathFunction(name)) throw new SyntaxFailure(`Function with name: ${name} does not exist.`);
  cursor.take("(");
  const parameters: (Json | Path)[] = [];
  cursor.skipBlanks();
  while (!cursor.take(")")) {
    if (parameters.length > 0) {
      if (!cursor.take(",")) throw new SyntaxFailure(`Arguments to function: '${name}' are not closed properly.`);
      cursor.skipBlanks();
    }
    parameters.push(readParameter(cursor, name, nesting));
    cursor.skipBlanks();
  }
  return { kind: "function", name, parameters };
}

function readParameter(cursor: Cursor, name: string, nesting: number): Json | Path {
  const first = cursor.peek();
  if (first === "$" || first === "@") return readPath(cursor, (c) => c === "," || c === ")", nesting + 1);
  if (first === "'" || first === '"') return readQuoted(cursor);
  const number = cursor.takeNumber();
  if (number === undefined) throw new SyntaxFailure(`Arguments to function: '${name}' are not valid.`);
  return number;
}

function readBracket(cursor: Cursor, nesting: number): PathToken {
  cursor.take("[");
  cursor.skipBlanks();
  const token = readBracketContent(cursor, nesting);
  cursor.skipBlanks();
  if (!cursor.take("]")) throw new SyntaxFailure(`Could not parse token starting at position ${cursor.at}. Expected ]`);
  return token;
}

function readBracketContent(cursor: Cursor, nesting: number): PathToken {
  if (cursor.take("*")) return { kind: "wildcard" };
  if (cursor.peek() === "'" || cursor.peek() === '"') {
    return { kind: "property", names: readList(cursor, readQuotedName) };
  }
  if (cursor.take("?")) {
    const start = cursor.at;
    cursor.skipBlanks();
    const filter = parseFilter(cursor, nesting, readPath);
    return { kind: "filter", filter, text: `[?${cursor.text.slice(start, cursor.at)}]` };
  }
  return readIndexes(cursor);
}

function readIndexes(cursor: Cursor): PathToken {
  const first = readInteger(cursor);
  cursor.skipBlanks();
  if (cursor.take(":")) {
    cursor.skipBlanks();
    const to = readInteger(cursor);
    cursor.skipBlanks();
    if (cursor.take(":")) readInteger(cursor); // a step is read and ignored, as Jayway does
    return { kind: "slice", from: first, to };
  }
  if (first === undefined) {
    throw new SyntaxFailure(`Could not parse token starting at position ${cursor.at}. Expected ?, ', 0-9, *`);
  }
  const indexes = [first];
  while (cursor.take(",")) {
    cursor.skipBlanks();
    const next = readInteger(cursor);
    if (next === undefined) {
      throw new SyntaxFailure(`Could not parse token starting at position ${cursor.at}. Expected a number`);
    }
    indexes.push(next);
    cursor.skipBlanks();
  }
  return { kind: "index", indexes };
}

function readInteger(cursor: Cursor): number | undefined {
  const pattern = /-?[0-9]{1,15}/y;
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (match === null) return undefined;
  cursor.at += match[0].length;
  return Number(match[0]);
}

function readList<T>(cursor: Cursor, readOne: (cursor: Cursor) => T): T[] {
  const list = [readOne(cursor)];
  cursor.skipBlanks();
  while (cursor.take(",")) {
    cursor.skipBlanks();
    list.push(readOne(cursor));
    cursor.skipBlanks();
  }
  return list;
}
