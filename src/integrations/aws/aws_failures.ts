/** Refusals of AWS's services, as tasks fail with them. */
import { sdkFailure, serviceFailure } from "../aws_actions.ts";
import type { TaskResult } from "../port.ts";
import type { SdkRefusal } from "./sdk_package.ts";
import { errorPrefix, type ServiceNames } from "./naming.ts";

/** How a task fails whose call was refused, or came to nothing. */
export function callFailure(refusal: SdkRefusal, names: ServiceNames, serviceId: string): TaskResult {
  const { status, requestId, code, message, isModeled, extendedRequestId } = refusal;
  const { optimized } = names;
  const prefix = optimized?.prefix ?? errorPrefix(serviceId);
  if (status === undefined) {
    return {
      kind: "Failed",
      error: `${prefix}.SdkClientException`,
      cause: `Unable to execute HTTP request: ${message}`,
    };
  }
  if (optimized === undefined) {
    const ids = extendedRequestId === undefined ? requestId : `${requestId}, Extended Request ID: ${extendedRequestId}`;
    const shownCode = isModeled ? code : `${prefix}Exception`;
    return sdkFailure({ service: prefix, status, code: shownCode, message, requestId: ids });
  }
  const failure = serviceFailure({ ...optimized, status, code, message, requestId });
  // What the service's model does not know goes by the name of all its failures.
  return isModeled || failure.kind !== "Failed"
    ? failure
    : { ...failure, error: `${prefix}.${baseFailure(optimized)}` };
}

function baseFailure({ prefix, service }: { readonly prefix: string; readonly service: string }): string {
  return `${service.startsWith("Amazon") ? "Amazon" : "AWS"}${prefix}Exception`;
}

/** Answers of services that say that the request failed: all was answered, but not all was done. */
export function failedAnswer(call: string, answer: Readonly<Record<string, unknown>>): TaskResult | undefined {
  if (call !== "events:putEvents" || !(Number(answer["FailedEntryCount"]) > 0)) return undefined;
  const { Entries, FailedEntryCount } = answer;
  return { kind: "Failed", error: "EventBridge.FailedEntry", cause: JSON.stringify({ Entries, FailedEntryCount }) };
}
