/** Function definitions, calls, partial application and `~>`. */
import { Composition, type Evaluate, invoke, Lambda, PartialBuiltin, TailCall } from "../values/callable.ts";
import { fail } from "../failure.ts";
import { Frame } from "../values/frame.ts";
import type { Run } from "../limits.ts";
import { Signature } from "../values/signature.ts";
import { type Node, type NodeOf, SyntaxProblem } from "../syntax/node.ts";
import { Callable, type Value } from "../values/values.ts";

/** Compiles a node: handed down, so that the parts of the compiler need not import the whole. */
export type Compile = (node: Node) => Evaluate;

/** The name that stands for what is called, in messages. */
function tokenOf(procedure: Node): string | undefined {
  if (procedure.type === "variable") return procedure.name;
  const first = procedure.type === "path" ? procedure.steps[0] : undefined;
  return first?.type === "name" ? first.name : undefined;
}

/** The failure of a call to what is no function: `sum(1)` is told of `$sum`. */
function noFunction(procedure: Node, callee: Value, codes: readonly [string, string], frame: Frame, run: Run): unknown {
  const token = tokenOf(procedure);
  const forgotten = callee === undefined && procedure.type === "path" && token !== undefined &&
    frame.lookup(token, run) !== undefined;
  return fail(forgotten ? codes[0] : codes[1], { token });
}

/** `$f(a, b)`. */
export function compileCall(node: NodeOf<"call">, compile: Compile): Evaluate {
  return compileCallWith(node, compile, undefined);
}

/** A call whose first argument comes from elsewhere, as that of `value ~> $f(…)` does. */
function compileCallWith(node: NodeOf<"call">, compile: Compile, first: Evaluate | undefined): Evaluate {
  const procedure = compile(node.procedure);
  const args = node.arguments.map(compile);
  const token = tokenOf(node.procedure);
  return (input, frame, run) => {
    const leading = first === undefined ? [] : [first(input, frame, run)];
    const callee = procedure(input, frame, run);
    if (!(callee instanceof Callable) && node.procedure.type === "path") {
      throw noFunction(node.procedure, callee, ["T1005", "T1006"], frame, run);
    }
    run.charge(args.length);
    for (const arg of args) leading.push(arg(input, frame, run));
    return invoke(callee, leading, input, run, token);
  };
}

/** The last call of a function's body, left to the caller. */
export function compileTailCall(node: NodeOf<"tailCall">, compile: Compile): Evaluate {
  const procedure = compile(node.call.procedure);
  const args = node.call.arguments.map(compile);
  const token = tokenOf(node.call.procedure);
  return (input, frame, run) => {
    run.charge(1);
    return new TailCall(procedure, args, token, input, frame);
  };
}

/** `function($a, $b)<s-n:s>{ … }`. */
export function compileLambda(node: NodeOf<"lambda">, compile: Compile): Evaluate {
  const body = compile(node.body);
  const signature = node.signature === undefined ? undefined : Signature.parse(node.signature);
  if (node.signature !== undefined && signature === undefined) {
    throw new SyntaxProblem("The function signature has too many parameters", node.position);
  }
  return (input, frame, run) => {
    run.charge(1);
    run.allocate(64);
    return new Lambda(node.parameters, body, node.body.depth, signature, input, frame);
  };
}

/** `$f(?, b)`. */
export function compilePartial(node: NodeOf<"partial">, compile: Compile): Evaluate {
  const procedure = compile(node.procedure);
  const args = node.arguments.map((argument) => argument === undefined ? undefined : compile(argument));
  return (input, frame, run) => {
    run.charge(1 + args.length);
    run.allocate(64 + 32 * args.length);
    const bound: Value[] = [];
    const open: number[] = [];
    for (const [index, arg] of args.entries()) {
      if (arg === undefined) open.push(index);
      bound.push(arg?.(input, frame, run));
    }
    const callee = procedure(input, frame, run);
    if (callee instanceof Lambda) return partialLambda(callee, bound, open);
    if (callee instanceof Callable) return new PartialBuiltin(callee, bound, open);
    throw noFunction(node.procedure, callee, ["T1007", "T1008"], frame, run);
  };
}

/** The arguments given are bound around the function; those that are missing, with or without a place, are nothing. */
function partialLambda(lambda: Lambda, bound: readonly Value[], open: readonly number[]): Lambda {
  const places = new Set(open);
  const names = lambda.parameters.filter((_, index) => !places.has(index));
  const values = lambda.parameters.map((_, index) => bound[index]).filter((_, index) => !places.has(index));
  const frame = new Frame(lambda.frame, names, values);
  const remaining = lambda.parameters.filter((_, index) => places.has(index));
  return new Lambda(remaining, lambda.body, lambda.bodyDepth, undefined, lambda.input, frame);
}

/** `a ~> $f(b)`, `a ~> $f` and, of two functions, their composition. */
export function compileApply(node: NodeOf<"apply">, compile: Compile): Evaluate {
  const left = compile(node.left);
  // As in JSONata, conditions after the call on the right are passed over.
  if (node.right.type === "call") return compileCallWith(node.right, compile, left);
  const right = compile(node.right);
  return (input, frame, run) => {
    const value = left(input, frame, run);
    const callee = right(input, frame, run);
    if (!(callee instanceof Callable)) throw fail("T2006", { value: callee });
    if (!(value instanceof Callable)) return invoke(callee, [value], null, run);
    run.allocate(48);
    return new Composition(value, callee);
  };
}
