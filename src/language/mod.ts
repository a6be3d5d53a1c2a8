/**
 * The Amazon States Language: text in, values out. Pure, synchronous and bounded; nothing here throws for any user input.
 *
 * `contract.ts` has the functions by type and says what each does, `types.ts` the values.
 */
import type { Language } from "./contract.ts";
import { bounded } from "./evaluation/bounded.ts";
import * as choice from "./evaluation/choose.ts";
import * as errors from "./evaluation/error_handling.ts";
import * as fail from "./evaluation/failure.ts";
import * as map from "./evaluation/map_items.ts";
import * as settings from "./evaluation/settings.ts";
import * as data from "./evaluation/input_output.ts";
import * as wait from "./evaluation/wait_end.ts";

export type { Language } from "./contract.ts";
export { acceptedLimits } from "./definition/accepted_limits.ts";
export { definitionSchema } from "./definition/json_schema.ts";
export { parseDefinition, validateDefinition } from "./definition/parse_definition.ts";
export { Budget } from "./budget.ts";
export { seededDraws } from "./seeded_draws.ts";
export { variableReferences } from "./definition/variable_references.ts";
export { findCatcher, findRetrier, jitteredDelaySeconds, retryDelaySeconds } from "./evaluation/error_handling.ts";
export { causeInState } from "./failures.ts";
export type * from "./types.ts";

/** InputPath of JSONPath states; the raw input in JSONata. */
export const effectiveInput: Language["effectiveInput"] = bounded(data.effectiveInput);
/** `Parameters` or `Arguments`, else the effective input; `Result` of a Pass state. */
export const stateArguments: Language["stateArguments"] = bounded(data.stateArguments);
/** From a result to the state's output and variables. */
export const stateOutcome: Language["stateOutcome"] = bounded(data.stateOutcome);
/** The first rule that holds, else Default, with output and variables. */
export const choose: Language["choose"] = bounded(choice.choose);
/** When a Wait state ends. */
export const waitEnd: Language["waitEnd"] = bounded(wait.waitEnd);
/** Error and Cause of a Fail state. */
export const failure: Language["failure"] = bounded(fail.failure);
/** Timeout and heartbeat of a Task, seconds. */
export const taskTimeouts: Language["taskTimeouts"] = bounded(settings.taskTimeouts);
/** `Credentials` of a Task, evaluated. */
export const taskCredentials: Language["taskCredentials"] = bounded(data.taskCredentials);
/** The array a Map iterates over. */
export const mapItems: Language["mapItems"] = bounded(map.mapItems);
/** MaxConcurrency and tolerated failures of a Map. */
export const mapSettings: Language["mapSettings"] = bounded(settings.mapSettings);
/** One iteration's input. */
export const itemInput: Language["itemInput"] = bounded(map.itemInput);
/** `ItemReader`, `ItemBatcher` and `ResultWriter` of a distributed Map, evaluated. */
export const distributedMapFields: Language["distributedMapFields"] = bounded(map.distributedMapFields);
/** Output and variables of a caught error. */
export const catcherOutcome: Language["catcherOutcome"] = bounded(errors.catcherOutcome);
