/** Failures as AWS names them. */
import { Schema } from "effect";

/** Failures of the caller: HTTP 400. */
const callerCodes = [
  "AccessDeniedException",
  "ActivityAlreadyExists",
  "ActivityDoesNotExist",
  "ActivityLimitExceeded",
  "ActivityWorkerLimitExceeded",
  "ConflictException",
  "ExecutionAlreadyExists",
  "ExecutionDoesNotExist",
  "ExecutionLimitExceeded",
  "ExecutionNotRedrivable",
  "InvalidArn",
  "InvalidDefinition",
  "InvalidEncryptionConfiguration",
  "InvalidExecutionInput",
  "InvalidLoggingConfiguration",
  "InvalidName",
  "InvalidOutput",
  "InvalidToken",
  "InvalidTracingConfiguration",
  "MissingRequiredParameter",
  "ResourceNotFound",
  "SerializationException",
  "ServiceQuotaExceededException",
  "StateMachineAlreadyExists",
  "StateMachineDeleting",
  "StateMachineDoesNotExist",
  "StateMachineLimitExceeded",
  "StateMachineTypeNotSupported",
  "TaskDoesNotExist",
  "TaskTimedOut",
  "ThrottlingException",
  "TooManyTags",
  "UnknownOperationException",
  "ValidationException",
] as const;
/** Failures of ours: HTTP 500 or 503, which AWS's clients retry. */
const serverCodes = ["InternalFailure", "ServiceUnavailable"] as const;

/** What the client sees as the error's name. */
export type AwsCode = (typeof callerCodes)[number] | (typeof serverCodes)[number];

/** A call that came to nothing. */
export class AwsFailure extends Schema.TaggedError<AwsFailure>()("AwsFailure", {
  code: Schema.Literals([...callerCodes, ...serverCodes]),
  message: Schema.String,
  /** `ValidationException` only: AWS's machine-readable word for why. */
  reason: Schema.optional(Schema.String),
  /** `ResourceNotFound` and `TooManyTags` only: the ARN. */
  resourceName: Schema.optional(Schema.String),
}) {
  /** The HTTP status it goes with. */
  get status(): number {
    return this.code === "InternalFailure" ? 500 : this.code === "ServiceUnavailable" ? 503 : 400;
  }
}

/** A failure with this code; `more` are the fields that only some codes have. */
export function awsFailure(
  code: AwsCode,
  message: string,
  more: { readonly reason?: string; readonly resourceName?: string } = {},
): AwsFailure {
  return new AwsFailure({ code, message, ...more });
}
