import { Result } from "effect";
import { type AwsFailure, awsFailure } from "./aws_failure.ts";

/** What AWS forbids in names: white space, brackets, wildcards, special and control characters. */
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\ufffe\uffff]|[\ud800-\udfff]/u;

/**
 * A name of a state machine, execution or activity: any characters but those.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
 */
export function checkName(name: string): Result.Result<string, AwsFailure> {
  return forbidden.test(name)
    ? Result.fail(awsFailure("InvalidName", `Invalid Name: '${name}'`))
    : Result.succeed(name);
}
