import { limitSettings } from "../../values/mod.ts";
import type { DefinitionLimits } from "../types.ts";

/** The widest limits that can be set: what was accepted once stays a definition, whatever the limits are now. */
export const acceptedLimits: DefinitionLimits = {
  definitionBytesMax: limitSettings.definitionBytesMax.max,
  statesMax: limitSettings.statesMax.max,
  nestingMax: limitSettings.nestingMax.max,
  nameCharactersMax: limitSettings.nameCharactersMax.max,
};
