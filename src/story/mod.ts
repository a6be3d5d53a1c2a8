export * from "./run_event.ts";
export * from "./run_model.ts";
export * from "./wait_reason.ts";
