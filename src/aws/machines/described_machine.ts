/** What descriptions of state machines say beyond what was set. */
import { variableReferences } from "../../language/mod.ts";
import type { JsonObject } from "../../values/mod.ts";
import type { MachineRecord } from "./machine_record.ts";

/** AWS's own settings where none were given. */
export const unconfigured = {
  loggingConfiguration: { level: "OFF", includeExecutionData: false },
  tracingConfiguration: { enabled: false },
  encryptionConfiguration: { type: "AWS_OWNED_KEY" },
};

/** Logs, traces and encryption, as a description has them. */
export function shownConfigurations(
  told: Pick<MachineRecord, "loggingConfiguration" | "tracingConfiguration" | "encryptionConfiguration">,
): JsonObject {
  return {
    loggingConfiguration: { ...unconfigured.loggingConfiguration, ...told.loggingConfiguration },
    tracingConfiguration: { ...unconfigured.tracingConfiguration, ...told.tracingConfiguration },
    encryptionConfiguration: { ...unconfigured.encryptionConfiguration, ...told.encryptionConfiguration },
  };
}

/** `variableReferences`, absent where no state reads a variable. */
export function shownReferences(definition: string): JsonObject {
  const references = variableReferences(definition);
  return Object.keys(references).length === 0 ? {} : { variableReferences: references };
}
