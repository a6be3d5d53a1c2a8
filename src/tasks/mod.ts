export * from "./handler.ts";
export * from "./port.ts";
export * from "./task_run.ts";
