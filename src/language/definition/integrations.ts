/**
 * What AWS checks of a Task that calls a service: `arn:aws:states:::{service}:{api}` with the pattern at its end.
 *
 * Which service has which pattern, and what each call needs, is AWS's table of optimized integrations. Only what is sure
 * is refused: services and calls that are not in the tables below may have any pattern and any fields.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
import { isJsonObject, type JsonObject, MAP_RUN_RESOURCE } from "../../values/mod.ts";
import type { StateReading } from "./state_reading.ts";

/** Services that cannot be waited for by `.sync`. */
const withoutSync: ReadonlySet<string> = new Set([
  "lambda",
  "sns",
  "sqs",
  "dynamodb",
  "events",
  "apigateway",
  "aws-sdk",
  "bedrock-agentcore",
]);

/** Services that give no task token. */
const withoutToken: ReadonlySet<string> = new Set([
  "athena",
  "batch",
  "codebuild",
  "elasticmapreduce",
  "emr-containers",
  "emr-serverless",
  "glue",
  "databrew",
  "mediaconvert",
  "sagemaker",
  "dynamodb",
  "bedrock-agentcore",
]);

/** Fields that a call cannot do without. */
const requiredFields: ReadonlyMap<string, readonly string[]> = new Map([
  ["lambda:invoke", ["FunctionName"]],
  ["sqs:sendMessage", ["QueueUrl", "MessageBody"]],
  ["sns:publish", ["Message"]],
  ["dynamodb:putItem", ["TableName", "Item"]],
  ["dynamodb:getItem", ["TableName", "Key"]],
  ["states:startExecution", ["StateMachineArn"]],
  ["events:putEvents", ["Entries"]],
  ["ecs:runTask", ["TaskDefinition"]],
  ["glue:startJobRun", ["JobName"]],
]);

const integrationPattern = /^arn:[^:]+:states:::([^:]+):(.+?)(\.sync(?::2)?|\.waitForTaskToken)?$/;
const activityPattern = /^arn:[^:]+:states:[^:]+:[^:]+:activity:/;

/** Findings about the resource of a Task, its parameters and its credentials. */
export function checkResource(reading: StateReading, resource: string): void {
  checkCredentials(reading, resource);
  if (resource === MAP_RUN_RESOURCE) {
    const { findings } = reading.fields;
    findings.schema(reading.fields.at("Resource"), `The resource '${resource}' is the engine's own`);
  }
  const [, service, api, pattern = ""] = integrationPattern.exec(resource) ?? [];
  if (service === undefined || api === undefined) return;
  const { fields } = reading;
  if (!hasPattern(service, pattern)) {
    fields.findings.schema(
      fields.at("Resource"),
      `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
    return;
  }
  const name = reading.language === "JSONPath" ? "Parameters" : "Arguments";
  const given = fields.value(name);
  if (given === undefined) {
    fields.findings.schema(fields.at("Resource"), `${name} field is required for resource ARN: ${resource}`);
  } else if (isJsonObject(given)) {
    for (const field of requiredFields.get(`${service}:${api}`) ?? []) {
      if (!isGiven(given, field)) fields.findings.schema(fields.at(name), missingField(field));
    }
  }
}

function hasPattern(service: string, pattern: string): boolean {
  if (pattern === ".waitForTaskToken") return !withoutToken.has(service);
  if (pattern === ".sync:2") return service === "states";
  return pattern !== ".sync" || !withoutSync.has(service);
}

/** `Credentials` of a call to AWS name the role to take; resources that are none of AWS's may want others. */
function checkCredentials({ fields }: StateReading, resource: string): void {
  const credentials = fields.value("Credentials");
  if (credentials === undefined || !isJsonObject(credentials) || !resource.startsWith("arn:")) return;
  const at = fields.at("Credentials");
  if (activityPattern.test(resource)) {
    fields.findings.schema(at, "The field 'Credentials' is not supported for activities");
  } else if (!isGiven(credentials, "RoleArn")) fields.findings.schema(at, missingField("RoleArn"));
}

function isGiven(object: JsonObject, field: string): boolean {
  return Object.hasOwn(object, field) || Object.hasOwn(object, `${field}.$`);
}

function missingField(field: string): string {
  return `The field '${field}' is required but was missing`;
}
