/** Reaching a server, and saying what to do where that fails. */
import type { CommandScope } from "./command_scope.ts";
import { present, type Space } from "../../values/mod.ts";
import type { ClientPort, EmbeddedHome, StandingOrdersPort } from "./homes.ts";
import type { CliIo } from "./io.ts";
import { AWS_API_PORT } from "./options/aws_api_options.ts";
import { type ConnectionFlags, connectionOf, localSpace } from "./options/connection_options.ts";
import { nonEmpty, segment } from "./options/option_values.ts";
import { asCliFailure, CliFailure, usageFailure } from "./output/failure.ts";

/** Which server answers, for titles and hints; and whose executions are meant. */
export interface ReachedServer extends Space {
  /** Such as `nats://127.0.0.1:4222`, without a password. */
  readonly where: string;
  /** Options that reach the same from another command; empty where none are needed. */
  readonly options: string;
}

/** Where the HTTP port of `weft dev` is looked for when nobody says where a server is. */
const DEFAULT_HTTP_URL = `http://127.0.0.1:${AWS_API_PORT}`;

/**
 * Connects to NATS, to a server's HTTP port or to a store, does `work`, and closes the connection whatever comes. Where nobody says which, NATS on
 * this machine is tried, then `weft dev`.
 *
 * @param executionId as it was given: a whole id says its space itself
 */
export async function withClient<T>(
  scope: CommandScope,
  flags: ConnectionFlags,
  work: (client: ClientPort, server: ReachedServer) => Promise<T>,
  executionId?: string,
): Promise<T> {
  const { client, server } = await reachServer(scope, { ...flags, ...spaceOfId(executionId) });
  try {
    return await work(client, server);
  } finally {
    await client.close();
  }
}

/** As {@link withClient}, with what starts executions by itself. A folder has nobody who would. */
export function withStanding<T>(
  scope: CommandScope,
  flags: ConnectionFlags,
  work: (standing: StandingOrdersPort) => Promise<T>,
): Promise<T> {
  return withClient(scope, flags, ({ standing }) => {
    if (standing !== undefined) return work(standing);
    throw usageFailure("Schedules and triggers are a running server's: leave --store out");
  });
}

interface Reached {
  readonly client: ClientPort;
  readonly server: ReachedServer;
}

async function reachServer(scope: CommandScope, flags: ConnectionFlags): Promise<Reached> {
  const { io } = scope;
  const store = nonEmpty(flags.store);
  const http = nonEmpty(flags.http) ?? (isNatsSaid(io, flags) ? undefined : nonEmpty(io.env["WEFT_HTTP_URL"]));
  if ([store, nonEmpty(flags.http), nonEmpty(flags.nats)].filter((one) => one !== undefined).length > 1) {
    throw usageFailure("Expected one of --nats, --http and --store: each is another place to ask");
  }
  if (store !== undefined) return await reachStore(scope, store, flags);
  if (http !== undefined) return await reachHttp(scope, http, flags);
  const connection = connectionOf(io, flags);
  const reached = reaching(connection.url, scope.homes.connectClient(connection));
  try {
    const { tenant, namespace, url } = connection;
    const options = nonEmpty(flags.nats) === undefined ? "" : `--nats ${withoutPassword(url)}`;
    return { client: await reached, server: { tenant, namespace, where: withoutPassword(url), options } };
  } catch (thrown) {
    if (isNatsSaid(io, flags) || !(thrown instanceof CliFailure) || thrown.code !== "Unreachable") throw thrown;
    const found = await reachHttp(scope, DEFAULT_HTTP_URL, flags).catch(() => undefined);
    if (found !== undefined) return found;
    throw thrown;
  }
}

function isNatsSaid({ env }: CliIo, flags: ConnectionFlags): boolean {
  return nonEmpty(flags.nats) !== undefined || nonEmpty(env["WEFT_NATS_URL"]) !== undefined;
}

/** Tenant and namespace where somebody says them; else whoever is asked knows. */
function saidSpace({ env }: CliIo, flags: ConnectionFlags): Partial<Space> {
  const tenant = nonEmpty(flags.tenant) ?? nonEmpty(env["WEFT_TENANT"]);
  const namespace = nonEmpty(flags.namespace) ?? nonEmpty(env["WEFT_NAMESPACE"]);
  return present({
    tenant: tenant === undefined ? undefined : segment("--tenant", tenant),
    namespace: namespace === undefined ? undefined : segment("--namespace", namespace),
  });
}

