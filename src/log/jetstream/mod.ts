export * from "./jetstream_log_stream.ts";
export { findLogs, type FoundLog, LOG_IDENTITY_FORMAT, type LogIdentity, markLog } from "./log_identity.ts";
