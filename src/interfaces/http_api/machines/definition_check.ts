import { Effect } from "effect";
import type { MachineType } from "../../../language/types.ts";
import { validateDefinition } from "../../../language/mod.ts";
import { type AwsFailure, awsFailure } from "../wire/aws_failure.ts";

/** Fails with every error of a definition, in AWS's form of one text. */
export function checkDefinition(definition: string, type: MachineType): Effect.Effect<void, AwsFailure> {
  const errors = validateDefinition(definition, type).filter(({ severity }) => severity === "ERROR");
  if (errors.length === 0) return Effect.void;
  const texts = errors.map(({ code, message, location }) =>
    `${code}: ${message}${location === undefined ? "" : ` at ${location}`}`
  );
  return Effect.fail(awsFailure("InvalidDefinition", `Invalid State Machine Definition: '${texts.join(", ")}'`));
}
