import { Result } from "effect";
import { defaultLimits, type Json, jsonDepthExceeds } from "../../../values/mod.ts";
import { type AwsFailure, awsFailure } from "../wire/aws_failure.ts";

const invalid = (why: string) =>
  Result.fail(awsFailure("InvalidExecutionInput", `Invalid State Machine Execution Input: '${why}'`));

/** An execution's input from its JSON text; `{}` where there is none. Fails with `InvalidExecutionInput`. */
export function parseInput(text: string | undefined): Result.Result<Json, AwsFailure> {
  if (text === undefined) return Result.succeed({});
  if (jsonDepthExceeds(text, defaultLimits.jsonDepthMax)) {
    return invalid(`Document nesting depth exceeds the maximum allowed (${defaultLimits.jsonDepthMax})`);
  }
  try {
    return Result.succeed(JSON.parse(text));
  } catch {
    return invalid(jsonProblem(text));
  }
}

/** What is wrong with a JSON text, in the words of the parser that AWS uses. */
export function jsonProblem(text: string): string {
  const start = text.trimStart();
  if (start === "") return "No content to map due to end-of-input";
  const [first = ""] = start;
  if (first === "{") {
    const [second = ""] = start.slice(1).trimStart();
    if (second !== '"' && second !== "}" && second !== "") {
      return `Unexpected character ('${second}' (code ${
        second.codePointAt(0)
      })): was expecting double-quote to start field name`;
    }
    return "Unexpected end-of-input: expected close marker for Object";
  }
  const [token = ""] = /^[\p{L}\p{N}_$]+/u.exec(start) ?? [];
  if (token !== "" && !/^[-\d]/.test(token)) {
    return `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
  }
  return `Unexpected character ('${first}' (code ${
    first.codePointAt(0)
  })): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
}
