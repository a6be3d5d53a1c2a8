/**
 * Payload templates of JSONPath states: `Parameters`, `ResultSelector`, `ItemSelector`, `Assign`.
 *
 * A key that ends in `.$` takes its value from a path or an intrinsic function. All else is data, built once and shared.
 */
import * as Result from "effect/Result";
import { isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";
import { refuseTooLarge } from "../budget.ts";
import type { Findings } from "../definition/findings.ts";
import { runtimeFailure, shown } from "../failures.ts";
import { evaluateIntrinsic, noteCallVariables } from "../intrinsics/compile_intrinsic.ts";
import { looksLikeIntrinsic, parseIntrinsic } from "../intrinsics/parse_intrinsic.ts";
import { noteVariables } from "../paths/note_variables.ts";
import { parsePath } from "../paths/parse_path.ts";
import type { Path } from "../paths/path.ts";
import { PathMissing, readPath } from "../paths/read_path.ts";
import type { Compiled, Evaluated, EvaluationView } from "../types.ts";
import { arrayPart, compiledOf, type Member, objectPart, type Part } from "./part.ts";

type Evaluate = Compiled["evaluate"];

/** Paths that a template may have without its result being measured: each gives at most what is read. */
const PATHS_UNMEASURED_MAX = 32;

/** Compiles a template. Problems go to `findings`; what is returned then must not be evaluated. */
export function compilePayloadTemplate(source: Json, location: string, findings: Findings): Compiled {
  const compiled = compiledOf(source, compilePart(source, location, findings));
  if (countPaths(source) <= PATHS_UNMEASURED_MAX) return compiled;
  return {
    source,
    evaluate: (view) => {
      const value = compiled.evaluate(view);
      if (Result.isSuccess(value)) refuseTooLarge(value.success);
      return value;
    },
  };
}

/** At least as many values of the input as a template's result may be made of. */
function countPaths(source: Json): number {
  if (Array.isArray(source)) return source.reduce((count: number, item: Json) => count + countPaths(item), 0);
  if (!isJsonObject(source)) return 0;
  let count = 0;
  for (const [key, value] of Object.entries(source)) {
    if (!key.endsWith(".$")) count += countPaths(value);
    else if (typeof value === "string") count += value.split("$").length;
  }
  return count;
}

function compilePart(source: Json, location: string, findings: Findings): Part {
  if (Array.isArray(source)) return compileArray(source, location, findings);
  return isJsonObject(source) ? compileObject(source, location, findings) : { constant: source };
}

function compileArray(source: readonly Json[], location: string, findings: Findings): Part {
  const parts = source.map((item, index) => compilePart(item, `${location}[${index}]`, findings));
  return arrayPart(source, parts);
}

function compileObject(source: JsonObject, location: string, findings: Findings): Part {
  const members: Member[] = [];
  for (const [key, value] of Object.entries(source)) {
    if (!key.endsWith(".$")) {
      if (typeof value === "string" && looksDynamic(value)) {
        const message =
          `The value of '${key}' looks like a JSONPath or intrinsic function. Use '${key}.$' to evaluate it.`;
        findings.warning("NO_DOLLAR", `${location}/${key}`, message);
      }
      members.push({ key, part: compilePart(value, `${location}/${key}`, findings) });
      continue;
    }
    const name = key.slice(0, -2);
    if (Object.hasOwn(source, name)) {
      findings.schema(location, `The field '${name}' is given twice: as '${name}' and as '${key}'`);
    }
    members.push({ key: name, part: { evaluate: compileDynamicField(key, value, location, findings) } });
  }
  return objectPart(source, members);
}

/** The value of a field `name.$`. */
function compileDynamicField(key: string, source: Json, location: string, findings: Findings): Evaluate {
  if (typeof source === "string") {
    if (looksLikeIntrinsic(source)) {
      const call = parseIntrinsic(source);
      if (Result.isSuccess(call)) {
        noteCallVariables(call.success, location, findings);
        return (view) => evaluateIntrinsic(call.success, view);
      }
    } else if (source.startsWith("$")) {
      const path = parsePath(source);
      if (Result.isSuccess(path)) {
        noteVariables(path.success, location, findings);
        return (view) => fieldValue(path.success, key, view);
      }
    }
  }
  findings.schema(
    location,
    `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`,
  );
  return () => runtimeFailure(`The field '${key}' is not valid`);
}

function fieldValue(path: Path, key: string, view: EvaluationView): Evaluated<Json> {
  const value = readPath(path, view);
  if (!(value instanceof PathMissing)) return Result.succeed(value);
  if (value.isIndexOutOfBounds) return Result.succeed(null); // as AWS has it, in templates only
  return runtimeFailure(notFoundCause(path, key, view));
}

/** What AWS says of a path that finds nothing, of a field `….$` and of `ErrorPath` and `CausePath`. */
export function notFoundCause(path: Path, field: string, view: EvaluationView): string {
  const searched = path.root.kind === "context" ? view.scope.contextObject : view.root;
  return `The JSONPath '${path.text}' specified for the field '${field}' could not be found in the input '${
    shown(searched)
  }'`;
}

/** True for a text that is written like a path or a call of an intrinsic function. */
export function looksDynamic(text: string): boolean {
  return /^\$(\.|\[|\$\.)/.test(text) || text === "$" || /^States\.[A-Za-z0-9]+\(/.test(text);
}
