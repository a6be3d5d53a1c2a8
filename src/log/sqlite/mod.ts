export * from "./sqlite_log_stream.ts";
