/** The one state that TestState is asked about, out of its own definition or that of a machine. */
import { Result } from "effect";
import { type AwsFailure, awsFailure, invalidDefinition } from "../../../aws/mod.ts";
import { parseDefinition } from "../../../language/mod.ts";
import type { DefinitionLimits, Diagnostic, State } from "../../../language/types.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../values/mod.ts";

/** What a state without a name is called in messages and in its context object. */
export const NAMELESS_STATE = "StateName";

/** Reads the definition of a state or, where `stateName` is given, of a machine that has it at any depth. */
export function stateUnderTest(
  definition: string,
  stateName: string | undefined,
  limits: DefinitionLimits,
): Result.Result<State, AwsFailure> {
  if (stateName === undefined) return lonelyState(definition, limits);
  return Result.flatMap(
    Result.mapError(parseDefinition(definition, limits), refused),
    ({ allStates }) => {
      const state = allStates.get(stateName);
      return state === undefined
        ? Result.fail(awsFailure("ValidationException", "State not found in definition"))
        : Result.succeed(state);
    },
  );
}

const refused = (diagnostics: readonly Diagnostic[]) => invalidDefinition(diagnostics);

/** A state of its own: the states that it leads to are made up, so that nothing is missing. */
function lonelyState(definition: string, limits: DefinitionLimits): Result.Result<State, AwsFailure> {
  const parsed = parsedObject(definition);
  // What is no object at all is refused in the words that a machine of that text would be.
  if (parsed === undefined) {
    const machine = parseDefinition(definition, limits);
    return Result.fail(invalidDefinition(Result.isFailure(machine) ? machine.failure : []));
  }
  const states: Record<string, Json> = {};
  for (const target of targetsOf(parsed)) states[target] = { Type: "Succeed" };
  const { QueryLanguage = "JSONPath" } = parsed;
  const machine = { StartAt: NAMELESS_STATE, States: { ...states, [NAMELESS_STATE]: parsed } };
  const language = QueryLanguage === "JSONata" ? { QueryLanguage } : {};
  return Result.flatMap(
    Result.mapError(parseDefinition({ ...machine, ...language }, limits), refused),
    ({ allStates }) => {
      const state = allStates.get(NAMELESS_STATE);
      return state === undefined ? Result.fail(invalidDefinition([])) : Result.succeed(state);
    },
  );
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    const parsed: Json = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function targetsOf(state: JsonObject): readonly string[] {
  const rules = [state["Choices"], state["Catch"]].flatMap((list) =>
    Array.isArray(list) ? list as readonly Json[] : []
  );
  const next = rules.map((rule) => isJsonObject(rule) ? rule["Next"] : undefined);
  return [state["Next"], state["Default"], ...next].filter((target): target is string => typeof target === "string");
}
