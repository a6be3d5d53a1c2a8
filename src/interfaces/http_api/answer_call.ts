/** One request of the AWS protocol, from its body's text to its answer's: no HTTP in here. */
import { Cause, Effect, Result } from "effect";
import { type AwsAnswer, AwsFailure, awsFailure, failureOfRefusal } from "../../aws/mod.ts";
import { type Action, authorize, awsActions, type NotAuthenticated } from "../../access/mod.ts";
import { RequestRefused } from "../../runtime/mod.ts";
import { jsonDepthExceeds, type JsonObject, present, type Space } from "../../values/mod.ts";
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
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "SerializationException",
  "UnrecognizedClientException",
  "UnknownOperationException",
  "InternalFailure",
  "ServiceUnavailable",
]);
const TARGET = /^AWSStepFunctions\.([A-Za-z]+)$/;

const unauthenticated = { reason: undefined, resourceName: undefined, status: 400 };

/** A failure as the protocol has it. */
export function failureReply(failure: AwsFailure | NotAuthenticated): AwsReply {
  const { code, message } = failure;
  const { reason, resourceName, status } = failure instanceof AwsFailure ? failure : unauthenticated;
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
  call: AwsCall,
  target: string | undefined,
  bodyText: string,
): Result.Result<(call: AwsCall) => AwsAnswer, AwsFailure> {
  const [, name = ""] = TARGET.exec(target ?? "") ?? [];
  const operation = operations.get(name);
  const action = awsActions.get(name);
  if (operation === undefined || action === undefined) {
    return Result.fail(
      awsFailure("UnknownOperationException", `Unknown operation: ${target ?? "no X-Amz-Target header"}`),
    );
  }
  if (jsonDepthExceeds(bodyText, call.limits.jsonDepthMax)) {
    return Result.fail(awsFailure("SerializationException", "The request nests too deep"));
  }
  let body: unknown;
  try {
    body = bodyText.trim() === "" ? {} : JSON.parse(bodyText);
  } catch {
    return Result.fail(awsFailure("SerializationException", "The request is not JSON"));
  }
  const denied = denial(call, name, action, body);
  return denied === undefined ? operation.accept(body) : Result.fail(denied);
}

/** Why the caller may not do this to what the request names; nothing has been looked up for it. */
function denial({ caller, scope }: AwsCall, name: string, action: Action, body: unknown): AwsFailure | undefined {
  const arns = namedArns(body);
  const own = { tenant: scope.account, namespace: scope.region };
  const mayNot = arns.find(({ space }) => authorize(caller, action, space) !== undefined);
  if (mayNot === undefined && authorize(caller, action, own) === undefined) return undefined;
  const who = caller.principal === "anonymous" ? "root" : `user/${caller.principal}`;
  const resource = (mayNot ?? arns[0])?.arn ?? `arn:aws:states:${scope.region}:${scope.account}:*`;
  return awsFailure(
    "AccessDeniedException",
    `User: arn:aws:iam::${scope.account}:${who} is not authorized to perform: states:${name} on resource: ${resource}`,
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

interface NamedArn {
  readonly arn: string;
  readonly space: Space;
}

/** What a request names, anywhere in it, and whose it is. */
function namedArns(value: unknown, found: NamedArn[] = []): readonly NamedArn[] {
  if (typeof value !== "object" || value === null) return found;
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== "string") namedArns(member, found);
    else if (ownArns.has(name)) {
      const [, namespace, tenant] = /^arn:[^:]*:states:([^:]*):([^:]+):/.exec(member) ?? [];
      if (namespace !== undefined && tenant !== undefined) found.push({ arn: member, space: { tenant, namespace } });
    }
  }
  return found;
}
