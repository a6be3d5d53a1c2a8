/** What tasks of AWS's services have in common: their resources' names, and what results and failures look like. */
import { isJsonObject, type Json, type JsonObject, parseJson, parseResource } from "../values/mod.ts";
import type { TaskResult } from "./port.ts";
import { headerOf, type HttpAnswer } from "./http/exchange.ts";

/** The call of a service, `http:invoke`, whose answer to the request is all that comes; `undefined` for other resources. */
export function requestedCall(text: string): string | undefined {
  const resource = parseResource(text);
  if (resource.kind !== "Service") return undefined;
  return resource.pattern === "Request" || resource.pattern === "Callback" ? resource.call : undefined;
}

/** How failures name a task's resource: the service of an integration, else the resource itself. */
export function shownResource(text: string): string {
  const resource = parseResource(text);
  if (resource.kind !== "Service") return text;
  return resource.isSdk ? "aws-sdk" : resource.service;
}

/** What AWS adds to a result about the HTTP answer that it came by. */
export function sdkMetadata(answer: Pick<HttpAnswer, "headers" | "status">): JsonObject {
  const all: Record<string, string[]> = {};
  for (const [name, value] of answer.headers) (all[name] ??= []).push(value);
  const first = Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values[0] ?? ""]));
  return {
    SdkHttpMetadata: { AllHttpHeaders: all, HttpHeaders: first, HttpStatusCode: answer.status },
    SdkResponseMetadata: { RequestId: headerOf(answer, "x-amzn-requestid") ?? "" },
  };
}

/** A refusal of an AWS service. */
export interface ServiceRefusal {
  /** As causes call it. */
  readonly service: string;
  readonly status: number;
  /** Of the service, such as `StateMachineDoesNotExist`. */
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

/** A refusal of a service that a task called by AWS's SDK, which calls services otherwise: `Sfn`. */
export function sdkFailure({ service, status, code, message, requestId }: ServiceRefusal): TaskResult {
  return {
    kind: "Failed",
    error: `${service}.${exceptionName(code)}`,
    cause: `${message} (Service: ${service}, Status Code: ${status}, Request ID: ${requestId})`,
  };
}

function exceptionName(code: string): string {
  return /(Exception|Error)$/.test(code) ? code : `${code}Exception`;
}

/** A refusal of a service that a task called. @param refusal with what names of its errors begin with, such as `StepFunctions` */
export function serviceFailure(
  { prefix, service, status, code, message, requestId }: ServiceRefusal & { readonly prefix: string },
): TaskResult {
  return {
    kind: "Failed",
    error: `${prefix}.${exceptionName(code)}`,
    cause:
      `${message} (Service: ${service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`,
  };
}

/** A result that is larger than a payload may be. @param what the service, or the resource itself */
export function resultTooLarge(what: string): TaskResult {
  return {
    kind: "Failed",
    error: "States.DataLimitExceeded",
    cause:
      `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  };
}

/** The task's input as an object of parameters; `{}` where it is none. */
export function parametersOf(input: Json): JsonObject {
  return isJsonObject(input) ? input : {};
}

/** JSON text as a value, or the text itself where it is none. */
export function jsonOrText(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
