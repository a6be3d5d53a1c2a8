import { Result } from "effect";
import { defaultLimits, type Json, jsonDepthExceeds, parseJson } from "../../values/mod.ts";
import { type AwsFailure, awsFailure } from "../aws_failure.ts";

/** A user's JSON text as a value. @param failure the failure of a text that is none, of which it is told why */
export function parseJsonText(text: string, failure: (why: string) => AwsFailure): Result.Result<Json, AwsFailure> {
  const { jsonDepthMax } = defaultLimits;
  if (jsonDepthExceeds(text, jsonDepthMax)) {
    return Result.fail(failure(`Document nesting depth exceeds the maximum allowed (${jsonDepthMax})`));
  }
  try {
    return Result.succeed(parseJson(text));
  } catch {
    return Result.fail(failure(jsonProblem(text)));
  }
}

/** An execution's input from its JSON text; `{}` where there is none. Fails with `InvalidExecutionInput`. */
export function parseInput(text: string | undefined): Result.Result<Json, AwsFailure> {
  if (text === "") {
    return Result.fail(
      awsFailure("InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'"),
    );
  }
  return parseJsonText(
    text ?? "{}",
    (why) => awsFailure("InvalidExecutionInput", `Invalid State Machine Execution Input: '${why}'`),
  );
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
