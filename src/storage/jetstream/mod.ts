export * from "./jetstream_storage.ts";
