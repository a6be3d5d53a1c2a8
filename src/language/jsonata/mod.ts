/**
 * JSONata, evaluated synchronously and within bounds.
 *
 * Expressions come from users and are evaluated where a turn is decided. So nothing here waits, reads a clock, draws by itself
 * or throws; every amount of work and memory is counted (`limits.ts`); and nothing of the host can be reached.
 * Parsed by the jsonata package, evaluated here: see ADR 0003.
 *
 * @example
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Result } from "effect";
 * const total = Result.getOrThrow(compileJsonata("$sum($states.input.items.(price * count))"));
 * const states = { input: { items: [{ price: 2, count: 3 }, { price: 5, count: 1 }] } };
 * const draws = { random: () => 0.5, uuid: () => "00000000-0000-4000-8000-000000000000", nowEpochMs: 0 };
 * strictEqual(Result.getOrThrow(evaluateJsonata(total, { bindings: { states }, draws })), 11);
 * ```
 */
import * as Result from "effect/Result";
import type { Json } from "../../values/mod.ts";
import type { Budget } from "../budget.ts";
import { hostBoundOf } from "../host_bound.ts";
import type { ExpressionDraws } from "../types.ts";
import type { Evaluate } from "./values/callable.ts";
import { compile } from "./compile/compile.ts";
import { JsonataFailure } from "./failure.ts";
import { Frame } from "./values/frame.ts";
import { builtinFunctions } from "./functions/mod.ts";
import { defaultJsonataLimits, type JsonataLimits, Run } from "./limits.ts";
import { parseSource, type SyntaxFailure } from "./syntax/parse.ts";
import { type References, referencesOf } from "./syntax/references.ts";
import { patternSize } from "./values/regex.ts";
import { toJson } from "./values/result_json.ts";
import { childrenOf } from "./syntax/children.ts";
import { type Node, SyntaxProblem } from "./syntax/node.ts";

export { defaultJsonataLimits, type JsonataLimits } from "./limits.ts";
export type { SyntaxFailure } from "./syntax/parse.ts";
export type { ContextReference, References, VariableReference } from "./syntax/references.ts";

/** Parts that the regular expressions of one expression may have together; each takes some 100 bytes. */
const PATTERN_SIZE_MAX = 10_000;

/** A compiled expression: opaque, immutable, good for any number of evaluations. */
export class JsonataExpression {
  readonly source: string;
  /** The parsed expression, for who reads more of it than {@link variablesOf} does. */
  readonly tree: Node;
  /** Parts of its regular expressions, with repetitions written out: what they take of memory. */
  readonly patternSize: number;
  readonly #evaluate: Evaluate;

  constructor(source: string, tree: Node, patternSize: number, evaluate: Evaluate) {
    this.source = source;
    this.tree = tree;
    this.patternSize = patternSize;
    this.#evaluate = evaluate;
  }

  /** For {@link variablesOf}. */
  get references(): References {
    return referencesOf(this.tree, (name) => builtinFunctions.has(name));
  }

  /** Evaluates without catching: for {@link evaluateJsonata}. @throws {JsonataFailure} */
  run(bindings: Readonly<Record<string, Json>>, run: Run): Json | undefined {
    run.enter(this.tree.depth);
    return toJson(this.#evaluate(undefined, Frame.root(bindings, builtinFunctions), run), run);
  }
}

function patternSizeOf(tree: Node): number {
  let size = 0;
  const waiting: Node[] = [tree];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.type === "regex") size += patternSize(node.source);
    waiting.push(...childrenOf(node));
  }
  return size;
}

/** Why an evaluation ended without a value. */
export interface EvaluationFailure {
  /** JSONata's code, such as `T2001`. */
  readonly code: string;
  readonly message: string;
  /** A bound of {@link JsonataLimits} was reached: Step Functions names no code for those. */
  readonly isLimit: boolean;
}

/** What an evaluation may read and draw. */
export interface EvaluationInput {
  /** Variables by name, without `$`. There is no context value: `$` and `$$` are nothing. */
  readonly bindings: Readonly<Record<string, Json>>;
  readonly draws: ExpressionDraws;
  readonly limits?: JsonataLimits;
  /** Shared with other evaluations: bounds and counts the steps of this one. */
  readonly budget?: Budget;
  /** Told of the characters of the result's JSON, roughly. What it throws is passed on. */
  readonly keep?: (characters: number) => void;
}

/**
 * Parses and compiles an expression (without `{%` and `%}`). Pure; never throws.
 *
 * @param patternSizeLeft What its regular expressions may have of a bound that it shares with others
 */
export function compileJsonata(
  source: string,
  patternSizeLeft = Infinity,
): Result.Result<JsonataExpression, SyntaxFailure> {
  const parsed = parseSource(source);
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure);
  const size = patternSizeOf(parsed.success);
  if (size > Math.min(PATTERN_SIZE_MAX, patternSizeLeft)) {
    return Result.fail({ message: "The regular expressions are too large together", position: 0 });
  }
  try {
    return Result.succeed(new JsonataExpression(source, parsed.success, size, compile(parsed.success)));
  } catch (thrown) {
    if (thrown instanceof SyntaxProblem) return Result.fail({ message: thrown.message, position: thrown.position });
    throw thrown;
  }
}

/**
 * What an expression refers to: its free variables with the fields read of them, and every use of the context value where there is
 * none (`$`, `$$`, a bare field at the top level). Step Functions refuses the latter when a state machine is created.
 */
export function variablesOf(expression: JsonataExpression): References {
  return expression.references;
}

/**
 * Evaluates an expression; `undefined` when it gives nothing. Pure but for what it draws; deterministic; never throws, whatever
 * the expression and the values are: only a defect of ours gets out. The bindings are not changed, and the result may share structure with them.
 */
export function evaluateJsonata(
  expression: JsonataExpression,
  { bindings, draws, limits = defaultJsonataLimits, budget, keep }: EvaluationInput,
): Result.Result<Json | undefined, EvaluationFailure> {
  const run = new Run(limits, draws, budget?.stepsLeft);
  try {
    const value = expression.run(bindings, run);
    keep?.(run.keptCharacters);
    return Result.succeed(value);
  } catch (thrown) {
    if (thrown instanceof JsonataFailure) {
      return Result.fail({ code: thrown.code, message: thrown.message, isLimit: thrown.isLimit });
    }
    // The depth limits keep far from the end of the host's stack; a caller deep in it may still get there.
    const bound = hostBoundOf(thrown);
    if (bound === undefined) throw thrown;
    const failure = new JsonataFailure(bound === "stack" ? "D1011" : "D2016", {});
    return Result.fail({ code: failure.code, message: failure.message, isLimit: true });
  } finally {
    budget?.spend(run.steps);
  }
}
