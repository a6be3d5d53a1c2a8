/** The one place where it is decided whether a caller may do something: every command and read of every surface asks here. */
import type { Space } from "../values/mod.ts";
import { type Action, type Role, roleAllows } from "./roles.ts";

/** Who asks, once that is known. */
export interface Caller {
  /** Whose name stands in denials and in the audit log: an access key's id, a token's subject, or `anonymous`. */
  readonly principal: string;
  /** The account that he belongs to; `undefined`: any, where nobody is authenticated. */
  readonly tenant: string | undefined;
  /** Regions (namespaces) that he may reach; `undefined`: all of the tenant's. */
  readonly regions: readonly string[] | undefined;
  readonly role: Role;
}

/** He may not. What it says does not depend on whether the resource exists: nothing has been looked up. */
export interface Denial {
  readonly principal: string;
  readonly action: Action;
}

/** Whoever comes, where nobody is authenticated: a server on the loopback interface, or one that was told so. */
export const anonymous: Caller = { principal: "anonymous", tenant: undefined, regions: undefined, role: "admin" };

/** Why the caller may not do this to what is in the space; `undefined`: he may. Pure, and without regard to what is there. */
export function authorize(caller: Caller, action: Action, space: Space): Denial | undefined {
  const { principal, tenant, regions, role } = caller;
  const isHis = (tenant === undefined || tenant === space.tenant) &&
    (regions === undefined || regions.includes(space.namespace));
  // Who belongs to no tenant is asked nothing.
  return isHis && (tenant === undefined || roleAllows(role, action)) ? undefined : { principal, action };
}
