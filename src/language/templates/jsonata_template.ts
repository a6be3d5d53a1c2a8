/**
 * Templates of JSONata states: any JSON in which a text `{% … %}` is an expression.
 */
import { Result } from "effect";
import type { Json } from "../../values/mod.ts";
import type { Findings } from "../definition/findings.ts";
import { queryEvaluationFailure } from "../failures.ts";
import type { Compiled } from "../types.ts";

/** Types that a field may ask of its expression. */
export type JsonataType = "string" | "number" | "boolean" | "array" | "object";

/** True for a text that is one expression. */
export function isJsonataExpression(source: Json): source is string {
  return typeof source === "string" && source.startsWith("{%") && source.endsWith("%}") && source.length >= 4;
}

/** Compiles a template; `field` is its name in causes. Problems go to `findings`. */
export function compileJsonataTemplate(source: Json, field: string, location: string, findings: Findings): Compiled {
  findings.schema(location, "JSONata is not supported yet");
  return { source, evaluate: () => queryEvaluationFailure("JSONata is not supported yet", field) };
}

/** An expression whose value must be of one type. */
export function compileJsonataField(
  source: Json,
  _type: JsonataType,
  field: string,
  location: string,
  findings: Findings,
): Compiled {
  findings.schema(location, "JSONata is not supported yet");
  const failure = Result.fail({ error: "States.QueryEvaluationError", cause: "", location: field });
  return { source, evaluate: () => failure };
}
