/** Functions as values, and how they are called. */
import { fail } from "../failure.ts";
import { Frame } from "./frame.ts";
import type { Run } from "../limits.ts";
import type { Signature } from "./signature.ts";
import { Callable, type Value } from "./values.ts";

/** A compiled expression. `input` is its context value. */
export type Evaluate = (input: Value, frame: Frame, run: Run) => Value;

/** Levels of the host's stack that a call takes beside those of the body's nodes. */
const CALL_OVERHEAD = 4;

/** `function($a, $b){ … }` where it was evaluated. */
export class Lambda extends Callable {
  readonly parameters: readonly string[];
  readonly body: Evaluate;
  /** Nodes on the longest way through the body. */
  readonly bodyDepth: number;
  readonly signature: Signature | undefined;
  readonly input: Value;
  readonly frame: Frame;

  constructor(
    parameters: readonly string[],
    body: Evaluate,
    bodyDepth: number,
    signature: Signature | undefined,
    input: Value,
    frame: Frame,
  ) {
    super();
    this.parameters = parameters;
    this.body = body;
    this.bodyDepth = bodyDepth + CALL_OVERHEAD;
    this.signature = signature;
    this.input = input;
    this.frame = frame;
  }

  get arity(): number {
    return this.parameters.length;
  }
}

/** What a body gives back instead of making its last call: the caller makes it. Never seen by an expression. */
export class TailCall extends Callable {
  readonly procedure: Evaluate;
  readonly arguments: readonly Evaluate[];
  readonly token: string | undefined;
  readonly input: Value;
  readonly frame: Frame;
  readonly arity = 0;

  constructor(procedure: Evaluate, args: readonly Evaluate[], token: string | undefined, input: Value, frame: Frame) {
    super();
    this.procedure = procedure;
    this.arguments = args;
    this.token = token;
    this.input = input;
    this.frame = frame;
  }
}

/** Arguments as the signature gave them; `arity` of them at least, `undefined` for what is missing. */
export type Implementation = (args: readonly Value[], run: Run) => Value;

/** A built-in function. */
export class Builtin extends Callable {
  readonly name: string;
  /** As many arguments as `$map` and the like hand over to it. */
  readonly arity: number;
  readonly signature: Signature | undefined;
  readonly implementation: Implementation;

  constructor(name: string, arity: number, signature: Signature | undefined, implementation: Implementation) {
    super();
    this.name = name;
    this.arity = arity;
    this.signature = signature;
    this.implementation = implementation;
  }
}

/** `$f(?, 1)` of a built-in: the arguments it has, and where those to come go. */
export class PartialBuiltin extends Callable {
  readonly builtin: Callable;
  readonly bound: readonly Value[];
  /** Places in {@link bound} that are open, in order. */
  readonly open: readonly number[];

  constructor(builtin: Callable, bound: readonly Value[], open: readonly number[]) {
    super();
    this.builtin = builtin;
    this.bound = bound;
    this.open = open;
  }

  get arity(): number {
    return this.open.length;
  }

  /** The arguments for the built-in, without those left out at the end. */
  complete(args: readonly Value[]): readonly Value[] {
    const complete = this.bound.slice();
    for (const [index, place] of this.open.entries()) complete[place] = args[index];
    while (complete.length > 0 && complete[complete.length - 1] === undefined) complete.pop();
    return complete;
  }
}

/** `$f ~> $g`. */
export class Composition extends Callable {
  readonly first: Callable;
  readonly second: Callable;
  readonly arity = 1;

  constructor(first: Callable, second: Callable) {
    super();
    this.first = first;
    this.second = second;
  }
}

/**
 * Calls a function. Tail calls are made here, one after the other.
 *
 * @param input the context value, for parameters that stand for it when left out
 * @param token the name by which it is called, for messages
 */
export function invoke(callee: Value, given: readonly Value[], input: Value, run: Run, token?: string): Value {
  let args = given;
  for (;;) {
    run.charge(1);
    if (callee instanceof Lambda) {
      const result = callLambda(callee, args, input, run, token);
      if (!(result instanceof TailCall)) return result;
      run.charge(result.arguments.length);
      callee = result.procedure(result.input, result.frame, run);
      args = evaluateAll(result.arguments, result.input, result.frame, run);
      token = result.token;
    } else if (callee instanceof Builtin) {
      const checked = callee.signature === undefined
        ? args
        : callee.signature.validate(args, input, run, token ?? callee.name);
      return callee.implementation(checked, run);
    } else if (callee instanceof PartialBuiltin) {
      args = callee.complete(args);
      callee = callee.builtin;
    } else if (callee instanceof Composition) {
      run.enter(CALL_OVERHEAD);
      args = [invoke(callee.first, args.slice(0, 1), input, run)];
      run.leave(CALL_OVERHEAD);
      callee = callee.second;
    } else {
      throw fail("T1006", { token });
    }
  }
}

function callLambda(lambda: Lambda, given: readonly Value[], input: Value, run: Run, token: string | undefined): Value {
  const args = lambda.signature === undefined ? given : lambda.signature.validate(given, input, run, token);
  run.enter(lambda.bodyDepth);
  const result = lambda.body(lambda.input, new Frame(lambda.frame, lambda.parameters, args), run);
  run.leave(lambda.bodyDepth);
  return result;
}

/** The values of several expressions, in order. */
export function evaluateAll(expressions: readonly Evaluate[], input: Value, frame: Frame, run: Run): Value[] {
  const values: Value[] = [];
  for (const expression of expressions) values.push(expression(input, frame, run));
  return values;
}

/** A built-in function calls a function that it was given. */
export function callBack(callee: Value, args: readonly Value[], run: Run): Value {
  run.enter(CALL_OVERHEAD);
  const result = invoke(callee, args, null, run);
  run.leave(CALL_OVERHEAD);
  return result;
}

/** Calls `callee` with as many of the arguments as it has parameters, at least one: as `$map`, `$filter` and the like do. */
export function callBackByArity(callee: Value, first: Value, second: Value, third: Value, run: Run): Value {
  const arity = callee instanceof Callable ? callee.arity : 1;
  if (arity >= 3) return callBack(callee, [first, second, third], run);
  return callBack(callee, arity === 2 ? [first, second] : [first], run);
}
