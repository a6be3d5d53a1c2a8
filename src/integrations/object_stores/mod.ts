export { FileStore } from "./file_store.ts";
export { NatsObjectStore } from "./nats_store.ts";
export { type ObjectAction, type ObjectStores, stored, storeFor } from "./object_stores.ts";
export {
  checkBucket,
  keySegments,
  type ListedObject,
  type ObjectName,
  type ObjectStore,
  ObjectStoreFailed,
  type OpenedObject,
} from "./port.ts";
export { type S3Options, S3Store } from "./s3_store.ts";
export { type ObjectSettings, objectSettings, objectStores } from "./object_settings.ts";
