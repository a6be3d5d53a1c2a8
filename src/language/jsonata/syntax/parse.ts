/** Source text to {@link Node}: bounds first, then the parser of the jsonata package, then our own tree. */
import * as Result from "effect/Result";
import jsonata from "jsonata";
import { hostBoundOf } from "../../host_bound.ts";
import { decodeTree } from "./decode.ts";
import { precheck } from "./precheck.ts";
import { type Node, SyntaxProblem } from "./node.ts";

/** Why an expression cannot be used, and where: characters from its start. */
export interface SyntaxFailure {
  readonly message: string;
  readonly position: number;
}

/** Operations within each other, brackets or not: `1+1+1` is two deep. */
const DEPTH_MAX = 300;

/** Parses an expression. Never throws for any text. */
export function parseSource(source: string): Result.Result<Node, SyntaxFailure> {
  const refused = precheck(source);
  if (refused !== undefined) return Result.fail(refused);
  let tree: unknown;
  try {
    tree = jsonata(source).ast();
  } catch (thrown) {
    return Result.fail(parserFailure(thrown));
  }
  try {
    return Result.succeed(decodeTree(tree, DEPTH_MAX));
  } catch (thrown) {
    if (thrown instanceof SyntaxProblem) return Result.fail({ message: thrown.message, position: thrown.position });
    if (hostBoundOf(thrown) === "stack") return Result.fail(tooDeep);
    throw thrown;
  }
}

const tooDeep: SyntaxFailure = {
  message: `The expression must not be nested deeper than ${DEPTH_MAX} operations`,
  position: 0,
};

/** The parser throws objects with a message and a position; its own recursion may end the host's stack. */
function parserFailure(thrown: unknown): SyntaxFailure {
  if (hostBoundOf(thrown) === "stack") return tooDeep;
  if (typeof thrown === "object" && thrown !== null) {
    const { message, position } = thrown as { readonly message?: unknown; readonly position?: unknown };
    return {
      message: typeof message === "string" ? message : "The expression cannot be parsed",
      position: typeof position === "number" ? position : 0,
    };
  }
  return { message: "The expression cannot be parsed", position: 0 };
}
