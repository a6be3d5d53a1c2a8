import { hash7 } from "./hash.ts";
import type { Space } from "./ids.ts";

/** The name of the consumer of a resource's tasks where the engine makes it, and workers may not: no two spaces have one name. */
export function ownConsumer({ tenant, namespace }: Space, resource: string): string {
  const type = hash7(resource);
  const name = `weft-${tenant}-${namespace}-${type}`;
  // Tenant "a-b" with namespace "c", and tenant "a" with namespace "b-c", would make the same.
  return `${tenant}${namespace}`.includes("-") ? `${name}-${hash7(`weft.task.${tenant}.${namespace}.${type}`)}` : name;
}
