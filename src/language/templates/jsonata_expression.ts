/** One `{% … %}` of a JSONata state. */
import * as Result from "effect/Result";
import type { Json } from "../../values/mod.ts";
import type { Findings } from "../definition/findings.ts";
import { queryEvaluationFailure, shown } from "../failures.ts";
import { evaluateJsonata, type JsonataExpression } from "../jsonata/mod.ts";
import type { Compiled, EvaluationView } from "../types.ts";
import { type Readable, referencesOf } from "./jsonata_references.ts";

/** Types that a field may ask of its expression. */
export type JsonataType = "string" | "number" | "boolean" | "array" | "object";

/** Where an expression stands. */
export interface JsonataPlace {
  /** The field's name in causes, such as `Output/total[0]` or `Choices[1]/Condition`. */
  readonly field: string;
  /** Its place in the definition. */
  readonly location: string;
  /** What of `$states` it may read. */
  readonly readable: Readable;
  readonly findings: Findings;
}

/** True for a text that is one expression. */
export function isJsonataExpression(source: Json): source is string {
  return typeof source === "string" && source.length >= 4 && source.startsWith("{%") && source.endsWith("%}");
}

/** AWS's words for a text that should be an expression and is none. */
export const DELIMITERS_MISSING = "JSONata string must start with {% and end with %}";

/** A finding for a text that opens an expression and does not close it, or the other way round. */
export function checkDelimiters(source: string, { location, findings }: JsonataPlace): void {
  const [opens, closes] = [source.startsWith("{%"), source.endsWith("%}") && source.includes("{%")];
  if (opens !== closes) findings.schema(location, DELIMITERS_MISSING);
}

/**
 * Compiles a text for which {@link isJsonataExpression} holds. Problems go to the place's findings; what is returned then must
 * not be evaluated. Evaluation fails with `States.QueryEvaluationError`: an error, nothing found, another type than `type`.
 */
export function compileExpression(source: string, place: JsonataPlace, type?: JsonataType): Compiled["evaluate"] {
  const { field, location, findings } = place;
  const text = source.slice(2, -2).trim();
  const compiled = findings.expression(text);
  if (Result.isFailure(compiled)) return invalid(compiled.failure.message, place);
  const { refusals, variables } = referencesOf(compiled.success.tree, place.readable);
  for (const refusal of refusals) findings.error("UNSUPPORTED_JSONATA_EXPRESSION", location, refusal);
  for (const name of variables) findings.variables.reads(name, location);
  return evaluatorOf(compiled.success, text, field, type);
}

/**
 * False where nothing but `$states.input` and such is read of `$states`. Says true too often: wherever `%` stands, since `%` after
 * `$states.input` is `$states`.
 */
function mayReadContext(text: string): boolean {
  return text.includes("%") || /\$states(?!\.(?:input|result|errorOutput)\b)/.test(text);
}

function invalid(message: string, { field, location, findings }: JsonataPlace): Compiled["evaluate"] {
  findings.error("INVALID_JSONATA_EXPRESSION", location, message);
  return () => queryEvaluationFailure("The expression is not valid", field);
}

function evaluatorOf(
  expression: JsonataExpression,
  text: string,
  field: string,
  type?: JsonataType,
): Compiled["evaluate"] {
  const what = `The JSONata expression '${text}' specified for the field '${field}'`;
  const readsContext = mayReadContext(text);
  return (view: EvaluationView) => {
    const value = evaluateJsonata(expression, {
      bindings: readsContext ? view.bindings : view.bindingsWithoutContext,
      draws: view.scope.draws,
      budget: view.budget,
      keep: (characters) => view.keep(characters),
    });
    if (Result.isFailure(value)) {
      const { code, message, isLimit } = value.failure;
      return queryEvaluationFailure(
        `${what} threw an error during evaluation${isLimit ? ": " : `. ${code}: `}${message}`,
        field,
      );
    }
    if (value.success === undefined) return queryEvaluationFailure(`${what} returned nothing (undefined).`, field);
    if (type === undefined || typeOf(value.success) === type) return Result.succeed(value.success);
    const found = `Expected '${type}', but was '${typeOf(value.success)}' for value: ${shown(value.success)}`;
    return queryEvaluationFailure(`${what} returned an unexpected result type. ${found}`, field);
  };
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
