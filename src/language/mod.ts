/**
 * The Amazon States Language: text in, values out. Pure, synchronous and bounded; nothing here throws for any user input.
 *
 * `contract.ts` has the functions by type, `types.ts` the values.
 */
export type { Language } from "./contract.ts";
export { choose } from "./evaluation/choose.ts";
export {
  catcherOutcome,
  findCatcher,
  findRetrier,
  jitteredDelaySeconds,
  retryDelaySeconds,
} from "./evaluation/error_handling.ts";
export { failure } from "./evaluation/failure.ts";
export { itemInput, mapItems } from "./evaluation/map_data.ts";
export { mapSettings, taskTimeouts } from "./evaluation/settings.ts";
export { effectiveInput, stateArguments, stateOutcome } from "./evaluation/state_data.ts";
export { waitEnd } from "./evaluation/wait_end.ts";
export { causeInState } from "./failures.ts";
export { parseDefinition, validateDefinition } from "./definition/parse_definition.ts";
export type * from "./types.ts";
