/** What a distributed Map asks of the engine's own Map Runs: the input of the task that stands for the Map Run. */
import { Schema } from "effect";
import { optional, Payload } from "./fields.ts";

export { MAP_RUN_RESOURCE } from "../values/mod.ts";

/**
 * A Map Run to be done. The items of a Map without `ItemReader` stand in the event that started its state; `ItemSelector` is
 * evaluated item by item, in the scope of that state.
 */
export const MapRunOrder = Schema.Struct({
  /** See `mapRunId`. */
  mapRun: Schema.String,
  /** It goes on: which redrive of its execution this is. */
  redrive: optional(Schema.Number),
  /** Of the Map: its `Label`, or one made of the definition and the state's name. */
  label: Schema.String,
  executionType: Schema.Literals(["STANDARD", "EXPRESS"]),
  /** 0: no bound of its own. */
  maxConcurrency: Schema.Number,
  toleratedFailureCount: optional(Schema.Number),
  toleratedFailurePercentage: optional(Schema.Number),
  ItemReader: optional(Payload),
  ItemBatcher: optional(Payload),
  ResultWriter: optional(Payload),
});
export type MapRunOrder = typeof MapRunOrder.Type;
