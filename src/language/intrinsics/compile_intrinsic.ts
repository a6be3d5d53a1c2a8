/** From a call's tree to a function of the view. */
import * as Result from "effect/Result";
import type { Json } from "../../values/mod.ts";
import type { Findings } from "../definition/findings.ts";
import { runtimeFailure, shown } from "../failures.ts";
import { noteVariables } from "../paths/note_variables.ts";
import { PathMissing, readPath } from "../paths/read_path.ts";
import type { Evaluated, EvaluationView } from "../types.ts";
import { Refusal } from "./intrinsic_function.ts";
import { intrinsicFunctions } from "./intrinsic_functions.ts";
import type { IntrinsicArgument, IntrinsicCall } from "./parse_intrinsic.ts";

/** Tells `findings` of the variables that a call reads. */
export function noteCallVariables(call: IntrinsicCall, location: string, findings: Findings): void {
  for (const argument of call.arguments) {
    if (argument.kind === "path") noteVariables(argument.path, location, findings);
    if (argument.kind === "call") noteCallVariables(argument.call, location, findings);
  }
}

/**
 * The value of a call.
 *
 * `States.Runtime` when a path finds nothing, and when a function refuses its arguments: that is what AWS does, and not its documented
 * `States.IntrinsicFailure`. Both name the whole expression, not the inner call.
 */
export function evaluateIntrinsic(call: IntrinsicCall, view: EvaluationView): Evaluated<Json> {
  const value = callValue(call, view);
  if (value instanceof PathAbsent) {
    return runtimeFailure(`The function '${call.text}' had the following error: ${value.message}`);
  }
  if (value instanceof Refusal) {
    return runtimeFailure(`There was an error while evaluating the intrinsic function: ${call.text}. ${value.message}`);
  }
  return Result.succeed(value);
}

class PathAbsent {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

function callValue(call: IntrinsicCall, view: EvaluationView): Json | Refusal | PathAbsent {
  const values: Json[] = [];
  for (const argument of call.arguments) {
    const value = argumentValue(argument, view);
    if (value instanceof PathAbsent || value instanceof Refusal) return value;
    values.push(value);
  }
  const [first] = call.arguments;
  const rawTemplate = first?.kind === "literal" && typeof first.value === "string" ? first.raw : undefined;
  view.budget.charge(1 + values.length);
  const { draws, limits } = view.scope;
  const input = { values, rawTemplate, draws, limits, budget: view.budget };
  const intrinsic = intrinsicFunctions.get(call.name);
  if (intrinsic === undefined) return null;
  const fits = values.length >= intrinsic.argumentCountMin && values.length <= intrinsic.argumentCountMax;
  const value = fits ? intrinsic.call(input) : new Refusal(intrinsic.wrongCount);
  return value instanceof Refusal ? new Refusal(value.message ?? `Invalid arguments in ${call.name}`) : value;
}

function argumentValue(argument: IntrinsicArgument, view: EvaluationView): Json | Refusal | PathAbsent {
  switch (argument.kind) {
    case "literal":
      return argument.value;
    case "call":
      return callValue(argument.call, view);
    case "path": {
      const value = readPath(argument.path, view);
      if (!(value instanceof PathMissing)) return value;
      if (value.reason.startsWith("Filter:")) return new PathAbsent(value.reason);
      return new PathAbsent(
        `The JsonPath argument for the field '${argument.path.text}' could not be found in the input '${
          shown(view.root)
        }'`,
      );
    }
  }
}
