/** Definitions and scopes for the tests of the language. */
import { Result } from "effect";
import { parseDefinition, validateDefinition } from "../../../src/language/mod.ts";
import type { Diagnostic, EvaluationScope, State, StateMachine } from "../../../src/language/mod.ts";
import { defaultLimits, type Json, type JsonObject } from "../../../src/values/mod.ts";
import { schemaFindings } from "../../support/language/definition_schema.ts";

/** A scope whose draws are always the same. */
export function scopeOf(rawInput: Json, parts: Partial<EvaluationScope> = {}): EvaluationScope {
  return {
    rawInput,
    contextObject: { Execution: { Id: "execution-1", Input: rawInput }, State: { Name: "S" } },
    variables: {},
    limits: defaultLimits,
    draws: { random: () => 0.5, uuid: () => "4c8a1b6e-0000-4000-8000-000000000000", nowEpochMs: Date.UTC(2026, 0, 1) },
    ...parts,
  };
}

/** A machine that must be valid, by the schema of editors as well. */
export function machineOf(definition: Json | string): StateMachine {
  const parsed = parseDefinition(definition);
  if (Result.isFailure(parsed)) {
    throw new Error(`Expected a valid definition, but got ${JSON.stringify(parsed.failure)}`);
  }
  const findings = schemaFindings(parsed.success.source);
  if (findings.length > 0) throw new Error(`Expected the schema to take it too, but got ${findings.join("; ")}`);
  return parsed.success;
}

/** A state of one type, in a machine of its own in which its targets `A` and `B` exist. */
export function stateOf<Type extends State["Type"]>(
  type: Type,
  fields: JsonObject,
  machine: JsonObject = {},
): Extract<State, { Type: Type }> {
  const { States, ...rest } = { States: {}, ...machine };
  const state = machineOf({
    ...rest,
    StartAt: "S",
    States: {
      S: { Type: type, ...(hasNoTransition.has(type) || "Next" in fields ? {} : { End: true }), ...fields },
      ...targetsIn(fields),
      ...(States as JsonObject),
    },
  }).States.get("S");
  if (!isOfType(state, type)) throw new Error(`Expected a ${type} state`);
  return state;
}

const hasNoTransition: ReadonlySet<string> = new Set(["Choice", "Succeed", "Fail"]);

function isOfType<Type extends State["Type"]>(
  state: State | undefined,
  type: Type,
): state is Extract<State, { Type: Type }> {
  return state?.Type === type;
}

/** Terminal states for every target that the fields name. */
function targetsIn(fields: JsonObject): JsonObject {
  const names = new Set<string>();
  JSON.stringify(fields, (key, value) => {
    if ((key === "Next" || key === "Default") && typeof value === "string") names.add(value);
    return value;
  });
  return Object.fromEntries([...names].map((name) => [name, { Type: "Succeed" }]));
}

/** The findings of a definition as `CODE location: message`. */
export function findingsOf(
  definition: Json | string,
  ...rest: Parameters<typeof validateDefinition> extends [unknown, ...infer Rest] ? Rest : never
): string[] {
  return validateDefinition(definition, ...rest).map(shownFinding);
}

/** `CODE location: message`. */
export function shownFinding({ code, location, message }: Diagnostic): string {
  return `${code} ${location ?? "-"}: ${message}`;
}

/** A value, or error, cause and location of what the evaluation failed with. */
export function outcomeOf<T>(result: Result.Result<T, unknown>): unknown {
  if (Result.isSuccess(result)) return result.success;
  const failed: Record<string, unknown> = Object.assign({}, result.failure);
  delete failed["raisedBy"];
  return { failed };
}
