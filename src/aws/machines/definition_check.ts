import { Effect } from "effect";
import type { DefinitionLimits, Diagnostic, MachineType } from "../../language/types.ts";
import { validateDefinition } from "../../language/mod.ts";
import { type AwsFailure, awsFailure } from "../aws_failure.ts";

/** The failure for a definition with these findings, in AWS's form of one text. */
export function invalidDefinition(diagnostics: readonly Diagnostic[]): AwsFailure {
  const errors = diagnostics.filter(({ severity }) => severity === "ERROR");
  const texts = errors.map(({ code, message, location }) => `${code}: ${message} at ${location ?? "null"}` // AWS writes "null" where it names no place
  );
  return awsFailure("InvalidDefinition", `Invalid State Machine Definition: '${texts.join(", ")}'`);
}

/** Fails with every error of a definition. */
export function checkDefinition(
  definition: string,
  type: MachineType,
  limits: DefinitionLimits,
): Effect.Effect<void, AwsFailure> {
  const diagnostics = validateDefinition(definition, type, limits);
  return diagnostics.some(({ severity }) => severity === "ERROR")
    ? Effect.fail(invalidDefinition(diagnostics))
    : Effect.void;
}
