/** One request of the AWS protocol, from its body's text to its answer's: no HTTP in here. */
import { Cause, Effect, Result } from "effect";
import { type AwsAnswer, AwsFailure, awsFailure, failureOfRefusal } from "../../aws/mod.ts";
import { RequestRefused } from "../../runtime/mod.ts";
import { jsonDepthExceeds, type JsonObject, present } from "../../values/mod.ts";
import type { AwsCall } from "./call.ts";
import { operations } from "./operations/mod.ts";

/** What goes back: an HTTP status and a body of JSON. */
export interface AwsReply {
  readonly status: number;
  readonly body: JsonObject;
}

/** Prefix of the names of this service's failures. */
const SERVICE_NAMESPACE = "com.amazonaws.swf.service.v2.model#";
/** Those that every service of AWS has by the framework's name. */
const frameworkCodes = new Set([
  "AccessDeniedException",
  "SerializationException",
  "UnknownOperationException",
  "InternalFailure",
  "ServiceUnavailable",
]);
const TARGET = /^AWSStepFunctions\.([A-Za-z]+)$/;

/** A failure as the protocol has it. */
export function failureReply(failure: AwsFailure): AwsReply {
  const { code, message, reason, resourceName, status } = failure;
  const namespace = frameworkCodes.has(code) ? "com.amazon.coral.service#" : SERVICE_NAMESPACE;
  return {
    status,
    body: {
      __type: `${namespace}${code}`,
      message,
      ...present({ reason, resourceName }),
    },
  };
}

/** Answers a call. Never fails: a defect is logged and becomes `InternalFailure`. */
export function answerCall(
  call: AwsCall,
  target: string | undefined,
  bodyText: string,
): Effect.Effect<AwsReply> {
  const accepted = accept(call, target, bodyText);
  if (Result.isFailure(accepted)) return Effect.succeed(failureReply(accepted.failure));
  const answered = Effect.suspend(() => accepted.success(call));
  return Effect.matchCauseEffect(answered, {
    onSuccess: (body) => Effect.succeed({ status: 200, body }),
    onFailure: (cause) => {
      const failure = Cause.findError(cause);
      if (Result.isSuccess(failure)) {
        const { success } = failure;
        return Effect.succeed(failureReply(success instanceof RequestRefused ? failureOfRefusal(success) : success));
      }
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt;
      return Effect.as(
        Effect.logError("A call of the AWS API died").pipe(Effect.annotateLogs({ target, cause: Cause.pretty(cause) })),
        failureReply(awsFailure("InternalFailure", "The call failed within Weft; its log says why")),
      );
    },
  });
}

function accept(
  { scope, limits }: AwsCall,
  target: string | undefined,
  bodyText: string,
): Result.Result<(call: AwsCall) => AwsAnswer, AwsFailure> {
  const [, name = ""] = TARGET.exec(target ?? "") ?? [];
  const operation = operations.get(name);
  if (operation === undefined) {
    return Result.fail(
      awsFailure("UnknownOperationException", `Unknown operation: ${target ?? "no X-Amz-Target header"}`),
    );
  }
  if (jsonDepthExceeds(bodyText, limits.jsonDepthMax)) {
    return Result.fail(awsFailure("SerializationException", "The request nests too deep"));
  }
  let body: unknown;
  try {
    body = bodyText.trim() === "" ? {} : JSON.parse(bodyText);
  } catch {
    return Result.fail(awsFailure("SerializationException", "The request is not JSON"));
  }
  const theirs = foreignArn(body, scope.account);
  return theirs === undefined ? operation.accept(body) : Result.fail(
    awsFailure(
      "AccessDeniedException",
      `User: arn:aws:iam::${scope.account}:root is not authorized to perform: states:${name} on resource: ${theirs}`,
    ),
  );
}

/** Members that name what a call is about. Roles, keys and logs may be anybody's. */
const ownArns = new Set([
  "activityArn",
  "executionArn",
  "mapRunArn",
  "resourceArn",
  "stateMachineAliasArn",
  "stateMachineArn",
  "stateMachineVersionArn",
]);

/** An ARN of another account than the caller's, anywhere in a request. */
function foreignArn(value: unknown, account: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== "string") {
      const inside = foreignArn(member, account);
      if (inside !== undefined) return inside;
    } else if (ownArns.has(name)) {
      const [, owner] = /^arn:[^:]*:states:[^:]*:([^:]+):/.exec(member) ?? [];
      if (owner !== undefined && owner !== account) return member;
    }
  }
  return undefined;
}
