export * from "./connect.ts";
export * from "./pipelined_publisher.ts";
