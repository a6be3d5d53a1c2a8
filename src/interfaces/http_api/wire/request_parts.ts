/** Members that several operations have. */
import { Result } from "effect";
import { type AwsFailure, awsFailure } from "../../../aws/mod.ts";
import { flag, list, number, optional, required, structure, text, word } from "./shapes.ts";

/** An ARN. */
export const arn = text({ min: 1, max: 256 });
/** An ARN with a label or of a version. */
export const longArn = text({ min: 1, max: 2_000 });
/** A name; its characters are checked by `checkName`. */
export const name = text({ min: 1, max: 80 });
/** A state machine's definition. */
export const definition = text({ min: 1, max: 1_048_576, sensitive: true });
/** JSON of a user. */
export const payload = text({ max: 262_144, sensitive: true });
/** The error and cause of a failure. */
export const errorName = text({ max: 256, sensitive: true });
/** What a failure was. */
export const cause = text({ max: 32_768, sensitive: true });
/** What a user says of a version or alias. */
export const description = text({ max: 256, sensitive: true });
/** Of a page. 0 stands for the default. */
export const pageSize = number({ min: 0, max: 1_000 });
/** As the page before gave it. */
export const pageToken = text({ min: 1, max: 1_024 });
/** `METADATA_ONLY` leaves payloads and definitions out. */
export const includedData = word(["ALL_DATA", "METADATA_ONLY"]);
/** A header of X-Ray. */
export const traceHeader = text({ max: 256 });

/** Tags of a resource. */
export const tags = list(
  structure("Tag", { key: optional(text({ min: 1, max: 128 })), value: optional(text({ max: 256 })) }),
);

/** Where AWS writes logs. Kept and shown; nothing is written there. */
export const loggingConfiguration = structure("LoggingConfiguration", {
  level: optional(word(["ALL", "ERROR", "FATAL", "OFF"])),
  includeExecutionData: optional(flag),
  destinations: optional(list(structure("LogDestination", {
    cloudWatchLogsLogGroup: optional(structure("CloudWatchLogsLogGroup", { logGroupArn: optional(arn) })),
  }))),
});

/** A logging configuration that logs needs one destination. */
export function checkLogging(
  configuration:
    | { readonly level?: "ALL" | "ERROR" | "FATAL" | "OFF"; readonly destinations?: readonly unknown[] }
    | undefined,
): Result.Result<void, AwsFailure> {
  const { level = "OFF", destinations = [] } = configuration ?? {};
  return (level === "OFF" && destinations.length === 0) || destinations.length === 1
    ? Result.succeed(undefined)
    : Result.fail(
      awsFailure(
        "InvalidLoggingConfiguration",
        "Invalid Logging Configuration: Must specify exactly one Log Destination.",
      ),
    );
}

/** Whether AWS traces. Kept and shown. */
export const tracingConfiguration = structure("TracingConfiguration", { enabled: optional(flag) });

/** What AWS encrypts with. Kept and shown. */
export const encryptionConfiguration = structure("EncryptionConfiguration", {
  kmsKeyId: optional(text({ min: 1, max: 2_048 })),
  kmsDataKeyReusePeriodSeconds: optional(number({ min: 60, max: 900 })),
  type: required(word(["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"])),
});

/** An ARN that can be a role's. */
export function checkRoleArn(roleArn: string): Result.Result<string, AwsFailure> {
  return /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/.test(roleArn)
    ? Result.succeed(roleArn)
    : Result.fail(awsFailure("InvalidArn", `Invalid Role Arn: '${roleArn}'`));
}
