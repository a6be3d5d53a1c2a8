export * from "./backoff_schedule.ts";
export * from "./handler.ts";
export * from "./port.ts";
export * from "./recent_map.ts";
export * from "./run_handler.ts";
export * from "./task_backlog.ts";
export * from "./task_run.ts";
