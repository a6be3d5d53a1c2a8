/** What AWS shows of the values in our events. */
import type { StateCompletedEvent } from "../../protocol/mod.ts";
import { type Json, type JsonObject, present } from "../../values/mod.ts";

/** A payload as the API has it: JSON as text, and a note that it is whole. */
export function payload(field: "input" | "output", value: Json | undefined): JsonObject {
  return { [field]: JSON.stringify(value ?? null), [`${field}Details`]: { truncated: false } };
}

/** The two strings of an error, those that there are. */
export function errorOf({ reason, message }: { readonly reason?: string; readonly message?: string }): JsonObject {
  return present({ error: reason, cause: message });
}

/** The variables that a state set; nothing where it set none. */
export function assignedOf({ assigned }: Pick<StateCompletedEvent, "assigned">): JsonObject {
  if (assigned === undefined) return {};
  return {
    assignedVariables: Object.fromEntries(
      Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
    assignedVariablesDetails: { truncated: false },
  };
}
