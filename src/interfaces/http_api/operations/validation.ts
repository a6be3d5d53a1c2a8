/** ValidateStateMachineDefinition. */
import { Effect } from "effect";
import type { AwsAnswer } from "../../../aws/mod.ts";
import { validateDefinition } from "../../../language/mod.ts";
import type { AwsCall, Operation } from "../call.ts";
import { operation } from "../call.ts";
import * as parts from "../wire/request_parts.ts";
import { number, optional, type Request, required, shape, word } from "../wire/shapes.ts";
import { present } from "../../../values/mod.ts";

const ValidateRequest = shape({
  definition: required(parts.definition),
  type: optional(word(["STANDARD", "EXPRESS"])),
  severity: optional(word(["ERROR", "WARNING"])),
  maxResults: optional(number({ min: 0, max: 100 })),
});

/** Default and largest number of findings. */
const RESULTS_MAX = 100;

function validate({ limits }: AwsCall, request: Request<typeof ValidateRequest>): AwsAnswer {
  return Effect.sync(() => {
    const { definition, type, severity = "ERROR", maxResults = 0 } = request;
    const all = validateDefinition(definition, type, limits);
    const wanted = all.filter((finding) => severity === "WARNING" || finding.severity === "ERROR");
    const shown = wanted.slice(0, maxResults === 0 ? RESULTS_MAX : maxResults);
    return {
      result: all.some((finding) => finding.severity === "ERROR") ? "FAIL" : "OK",
      diagnostics: shown.map(({ severity, code, message, location }) => ({
        severity,
        code,
        message,
        ...present({ location }),
      })),
      truncated: shown.length < wanted.length,
    };
  });
}

/** By name. */
export const validationOperations: Readonly<Record<string, Operation>> = {
  ValidateStateMachineDefinition: operation(ValidateRequest, validate),
};
