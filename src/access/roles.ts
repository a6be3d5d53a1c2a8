/**
 * What a caller may do, as one table: every operation of every surface is one of these actions, and a role is a set of them.
 *
 * | action | what it covers |
 * |---|---|
 * | `workflows:read` | machines, versions, aliases, activities, tags, schedules and triggers: describe, list, validate |
 * | `workflows:write` | the same without triggers: create, change, delete |
 * | `executions:read` | executions, histories, Map Runs and what happens to them |
 * | `executions:start` | start, and wait for the end |
 * | `executions:control` | stop, redrive, change a Map Run |
 * | `executions:delete` | an execution with its history |
 * | `tasks:work` | take tasks, and end them |
 * | `states:test` | run one state on the server, outside any execution |
 * | `engine:read` | how the server and its partitions stand |
 * | `access:manage` | keys, limits and the audit log |
 * | `engine:manage` | what reaches beyond any tenant, such as triggers, which listen to streams of the engines' own account: no role has it, only who is asked nothing |
 */

/** Every action. */
export const actions = [
  "workflows:read",
  "workflows:write",
  "executions:read",
  "executions:start",
  "executions:control",
  "executions:delete",
  "tasks:work",
  "states:test",
  "engine:read",
  "access:manage",
  "engine:manage",
] as const;
/** What is checked. */
export type Action = (typeof actions)[number];

/** Every role. */
export const roles = ["admin", "operator", "developer", "starter", "worker", "viewer"] as const;
/** What a caller was given. */
export type Role = (typeof roles)[number];

/** What each role may do. */
export const allowed: Readonly<Record<Role, readonly Action[]>> = {
  admin: actions.filter((action) => action !== "engine:manage"),
  operator: [
    "workflows:read",
    "executions:read",
    "executions:start",
    "executions:control",
    "executions:delete",
    "engine:read",
  ],
  developer: [
    "workflows:read",
    "workflows:write",
    "executions:read",
    "executions:start",
    "executions:control",
    "states:test",
    "engine:read",
  ],
  starter: ["executions:start", "executions:read"],
  worker: ["tasks:work"],
  viewer: ["workflows:read", "executions:read", "engine:read"],
};

const sets: Readonly<Record<Role, ReadonlySet<Action>>> = {
  admin: new Set(allowed.admin),
  operator: new Set(allowed.operator),
  developer: new Set(allowed.developer),
  starter: new Set(allowed.starter),
  worker: new Set(allowed.worker),
  viewer: new Set(allowed.viewer),
};

/** True when the role may. */
export function roleAllows(role: Role, action: Action): boolean {
  return sets[role].has(action);
}

/** True for the name of a role. */
export function isRole(text: string): text is Role {
  return roles.some((role) => role === text);
}
