export * from "./keyv_storage.ts";
