/**
 * What NATS users may reach, as a configuration of nats-server: made of the same table of roles as everything else.
 *
 * Each tenant is an account of its own. It has no JetStream and sees none of the engines' subjects but what is imported: its requests, its feed, and, for each
 * resource of its workers, the pulls and acknowledgements of that one consumer. Within the account each user has the subjects of his role, and an
 * inbox of his own. Replies cross by subjects that the server makes, so nobody can have an answer, or a task, put onto a subject of the engines.
 */
import { isSegment, ownConsumer } from "../values/mod.ts";
import { type Role, roleAllows } from "./roles.ts";
import { natsActions } from "./surface_actions.ts";

/** One user of one tenant. */
export interface NatsUser {
  /** 1–64 of `[A-Za-z0-9_-]`. */
  readonly tenant: string;
  /** `undefined`: all of the tenant's. */
  readonly namespace: string | undefined;
  readonly role: Role;
  /** What a worker does tasks of. */
  readonly resources: readonly string[];
  /** Public nkey, `U…`. */
  readonly publicKey: string;
}

/** What a user may publish and subscribe to, in his account. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const STREAM = "WEFT_TASKS";

/** What tells users apart, and begins their inboxes: `tenant-namespace-role`. */
export function natsUserName({ tenant, namespace, role }: Pick<NatsUser, "tenant" | "namespace" | "role">): string {
  return `${tenant}-${namespace ?? "all"}-${role}`;
}

/** The subjects of a user. Pure. */
export function natsPermissions(user: NatsUser): NatsPermissions {
  const { tenant, namespace, role } = user;
  const where = `${tenant}.${namespace ?? "*"}`;
  const requests = [...natsActions].filter(([, action]) => roleAllows(role, action)).map(([request]) => request);
  return {
    publish: [
      ...requests.map((request) => `weft.api.${where}.${request}`),
      ...consumersOf(user).flatMap((consumer) => [
        `$JS.API.CONSUMER.MSG.NEXT.${STREAM}.${consumer}`,
        `$JS.ACK.${STREAM}.${consumer}.>`,
      ]),
    ],
    subscribe: [
      `_INBOX_${natsUserName(user)}.>`,
      ...(roleAllows(role, "executions:read") ? [`weft.events.${where}.*`] : []),
    ],
  };
}

/** Only who may end tasks gets them. */
function consumersOf({ tenant, namespace, role, resources }: NatsUser): readonly string[] {
  if (namespace === undefined || !roleAllows(role, "tasks:work")) return [];
  return resources.map((resource) => ownConsumer({ tenant, namespace }, resource));
}

/** Accounts, users and permissions as nats-server reads them. @param engineKey public nkey of the engines @throws {RangeError} no name of a tenant */
export function natsConfiguration(engineKey: string, users: readonly NatsUser[]): string {
  const tenants = [...new Set(users.map(({ tenant }) => tenant))].sort();
  const accounts = tenants.map((tenant) => tenantAccount(tenant, users.filter((user) => user.tenant === tenant)));
  return [
    '# Made by weft nats-config. Include it in the configuration of every nats-server: include "weft.conf"',
    "accounts {",
    "  # Engines alone: the log, snapshots, tasks, and what engines say to each other.",
    "  WEFT {",
    "    jetstream: enabled",
    `    users: [ { nkey: ${engineKey} } ]`,
    "    exports: [",
    ...tenants.flatMap((tenant) => exportsOf(tenant, users).map((line) => `      ${line}`)),
    "    ]",
    "  }",
    ...accounts.flat(),
    "}",
    "",
  ].join("\n");
}

interface Shared {
  readonly kind: "service" | "stream";
  readonly subject: string;
  readonly more?: string;
}

/** What crosses from the engines' account into a tenant's. */
function sharedWith(tenant: string, users: readonly NatsUser[]): readonly Shared[] {
  const own = users.filter((user) => user.tenant === tenant);
  const consumers = [...new Set(own.flatMap(consumersOf))].sort();
  return [
    { kind: "service", subject: `weft.api.${tenant}.>` },
    { kind: "stream", subject: `weft.events.${tenant}.>` },
    ...consumers.flatMap((consumer): Shared[] => [
      { kind: "service", subject: `$JS.API.CONSUMER.MSG.NEXT.${STREAM}.${consumer}`, more: ", response_type: stream" },
      { kind: "service", subject: `$JS.ACK.${STREAM}.${consumer}.>` },
    ]),
  ];
}

function exportsOf(tenant: string, users: readonly NatsUser[]): readonly string[] {
  return sharedWith(tenant, users).map(({ kind, subject, more = "" }) =>
    `{ ${kind}: "${subject}"${more}, accounts: [${accountOf(tenant)}] }`
  );
}

function accountOf(tenant: string): string {
  if (!isSegment(tenant)) throw new RangeError(`Expected a tenant of 1 to 64 of A-Z a-z 0-9 _ -, but got "${tenant}"`);
  return `WEFT_TENANT_${tenant}`;
}

function tenantAccount(tenant: string, users: readonly NatsUser[]): readonly string[] {
  const list = (subjects: readonly string[]) => `[${subjects.map((subject) => JSON.stringify(subject)).join(", ")}]`;
  return [
    `  ${accountOf(tenant)} {`,
    "    users: [",
    ...users.flatMap((user) => {
      const { publish, subscribe } = natsPermissions(user);
      return [
        `      # ${natsUserName(user)}`,
        `      { nkey: ${user.publicKey}, permissions: {`,
        `          publish: { allow: ${list(publish)} }`,
        `          subscribe: { allow: ${list(subscribe)} }`,
        "      } }",
      ];
    }),
    "    ]",
    "    imports: [",
    ...sharedWith(tenant, users).map(({ kind, subject }) =>
      `      { ${kind}: { account: WEFT, subject: "${subject}" } }`
    ),
    "    ]",
    "  }",
  ];
}
