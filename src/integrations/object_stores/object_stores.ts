import { Effect } from "effect";
import { parseResource } from "../../values/mod.ts";
import { type ObjectStore, ObjectStoreFailed } from "./port.ts";

/** The object stores of a home; what is absent is not there. */
export interface ObjectStores {
  readonly s3?: ObjectStore;
  /** A folder. */
  readonly files?: ObjectStore;
  readonly nats?: ObjectStore;
}

/** What is asked of an object store. */
export type ObjectAction = "getObject" | "listObjectsV2" | "putObject";

/**
 * The store and action that a `Resource` names: `weft:files:getObject`, `weft:nats:…` or `weft:s3:…` a certain store,
 * `arn:aws:states:::s3:getObject` the S3 endpoint or, where there is none, the folder or the NATS object store, so that a definition
 * written for AWS runs wherever its objects are.
 *
 * @throws {ObjectStoreFailed} `InvalidResource` for another resource, `NoObjectStore`
 */
export function storeFor(
  stores: ObjectStores,
  resource: string,
): { readonly store: ObjectStore; readonly action: ObjectAction } {
  const { wanted, action } = asked(resource);
  if (action !== "getObject" && action !== "listObjectsV2" && action !== "putObject") {
    throw new ObjectStoreFailed(
      "InvalidResource",
      `The resource "${resource.slice(0, 200)}" names no action of an object store`,
    );
  }
  const store = wanted === undefined ? stores.s3 ?? stores.files ?? stores.nats : stores[wanted];
  if (store !== undefined) return { store, action };
  throw new ObjectStoreFailed("NoObjectStore", "This engine was set up without the object store that the state names");
}

/** The store that a resource names, if it names a certain one, and its action. */
function asked(text: string): { readonly wanted?: keyof ObjectStores; readonly action?: string } {
  const resource = parseResource(text);
  if (resource.pattern !== "Request") return {};
  if (resource.kind !== "Service" && resource.kind !== "Engine") return {};
  const { service, action } = resource;
  if (resource.kind === "Service") return service === "s3" && !resource.isSdk ? { action } : {};
  return service === "s3" || service === "files" || service === "nats" ? { wanted: service, action } : {};
}

/** What is asked of a store, as an effect; interrupted, its signal is aborted. What is no failure of a store is a defect. */
export function stored<A>(ask: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, ObjectStoreFailed> {
  return Effect.catch(
    Effect.tryPromise({ try: async (signal) => await ask(signal), catch: (thrown) => thrown }),
    (thrown) => thrown instanceof ObjectStoreFailed ? Effect.fail(thrown) : Effect.die(thrown),
  );
}
