export * from "./connect.ts";
export * from "./jetstream_fitness.ts";
export * from "./pipelined_publisher.ts";
export * from "./stored_message.ts";
export * from "./task_queue.ts";
export { makeUserKey, publicKeyOf } from "./user_key.ts";
export { newInbox } from "./inbox.ts";
