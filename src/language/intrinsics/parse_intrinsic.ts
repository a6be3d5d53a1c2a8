/** `States.Name(argument, …)` to a tree. */
import * as Result from "effect/Result";
import { Cursor, SyntaxFailure } from "../cursor.ts";
import { readPath } from "../paths/parse_path.ts";
import { NESTING_MAX } from "../paths/quoted.ts";
import type { Path } from "../paths/path.ts";
import { intrinsicFunctions } from "./intrinsic_functions.ts";

/** An argument: a literal, a path, or a further call. */
export type IntrinsicArgument =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null; readonly raw: string }
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "call"; readonly call: IntrinsicCall };

/** A call of an intrinsic function. The number of arguments is checked when it is evaluated, as AWS has it. */
export interface IntrinsicCall {
  readonly name: string;
  /** As written. */
  readonly text: string;
  readonly arguments: readonly IntrinsicArgument[];
}

/** True when `text` is meant as a call: what stands in a `.$` field and does not begin with `$`. */
export function looksLikeIntrinsic(text: string): boolean {
  return text.trimStart().startsWith("States.");
}

/**
 * The call that is the whole of `text`.
 *
 * @returns The call, or why there is none
 */
export function parseIntrinsic(text: string): Result.Result<IntrinsicCall, string> {
  try {
    const cursor = new Cursor(text);
    cursor.skipBlanks();
    const call = readCall(cursor, 0);
    cursor.skipBlanks();
    if (!cursor.done()) return Result.fail(`Unexpected text at position ${cursor.at} of an intrinsic function`);
    return Result.succeed(call);
  } catch (failure) {
    if (failure instanceof SyntaxFailure) return Result.fail(failure.message);
    throw failure;
  }
}

function readCall(cursor: Cursor, nesting: number): IntrinsicCall {
  if (nesting > NESTING_MAX) throw new SyntaxFailure("Intrinsic functions are nested too deeply");
  const start = cursor.at;
  const name = cursor.takeWhile((character) => /[A-Za-z0-9_.]/.test(character));
  if (!intrinsicFunctions.has(name)) throw new SyntaxFailure(`The intrinsic function '${name}' does not exist`);
  cursor.skipBlanks();
  if (!cursor.take("(")) throw new SyntaxFailure(`Expected ( after '${name}'`);
  const found = readArguments(cursor, nesting);
  return { name, text: cursor.text.slice(start, cursor.at), arguments: found };
}

function readArguments(cursor: Cursor, nesting: number): IntrinsicArgument[] {
  const found: IntrinsicArgument[] = [];
  cursor.skipBlanks();
  while (!cursor.take(")")) {
    if (found.length > 0) {
      if (!cursor.take(",")) throw new SyntaxFailure(`Expected , or ) at position ${cursor.at}`);
      cursor.skipBlanks();
    }
    found.push(readArgument(cursor, nesting));
    cursor.skipBlanks();
  }
  return found;
}

function readArgument(cursor: Cursor, nesting: number): IntrinsicArgument {
  const first = cursor.peek();
  if (first === "'") return readText(cursor);
  if (first === "$") {
    return { kind: "path", path: readPath(cursor, (character) => character === "," || character === ")", nesting + 1) };
  }
  if (cursor.text.startsWith("States.", cursor.at)) return { kind: "call", call: readCall(cursor, nesting + 1) };
  for (const [word, value] of [["true", true], ["false", false], ["null", null]] as const) {
    if (cursor.take(word)) return { kind: "literal", value, raw: word };
  }
  const number = cursor.takeNumber();
  if (number === undefined) throw new SyntaxFailure(`Could not read the argument at position ${cursor.at}`);
  return { kind: "literal", value: number, raw: String(number) };
}

/** A text in single quotes. `value` has its escapes resolved; `raw` keeps them, for `States.Format` to tell `\{` from `{`. */
function readText(cursor: Cursor): IntrinsicArgument {
  cursor.take("'");
  const start = cursor.at;
  let value = "";
  for (;;) {
    if (cursor.done()) throw new SyntaxFailure("A text in an intrinsic function has no closing quote");
    const character = cursor.peek();
    cursor.at++;
    if (character === "'") return { kind: "literal", value, raw: cursor.text.slice(start, cursor.at - 1) };
    if (character === "\\") {
      const escaped = cursor.peek();
      if (escaped === '"') throw new SyntaxFailure(`A double quote needs no backslash at position ${cursor.at}`);
      cursor.at++;
      value += ["'", "{", "}", "\\"].includes(escaped) ? escaped : `\\${escaped}`;
    } else {
      value += character;
    }
  }
}
