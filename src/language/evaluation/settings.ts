/** Numbers of Task and Map states that may come from paths and expressions: timeouts, concurrency, tolerated failures. */
import * as Result from "effect/Result";
import { type Json, present } from "../../values/mod.ts";
import {
  count,
  type NumberRange,
  percentage,
  SECONDS_MAX,
  timeoutSeconds as seconds,
} from "../definition/table/ranges.ts";
import { queryEvaluationFailure, runtimeFailure, shown } from "../failures.ts";
import type {
  Compiled,
  Evaluated,
  EvaluationScope,
  MapState,
  QueryLanguage,
  StatesError,
  TaskState,
  TaskTimeouts,
} from "../types.ts";
import { View } from "./view.ts";

/** `TimeoutSeconds` and `HeartbeatSeconds`, absent where the state has none. */
export function taskTimeouts(state: TaskState, scope: EvaluationScope, input: Json): Evaluated<TaskTimeouts> {
  const reader = new NumberReader(state.QueryLanguage, scope, input);
  const timeoutSeconds = reader.read("TimeoutSeconds", state.TimeoutSeconds, seconds);
  const heartbeatSeconds = reader.read("HeartbeatSeconds", state.HeartbeatSeconds, seconds);
  if (reader.failure !== undefined) return Result.fail(reader.failure);
  return Result.succeed({
    ...present({ timeoutSeconds, heartbeatSeconds }),
  });
}

/** `MaxConcurrency` (0: no bound) and the tolerated failures. */
export function mapSettings(state: MapState, scope: EvaluationScope, input: Json): Evaluated<{
  readonly maxConcurrency: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
}> {
  const reader = new NumberReader(state.QueryLanguage, scope, input);
  const maxConcurrency = reader.read("MaxConcurrency", state.MaxConcurrency, count) ?? 0;
  const toleratedFailureCount = reader.read("ToleratedFailureCount", state.ToleratedFailureCount, count);
  const toleratedFailurePercentage = reader.read(
    "ToleratedFailurePercentage",
    state.ToleratedFailurePercentage,
    percentage,
  );
  if (reader.failure !== undefined) return Result.fail(reader.failure);
  return Result.succeed({
    maxConcurrency,
    ...present({ toleratedFailureCount, toleratedFailurePercentage }),
  });
}

/** Reads the numbers of one state; keeps the first failure and reads nothing after it. */
class NumberReader {
  failure: StatesError | undefined;
  readonly #language: QueryLanguage;
  readonly #view: View;

  constructor(language: QueryLanguage, scope: EvaluationScope, input: Json) {
    this.#language = language;
    this.#view = new View(scope, input);
  }

  read(name: string, field: number | Compiled | undefined, expected: NumberRange): number | undefined {
    if (field === undefined || typeof field === "number" || this.failure !== undefined) {
      return typeof field === "number" ? field : undefined;
    }
    const value = field.evaluate(this.#view);
    if (Result.isFailure(value)) {
      this.failure = value.failure;
      return undefined;
    }
    const isPath = this.#language === "JSONPath";
    const number = isPath ? numberIn(value.success, expected) : value.success;
    const refusal = isPath
      ? typeRefusal(`${name}Path`, number, field, expected) ?? rangeRefusal(name, number, expected)
      : expressionRefusal(name, number, expected) ?? rangeRefusal(name, number, expected);
    if (refusal === undefined) return typeof number === "number" ? number : undefined;
    const failed = isPath ? runtimeFailure(refusal) : queryEvaluationFailure(refusal, name);
    if (Result.isFailure(failed)) this.failure = failed.failure;
    return undefined;
  }
}

/** The number that a text says, where the field takes one: any other value as it is. */
function numberIn(value: Json, { kind, fromText }: NumberRange): Json {
  if (fromText !== true || typeof value !== "string") return value;
  const written = kind === "integer" ? /^[+-]?[0-9]{1,15}$/ : /^[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?$/;
  return written.test(value) ? Number(value) : value;
}

/** Why a value is not what the field needs, in AWS's words where they are known. */
function typeRefusal(fieldName: string, value: Json, { source }: Compiled, { kind }: NumberRange): string | undefined {
  if (isNumberOf(kind, value)) return undefined;
  const described = typeof value === "string" ? value : shown(value);
  const written = typeof source === "string" ? source : shown(source);
  return `The ${fieldName} field refers to value "${described}" which is not a valid ${
    kind === "number" ? "float" : kind
  }: ${written}`;
}

/** An expression that gives no number at all has been refused before. */
function expressionRefusal(name: string, value: Json, { kind }: NumberRange): string | undefined {
  return isNumberOf(kind, value) ? undefined : `The ${name} field cannot be parsed as an integer: ${shown(value)}`;
}

function isNumberOf(kind: "integer" | "number", value: Json): value is number {
  return typeof value === "number" && (kind === "number" || Number.isInteger(value));
}

function rangeRefusal(name: string, value: Json, { min, max }: NumberRange): string | undefined {
  if (typeof value !== "number" || (value >= min && value <= max)) return undefined;
  if (max === percentage.max) return `${name} must be between ${min} and ${max}.`;
  if (max === SECONDS_MAX && value !== 0) return `${name} must be between 0 and ${max} but was: ${value}`;
  if (value < 0) return `${name} cannot be negative.`;
  return value < min ? `${name} must be at least ${min}.` : `${name} cannot be greater than ${max}.`;
}
