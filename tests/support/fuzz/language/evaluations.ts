/** All that the language can be asked about a state, as one JSON value. */
import { Result } from "effect";
import * as language from "../../../../src/language/mod.ts";
import type { Evaluated, EvaluationScope, State, StateMachine, StatesError } from "../../../../src/language/types.ts";
import { defaultLimits, type Json } from "../../../../src/values/mod.ts";

/** Where a state failed and with what, or what it came to. */
function outcomeOf(evaluated: Evaluated<unknown>): unknown {
  return Result.isSuccess(evaluated) ? { value: evaluated.success } : { failed: evaluated.failure };
}

/** A scope whose draws are always the same. */
export function fixedScope(rawInput: Json): EvaluationScope {
  return {
    rawInput,
    contextObject: {
      Execution: { Id: "e", Input: rawInput },
      State: { Name: "S" },
      Map: { Item: { Index: 0, Value: rawInput } },
    },
    variables: { v: [1, { a: "x" }], w: 2 },
    limits: defaultLimits,
    draws: { random: () => 0.5, uuid: () => "4c8a1b6e-0000-4000-8000-000000000000", nowEpochMs: Date.UTC(2026, 0, 1) },
  };
}

/** What each stage of each state makes of an input. */
export function evaluationsOf(machine: StateMachine, input: Json): unknown {
  return [...machine.allStates.values()].map((state) => [state.name, stages(state, fixedScope(input))]);
}

function stages(state: State, scope: EvaluationScope): unknown {
  const input = language.effectiveInput(state, scope);
  if (Result.isFailure(input)) return outcomeOf(input);
  const effective = input.success;
  return { input: effective, ...work(state, scope, effective), ...ends(state, scope, effective) };
}

function work(state: State, scope: EvaluationScope, effective: Json): Record<string, unknown> {
  switch (state.Type) {
    case "Choice":
      return { chosen: outcomeOf(language.choose(state, scope, effective)) };
    case "Wait":
      return { end: outcomeOf(language.waitEnd(state, scope, effective)) };
    case "Fail":
      return { failure: outcomeOf(language.failure(state, scope, effective)) };
    case "Task":
      return {
        timeouts: outcomeOf(language.taskTimeouts(state, scope, effective)),
        credentials: outcomeOf(language.taskCredentials(state, scope, effective)),
      };
    case "Map":
      return {
        items: outcomeOf(language.mapItems(state, scope, effective)),
        settings: outcomeOf(language.mapSettings(state, scope, effective)),
        item: outcomeOf(language.itemInput(state, scope, effective, effective)),
        fields: outcomeOf(language.distributedMapFields(state, scope, effective)),
      };
    default:
      return {};
  }
}

const failed: StatesError = { error: "E", cause: "C" };

function ends(state: State, scope: EvaluationScope, effective: Json): Record<string, unknown> {
  const parameters = language.stateArguments(state, scope, effective);
  const outcome = Result.flatMap(parameters, (value) => language.stateOutcome(state, scope, effective, value));
  const caught = "Catch" in state
    ? state.Catch.map((catcher) => outcomeOf(language.catcherOutcome(state, catcher, scope, failed)))
    : [];
  return { parameters: outcomeOf(parameters), outcome: outcomeOf(outcome), caught };
}