async function reachHttp({ io, homes }: CommandScope, url: string, flags: ConnectionFlags): Promise<Reached> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw usageFailure(`Expected --http to be a URL such as ${DEFAULT_HTTP_URL}, but it is "${withoutPassword(url)}"`);
  }
  try {
    const { client, tenant, namespace } = await homes.connectHttp({ url, ...saidSpace(io, flags) });
    const where = withoutPassword(url);
    return { client, server: { tenant, namespace, where, options: `--http ${where}` } };
  } catch (thrown) {
    if (asCliFailure(thrown).code !== "Failed") throw thrown;
    throw new CliFailure(`Cannot reach a server at ${withoutPassword(url)}: ${rootMessage(thrown)}`, {
      code: "Unreachable",
      hint: "`weft dev` starts one, and `weft serve --http PORT` on NATS.",
      details: { url: withoutPassword(url) },
      cause: thrown,
    });
  }
}

/** The engine in this process, which does no tasks: those that wait stay for whoever opens the store next. */
async function reachStore({ io, homes }: CommandScope, store: string, flags: ConnectionFlags): Promise<Reached> {
  const home = await homes.openEmbedded({ store, doesTasks: false });
  try {
    const { engineClient } = await import("./clients/engine_client.ts");
    const said = saidSpace(io, flags);
    const space = said.tenant === undefined && said.namespace === undefined
      ? await usedSpace(engineClient, home, spacesOfStores(io))
      : { ...localSpace, ...said };
    const server = { ...space, where: store, options: `--store ${store}` };
    return { client: engineClient(home, space), server };
  } catch (thrown) {
    await home.close();
    throw thrown;
  }
}

/** Those of `weft run`, and of `weft dev`. */
function spacesOfStores({ env }: CliIo): readonly Space[] {
  const tenant = nonEmpty(env["WEFT_AWS_ACCOUNT"]) ?? "123456789012";
  const namespace = nonEmpty(env["WEFT_AWS_REGION"]) ?? "us-east-1";
  return [localSpace, {
    tenant: segment("WEFT_AWS_ACCOUNT", tenant),
    namespace: segment("WEFT_AWS_REGION", namespace),
  }];
}

/** The first in which something was started, else the first. */
async function usedSpace(
  clientOf: (home: EmbeddedHome, space: Space) => ClientPort,
  home: EmbeddedHome,
  spaces: readonly Space[],
): Promise<Space> {
  for (const space of spaces) {
    const { executions } = await clientOf(home, space).listExecutions({ limit: 1 });
    if (executions.length > 0) return space;
  }
  return spaces[0] ?? localSpace;
}

function spaceOfId(executionId: string | undefined): Partial<Space> {
  const [, tenant, namespace] = /^\/([^/]+)\/([^/]+)\/e[0-9a-f]{7}\/[0-9a-f]{16}$/.exec(executionId ?? "") ?? [];
  return present({ tenant, namespace });
}

/** What a home promises, or the failure that says NATS could not be reached and what to do. */
export async function reaching<T>(url: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (thrown) {
    const failure = asCliFailure(thrown);
    if (failure.code !== "Failed") throw failure;
    // A tagged failure of another kind: the server is there, and is not fit.
    if (hasOtherTag(thrown)) {
      throw new CliFailure(failure.message, { code: "Failed", hint: "`weft doctor` looks closer.", cause: thrown });
    }
    throw new CliFailure(`Cannot reach NATS at ${withoutPassword(url)}: ${rootMessage(thrown)}`, {
      code: "Unreachable",
      hint: "Start one with `nats-server --jetstream`, or say where it is: --nats URL or WEFT_NATS_URL.",
      details: { url: withoutPassword(url) },
      cause: thrown,
    });
  }
}

function hasOtherTag(thrown: unknown): boolean {
  return thrown instanceof Error && "_tag" in thrown && thrown._tag !== "NatsUnavailable";
}

/** The message of the innermost cause: outer ones only say what was tried. */
function rootMessage(thrown: unknown): string {
  let inner = thrown;
  for (let depth = 0; depth < 8; depth += 1) {
    if (!(inner instanceof Error) || !(inner.cause instanceof Error)) break;
    inner = inner.cause;
  }
  if (!(inner instanceof Error)) return String(inner);
  return inner.message !== "" ? inner.message : inner.name;
}

/** A NATS address fit for a screen: `nats://user:***@host`. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@\s]*):[^@\s]*@/, "$1:***@").replace(/\/\/[^:/@\s]+@/, "//***@");
}
