import { Effect } from "effect";
import { AccessKeys, Authenticator, type Role, roles, RootKey } from "../../../src/access/mod.ts";
import { openEmbeddedHome } from "../../../src/homes/embedded.ts";
import { opened } from "../../../src/homes/home.ts";
import { consoleSurface } from "../../../src/interfaces/console/mod.ts";
import { serveHttpApi } from "../../../src/interfaces/http_api/mod.ts";
import type { StandingOrders } from "../../../src/interfaces/nats_api/standing_endpoints.ts";
import { Triggers } from "../../../src/triggers/mod.ts";
import { makeMemoryStorage } from "../../../src/storage/memory/mod.ts";
import type { JsonObject } from "../../../src/values/mod.ts";
import { signedRequest, type SignerCredentials } from "./signed_request.ts";

/** The account that the keys belong to, and one that they do not. */
export const tenant = "111111111111";
/** Another account. */
export const otherTenant = "222222222222";
/** Where the keys may work, and where not. */
export const region = "us-east-1";
/** A region that no key was given. */
export const otherRegion = "eu-west-1";

/** An answer with its status. */
export interface SignedAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** A server that asks everybody who he is. */
export interface ServedWithKeys {
  readonly address: string;
  readonly keys: AccessKeys;
  /** The schedules and triggers that are served. */
  readonly standing: StandingOrders;
  /** A key of each role, of {@link tenant} in {@link region}. */
  readonly credentials: Readonly<Record<Role, SignerCredentials>>;
  /** An administrator of {@link otherTenant}. */
  readonly stranger: SignerCredentials;
  /** Sends a signed request; `operation` is one of the AWS API's, or one of the console's behind `/weft/`. */
  call(by: SignerCredentials, operation: string, body: object, region?: string, query?: string): Promise<SignedAnswer>;
  /** Sends a signed request about a schedule to the scheduler's API. */
  schedule(by: SignerCredentials, method: string, region: string): Promise<ScheduleAnswer>;
  close(): Promise<void>;
}

/** What the scheduler's API answered. */
export interface ScheduleAnswer {
  readonly status: number;
  /** Name of the failure, if it is one. */
  readonly errorType: string | undefined;
}

/** Starts one in memory. Whoever starts it closes it. */
export async function serveWithKeys(): Promise<ServedWithKeys> {
  const home = await openEmbeddedHome({ hasActivities: true, timeScale: 0.01, partitions: 2 });
  const root = RootKey.parse(RootKey.make());
  if (root === undefined) throw new Error("Expected a root key");
  const keys = new AccessKeys(makeMemoryStorage(), root);
  const { engine, registry, activities, schedules, traceHttp, limits, nodes, backlogs, watch } = home;
  const scope = { account: "123456789012", region };
  const standing = { schedules, triggers: new Triggers(registry, limits) };
  const surface = consoleSurface({
    standing,
    engine,
    registry,
    cluster: { nodes, backlogs },
    limits,
    scope,
    version: "0.0.1",
    home: "embedded",
    feed: watch,
  });
  const api = await opened(serveHttpApi({
    engine,
    registry,
    ...(activities === undefined ? {} : { activities }),
    schedules,
    traceHttp,
    port: 0,
    scope,
    version: "0.0.1",
    surface,
    authenticator: new Authenticator(keys),
  }));
  const { address } = api.value;
  const make = async (account: string, role: Role): Promise<SignerCredentials> => {
    const made = await Effect.runPromise(keys.create({ tenant: account, regions: [region], role }, new Date()));
    return { accessKeyId: made.id, secretAccessKey: made.secret };
  };
  const entries = await Promise.all(roles.map(async (role) => [role, await make(tenant, role)] as const));
  return {
    address,
    keys,
    standing,
    credentials: Object.fromEntries(entries) as Record<Role, SignerCredentials>,
    stranger: await make(otherTenant, "admin"),
    call: (by, operation, body, where = region, query = "") =>
      send(address, by, operation + query, JSON.stringify(body), where),
    schedule: (by, method, where) => sendScheduler(address, by, method, where),
    async close() {
      await api.close();
      await home.close();
    },
  };
}

async function send(
  address: string,
  by: SignerCredentials,
  operation: string,
  body: string,
  where: string,
): Promise<SignedAnswer> {
  const isConsole = operation.startsWith("/");
  const [path = "", query = ""] = operation.split("?");
  const { headers, target } = await signedRequest(by, {
    at: new Date(),
    region: where,
    path: isConsole ? path : "/",
    query: Object.fromEntries(new URLSearchParams(query)),
    body,
    headers: {
      host: new URL(address).host,
      "content-type": isConsole ? "application/json" : "application/x-amz-json-1.0",
      ...(isConsole ? {} : { "x-amz-target": `AWSStepFunctions.${operation}` }),
    },
  });
  const { host: _, ...sent } = headers;
  const response = await fetch(address + target, { method: "POST", headers: sent, body });
  return { status: response.status, body: await response.json() as JsonObject };
}

async function sendScheduler(
  address: string,
  by: SignerCredentials,
  method: string,
  where: string,
): Promise<ScheduleAnswer> {
  const body = method === "POST" || method === "PUT"
    ? JSON.stringify({
      ScheduleExpression: "rate(1 hour)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Arn: `arn:aws:states:${where}:${tenant}:stateMachine:there`,
        RoleArn: `arn:aws:iam::${tenant}:role/scheduler`,
      },
      State: "DISABLED",
    })
    : "";
  const { headers, target } = await signedRequest(by, {
    at: new Date(),
    method,
    region: where,
    service: "scheduler",
    path: "/schedules/nightly",
    body,
    headers: { host: new URL(address).host, "content-type": "application/json" },
  });
  const { host: _, ...sent } = headers;
  const response = await fetch(address + target, { method, headers: sent, ...(body === "" ? {} : { body }) });
  await response.body?.cancel();
  return { status: response.status, errorType: response.headers.get("x-amzn-errortype") ?? undefined };
}
