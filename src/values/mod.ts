export * from "./canonical_json.ts";
export * from "./hash.ts";
export * from "./ids.ts";
export * from "./json.ts";
export * from "./json_depth.ts";
export * from "./limits.ts";
export * from "./payload_bytes.ts";
export * from "./timestamp.ts";
