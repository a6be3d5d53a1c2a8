import { parseExecutionId, type Space } from "../../../src/values/mod.ts";

/** Where everything of a simulation lives: two namespaces of one tenant, and one of another's with the same name. */
export const spaces = [
  { tenant: "sim", namespace: "ulation" },
  { tenant: "sim", namespace: "other" },
  { tenant: "rival", namespace: "ulation" },
] as const satisfies readonly Space[];

/** The first of them, where one is enough. */
export const [space] = spaces;

/** Whose an execution or task is. */
export function spaceOf(id: string): Space {
  const { tenant = "", namespace = "" } = parseExecutionId(id) ?? {};
  return { tenant, namespace };
}

/** An idempotency key, told apart from the same one in another space. */
export function keyName({ tenant, namespace }: Space, key: string): string {
  return `${tenant}/${namespace}/${key}`;
}
