/** Which object stores a home has. */
import type { NatsConnection } from "@nats-io/transport-node";
import { present } from "../../values/mod.ts";
import { type Environment, urlSetting } from "../settings.ts";
import { FileStore } from "./file_store.ts";
import { NatsObjectStore } from "./nats_store.ts";
import type { ObjectStores } from "./object_stores.ts";
import { type S3Options, S3Store } from "./s3_store.ts";

/** Where objects are, besides the NATS object store of a home on NATS. */
export interface ObjectSettings {
  readonly s3?: S3Options;
  /** A folder: each folder in it is a bucket. */
  readonly folder?: string;
}

/** As the environment says. An endpoint without keys is asked with those that local S3 servers take from anybody. */
export function objectSettings({ env }: Pick<Environment, "env">): { readonly objects?: ObjectSettings } {
  const endpoint = urlSetting("S3_ENDPOINT", env["S3_ENDPOINT"]);
  const folder = env["WEFT_OBJECTS"] ?? "";
  const sessionToken = env["AWS_SESSION_TOKEN"];
  const objects = {
    ...(folder === "" ? {} : { folder }),
    ...(endpoint === undefined ? {} : {
      s3: {
        endpoint,
        region: env["AWS_REGION"] ?? "us-east-1",
        accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "test",
        secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "test",
        ...present({ sessionToken }),
      },
    }),
  };
  return Object.keys(objects).length === 0 ? {} : { objects };
}

/** The stores of a home. @param nats the connection of a home on NATS */
export function objectStores({ s3, folder }: ObjectSettings, nats?: NatsConnection): ObjectStores {
  return {
    ...(s3 === undefined ? {} : { s3: new S3Store(s3) }),
    ...(folder === undefined ? {} : { files: new FileStore(folder) }),
    ...(nats === undefined ? {} : { nats: new NatsObjectStore(nats) }),
  };
}
