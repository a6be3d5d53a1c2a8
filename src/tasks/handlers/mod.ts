export type { InProcessOptions, OutcomeRefused, TaskOutcomes } from "./in_process_worker.ts";
export { layerHandlers } from "./layer_handlers.ts";
