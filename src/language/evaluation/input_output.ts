/** Input and output of a state: InputPath, Parameters or Arguments, ResultSelector, ResultPath, OutputPath or Output, Assign. */
import * as Result from "effect/Result";
import { isDeeperThan, isJsonObject, type Json } from "../../values/mod.ts";
import { runtimeFailure } from "../failures.ts";
import type { Compiled, Evaluated, EvaluationScope, EvaluationView, State, StateOutcome, TaskState } from "../types.ts";
import { withinVariableLimits } from "./variable_limit.ts";
import { View } from "./view.ts";

/** `InputPath` of JSONPath states applied to the raw input; the raw input itself in JSONata. */
export function effectiveInput(state: State, scope: EvaluationScope): Evaluated<Json> {
  if (state.InputPath === undefined) return Result.succeed(scope.rawInput);
  return state.InputPath.evaluate(new View(scope, scope.rawInput));
}

/**
 * What a Task or the branches of a Parallel get: `Parameters` or `Arguments`, else the effective input.
 * For Pass: `Result` where there is one, else `Parameters`, else the effective input.
 */
export function stateArguments(state: State, scope: EvaluationScope, input: Json): Evaluated<Json> {
  if (state.Type === "Pass" && state.Result !== undefined) return Result.succeed(state.Result);
  if (state.Type === "Map") return Result.succeed(input); // its Parameters are the older ItemSelector
  const template = state.Parameters ?? state.Arguments;
  return template === undefined ? Result.succeed(input) : template.evaluate(new View(scope, input));
}

/** `Credentials`, `null` where there is none. */
export function taskCredentials(state: TaskState, scope: EvaluationScope, input: Json): Evaluated<Json> {
  return state.Credentials === undefined ? Result.succeed(null) : state.Credentials.evaluate(new View(scope, input));
}

/** Output and variables of a state that has its result; Succeed, Wait and Choice give their effective input as result. */
export function stateOutcome(state: State, scope: EvaluationScope, input: Json, result: Json): Evaluated<StateOutcome> {
  if (state.QueryLanguage === "JSONata") {
    return jsonataOutcome(state.Output, state.Assign, new View(scope, input, resultOf(state, result)), result);
  }
  const selected = state.ResultSelector === undefined
    ? Result.succeed(result)
    : state.ResultSelector.evaluate(new View(scope, result));
  if (Result.isFailure(selected)) return Result.fail(selected.failure);
  const placed = state.ResultPath === undefined ? selected : state.ResultPath.put(scope.rawInput, selected.success);
  if (Result.isFailure(placed)) return Result.fail(placed.failure);
  const output = state.OutputPath === undefined ? placed : state.OutputPath.evaluate(new View(scope, placed.success));
  if (Result.isFailure(output)) return Result.fail(output.failure);
  if (mayDeepen(state) && isDeeperThan(output.success, scope.limits.jsonDepthMax)) return tooDeep(scope);
  return withAssigned(output.success, state.Assign, new View(scope, selected.success));
}

/** A state that builds or places values may nest its input one level deeper each time it runs. */
function mayDeepen(state: State): boolean {
  return state.ResultPath !== undefined || state.ResultSelector !== undefined || state.Parameters !== undefined;
}

function tooDeep({ limits }: EvaluationScope): Evaluated<never> {
  return runtimeFailure(`The state's output is nested deeper than ${limits.jsonDepthMax} levels.`);
}

/** `$states.result` is there for the states that call something. */
function resultOf(state: State, result: Json): { readonly result?: Json } {
  return state.Type === "Task" || state.Type === "Parallel" || state.Type === "Map" ? { result } : {};
}

/** `Output` (or `otherwise` where there is none) and `Assign`, both from the same view. */
export function jsonataOutcome(
  output: Compiled | undefined,
  assign: Compiled | undefined,
  view: EvaluationView,
  otherwise: Json,
): Evaluated<StateOutcome> {
  const value = output === undefined ? Result.succeed(otherwise) : output.evaluate(view);
  if (Result.isFailure(value)) return Result.fail(value.failure);
  if (output !== undefined && isDeeperThan(value.success, view.scope.limits.jsonDepthMax)) return tooDeep(view.scope);
  return withAssigned(value.success, assign, view);
}

/** Adds the variables of `Assign`. All of its expressions see the variables as they were when the state was entered. */
export function withAssigned(
  output: Json,
  assign: Compiled | undefined,
  view: EvaluationView,
): Evaluated<StateOutcome> {
  if (assign === undefined) return Result.succeed({ output });
  const assigned = assign.evaluate(view);
  if (Result.isFailure(assigned)) return Result.fail(assigned.failure);
  if (isDeeperThan(assigned.success, view.scope.limits.jsonDepthMax)) return tooDeep(view.scope);
  const variables = isJsonObject(assigned.success) ? assigned.success : {};
  const refused = withinVariableLimits(variables, view.scope);
  return refused ?? Result.succeed({ output, assigned: variables });
}
