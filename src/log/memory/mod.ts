export * from "./memory_log_stream.ts";
