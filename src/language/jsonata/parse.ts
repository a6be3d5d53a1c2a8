/** Source text to {@link Node}: bounds first, then the parser of the jsonata package, then our own tree. */
import { Result } from "effect";
import jsonata from "jsonata";
import { decodeTree } from "./decode.ts";
import { precheck } from "./precheck.ts";
import { type Node, SyntaxProblem } from "./syntax.ts";

/** Why an expression cannot be used, and where: characters from its start. */
export interface SyntaxFailure {
  readonly message: string;
  readonly position: number;
}

/** Operations within each other, brackets or not: `1+1+1` is two deep. */
const depthMax = 300;

/** Parses an expression. Never throws. */
export function parseSource(source: string): Result.Result<Node, SyntaxFailure> {
  const refused = precheck(source);
  if (refused !== undefined) return Result.fail(refused);
  try {
    return Result.succeed(decodeTree(jsonata(source).ast(), depthMax));
  } catch (thrown) {
    return Result.fail(syntaxFailure(thrown));
  }
}

/** The parser throws objects with a message and a position; its own recursion may end in a RangeError. */
function syntaxFailure(thrown: unknown): SyntaxFailure {
  if (thrown instanceof SyntaxProblem) return { message: thrown.message, position: thrown.position };
  if (thrown instanceof RangeError) {
    return { message: `The expression must not be nested deeper than ${depthMax} operations`, position: 0 };
  }
  if (typeof thrown === "object" && thrown !== null) {
    const { message, position } = thrown as { readonly message?: unknown; readonly position?: unknown };
    return {
      message: typeof message === "string" ? message : "The expression cannot be parsed",
      position: typeof position === "number" ? position : 0,
    };
  }
  return { message: "The expression cannot be parsed", position: 0 };
}
