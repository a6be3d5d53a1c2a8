import * as Result from "effect/Result";
import type { Json } from "../../values/mod.ts";
import { runtimeFailure } from "../failures.ts";
import type {
  ChoiceOutcome,
  ChoiceRule,
  ChoiceState,
  Compiled,
  Evaluated,
  EvaluationScope,
  EvaluationView,
  StateOutcome,
} from "../types.ts";
import { jsonataOutcome, withAssigned } from "./input_output.ts";
import { View } from "./view.ts";

/**
 * The first rule that holds, else `Default`, with its output and variables: a rule's own `Assign` and `Output` count for
 * the rule, the state's for `Default`.
 *
 * `States.Runtime` when nothing holds and there is no Default: what AWS answers in spite of the specification's
 * `States.NoChoiceMatched`.
 */
export function choose(state: ChoiceState, scope: EvaluationScope, input: Json): Evaluated<ChoiceOutcome> {
  const view = new View(scope, input);
  for (const rule of state.Choices) {
    const holds = rule.Condition.evaluate(view);
    if (Result.isFailure(holds)) return Result.fail(holds.failure);
    if (holds.success === true) return outcome(state, rule.Next, ruleOutput(state, rule), rule.Assign, view);
  }
  if (state.Default === undefined) {
    return runtimeFailure("Failed to transition out of the state. The state does not point to a next state.");
  }
  return outcome(state, state.Default, state.Output, state.Assign, view);
}

function ruleOutput(state: ChoiceState, rule: ChoiceRule): Compiled | undefined {
  return rule.Output ?? (rule.Assign === undefined ? state.Output : undefined);
}

function outcome(
  state: ChoiceState,
  next: string,
  output: Compiled | undefined,
  assign: Compiled | undefined,
  view: EvaluationView,
): Evaluated<ChoiceOutcome> {
  const found = state.QueryLanguage === "JSONata"
    ? jsonataOutcome(output, assign, view, view.root)
    : jsonPathOutcome(state, assign, view);
  return Result.isFailure(found) ? Result.fail(found.failure) : Result.succeed({ ...found.success, next });
}

function jsonPathOutcome(
  state: ChoiceState,
  assign: Compiled | undefined,
  view: EvaluationView,
): Evaluated<StateOutcome> {
  const output = state.OutputPath === undefined ? Result.succeed(view.root) : state.OutputPath.evaluate(view);
  return Result.isFailure(output) ? Result.fail(output.failure) : withAssigned(output.success, assign, view);
}
