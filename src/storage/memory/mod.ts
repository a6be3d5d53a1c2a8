export * from "./memory_storage.ts";
