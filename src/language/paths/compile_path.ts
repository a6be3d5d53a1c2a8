/** Paths as fields of a state: `InputPath`, `OutputPath`, `ItemsPath`, `SecondsPath`, `ResultPath` and the like. */
import * as Result from "effect/Result";
import type { Json } from "../../values/mod.ts";
import type { Findings } from "../definition/findings.ts";
import { runtimeFailure } from "../failures.ts";
import { evaluateIntrinsic, noteCallVariables } from "../intrinsics/compile_intrinsic.ts";
import { looksLikeIntrinsic, parseIntrinsic } from "../intrinsics/parse_intrinsic.ts";
import type { Compiled, CompiledReferencePath, EvaluationView } from "../types.ts";
import { noteVariables } from "./note_variables.ts";
import { parsePath } from "./parse_path.ts";
import type { Path } from "./path.ts";
import { PathMissing, readPath } from "./read_path.ts";
import { putAt } from "./reference_path.ts";

const EMPTY: Json = {};

/** What a path field says when the path finds nothing: its cause, after "States.Runtime". */
export type MissingCause = (path: Path, reason: string, view: EvaluationView) => string;

/** Jayway's reason behind the path, as AWS words it for `InputPath` and `OutputPath`. */
export const invalidPathCause: MissingCause = (path, reason) => `Invalid path '${path.text}' : ${reason}`;

/**
 * A path that stands in a field. `null`, where allowed, gives `{}`. Problems go to `findings`.
 *
 * @param options.nullable `InputPath`, `OutputPath`
 * @param options.reference Only a reference path may stand there: one node of the input, `"context"`: or of the context object
 * @param options.intrinsics An intrinsic function may stand instead of a path: `ErrorPath`, `CausePath`
 */
export function compilePathField(
  source: Json,
  location: string,
  findings: Findings,
  options: {
    readonly nullable?: boolean;
    readonly reference?: "input" | "context";
    readonly intrinsics?: boolean;
    readonly missing?: MissingCause;
  } = {},
): Compiled {
  if (source === null && options.nullable === true) return { source, evaluate: () => Result.succeed(EMPTY) };
  if (typeof source === "string" && options.intrinsics === true && looksLikeIntrinsic(source)) {
    const call = parseIntrinsic(source);
    if (Result.isSuccess(call)) {
      noteCallVariables(call.success, location, findings);
      return { source, evaluate: (view) => evaluateIntrinsic(call.success, view) };
    }
    findings.schema(location, "Value must be a valid JSONPath.");
    return unusable(source);
  }
  const path = pathOf(source, location, findings);
  if (path === undefined) return unusable(source);
  if (options.reference !== undefined && !isReference(path, options.reference)) {
    findings.schema(location, "Value is not a Reference Path");
  }
  const missing = options.missing ?? invalidPathCause;
  if (path.root.kind === "input" && path.tokens.length === 0) {
    return {
      source,
      evaluate: (view) => Result.succeed(view.root),
    };
  }
  return {
    source,
    evaluate: (view) => {
      if (view.root === null && path.root.kind === "input") {
        return runtimeFailure("Unable to apply Path transformation to null or empty input.");
      }
      const value = readPath(path, view);
      return value instanceof PathMissing ? runtimeFailure(missing(path, value.reason, view)) : Result.succeed(value);
    },
  };
}

function isReference({ root, steps }: Path, allowed: "input" | "context"): boolean {
  return steps !== undefined && (root.kind !== "context" || allowed === "context");
}

/** `ResultPath`: a reference path from `$`, or `null`, which drops what is put. */
export function compileResultPath(source: Json, location: string, findings: Findings): CompiledReferencePath {
  if (source === null) return { source, evaluate: () => Result.succeed(null), put: (target) => Result.succeed(target) };
  const path = pathOf(source, location, findings);
  const steps = path?.steps;
  if (
    path === undefined || steps === undefined || path.root.kind !== "input" ||
    steps.some((step) => typeof step === "number" && step < 0)
  ) {
    if (path !== undefined) findings.schema(location, "Value is not a Reference Path");
    return { ...unusable(source), put: (target) => Result.succeed(target) };
  }
  const evaluate: Compiled["evaluate"] = (view) => {
    const value = readPath(path, view);
    return value instanceof PathMissing
      ? runtimeFailure(invalidPathCause(path, value.reason, view))
      : Result.succeed(value);
  };
  if (steps.length === 0) return { source, evaluate, put: (_target, value) => Result.succeed(value) };
  return { source, evaluate, put: (target, value) => putAt(target, steps, value, path.text) };
}

/** The path in `source`, or `undefined` with a finding. */
export function pathOf(source: Json, location: string, findings: Findings): Path | undefined {
  if (typeof source !== "string") {
    findings.schema(location, "Expected value of type [STRING]");
    return undefined;
  }
  const path = source.startsWith("$") ? parsePath(source) : Result.fail("");
  if (Result.isSuccess(path)) {
    noteVariables(path.success, location, findings);
    return path.success;
  }
  findings.schema(location, "Value must be a valid JSONPath.");
  return undefined;
}

function unusable(source: Json): Compiled {
  return { source, evaluate: () => runtimeFailure("The field is not valid") };
}
