export * from "./jetstream_log_stream.ts";
