/**
 * What AWS checks of a Task that calls a service: `arn:aws:states:::{service}:{api}` with the pattern at its end.
 *
 * Which service has which pattern, and what each call needs, stands in `src/values/aws_services.ts`.
 */
import {
  awsServiceOf,
  isJsonObject,
  type JsonObject,
  MAP_RUN_RESOURCE,
  parseResource,
  requiredFieldsOf,
} from "../../values/mod.ts";
import type { StateReading } from "./state_reading.ts";

/** Findings about the resource of a Task, its parameters and its credentials. */
export function checkResource(reading: StateReading, resource: string): void {
  checkCredentials(reading, resource);
  if (resource === MAP_RUN_RESOURCE) {
    const { findings } = reading.fields;
    findings.schema(reading.fields.at("Resource"), `The resource '${resource}' is the engine's own`);
  }
  const called = parseResource(resource);
  if (called.kind !== "Service" || called.service === "" || (called.action === "" && !called.isSdk)) return;
  const { fields } = reading;
  const { patterns } = awsServiceOf(called);
  if (called.pattern !== "Request" && !patterns.includes(called.pattern)) {
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
    for (const field of requiredFieldsOf(called)) {
      if (!isGiven(given, field)) fields.findings.schema(fields.at(name), missingField(field));
    }
  }
}

/** `Credentials` of a call to AWS name the role to take; resources that are none of AWS's may want others. */
function checkCredentials({ fields }: StateReading, resource: string): void {
  const credentials = fields.value("Credentials");
  if (credentials === undefined || !isJsonObject(credentials) || !resource.startsWith("arn:")) return;
  const at = fields.at("Credentials");
  if (parseResource(resource).kind === "Activity") {
    fields.findings.schema(at, "The field 'Credentials' is not supported for activities");
  } else if (!isGiven(credentials, "RoleArn")) fields.findings.schema(at, missingField("RoleArn"));
}

function isGiven(object: JsonObject, field: string): boolean {
  return Object.hasOwn(object, field) || Object.hasOwn(object, `${field}.$`);
}

function missingField(field: string): string {
  return `The field '${field}' is required but was missing`;
}

/** What express machines cannot wait for. */
export function refuseInExpress({ fields }: StateReading, resource: string): void {
  const { kind, pattern } = parseResource(resource);
  const refused = pattern === "Callback"
    ? "'.waitForTaskToken' service integration "
    : pattern !== "Request"
    ? "'.sync' service integration"
    : kind === "Activity"
    ? "Activity ARN"
    : undefined;
  if (refused !== undefined) {
    fields.findings.schema(fields.at("Resource"), `Express state machine does not support ${refused}`);
  }
}
