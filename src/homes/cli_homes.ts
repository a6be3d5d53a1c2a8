/** What the command line asks for, made of the homes and the client. */
import {
  type AwsApiOptions,
  type DevOptions,
  type EmbeddedHome,
  type Homes,
  natsHomes,
  type ServedHome,
  type ServeOptions,
} from "../interfaces/cli/mod.ts";
import { Effect } from "effect";
import { Authenticator } from "../access/mod.ts";
import { consoleSurface } from "../interfaces/console/mod.ts";
import { isLoopback, serveHttpApi } from "../interfaces/http_api/mod.ts";
import { openEmbeddedHome } from "./embedded.ts";
import { type Home, opened } from "./home.ts";
import { openKeyStore } from "./key_store.ts";
import { openNatsHome } from "./nats.ts";
import { makeKeyFile } from "./root_key_file.ts";
import { present } from "../values/mod.ts";

/** The command line's port, for this version of Weft. */
export function cliHomes(version: string): Homes {
  return {
    version,
    openEmbedded: (options): Promise<EmbeddedHome> => openEmbeddedHome(options),
    serveNats: (options) => serveNats(options, version),
    serveDev: (options) => serveDev(options, version),
    openKeys: openKeyStore,
    makeKeyFile: (file) => Effect.runPromise(makeKeyFile(file)),
    ...natsHomes,
  };
}

/** There is no key, and more than this machine could reach the server. */
class UnauthenticatedRefused extends Error {
  readonly code = "Unauthenticated";

  constructor(host: string) {
    super(
      `There are no access keys, so whoever reaches ${host} could do anything: make one with \`weft keys create\`, ` +
        "or say --allow-unauthenticated where something in front of it says who may come in",
    );
  }
}

const UNAUTHENTICATED = "nobody is asked who he is";
const never = new Promise<never>(() => {});

async function serveNats({ url, http, ...options }: ServeOptions, version: string): Promise<ServedHome> {
  const home = await openNatsHome({ url, ...options, version, hasActivities: http !== undefined });
  const nats = { name: "NATS services", address: url };
  if (http === undefined) return { listening: [nats], failed: never, close: () => home.close() };
  const api = await serveAwsApi(home, { ...http, home: "NATS" }, version);
  return { listening: [nats, ...api.listening], failed: never, close: api.close };
}

async function serveDev(
  { store, keyFile, handlers, timeScale, limits, integrations, nats, ...http }: DevOptions,
  version: string,
): Promise<ServedHome> {
  const home = await openEmbeddedHome({
    ...present({ store, keyFile, handlers, timeScale, limits, integrations, nats }),
    hasActivities: true,
  });
  return { ...await serveAwsApi(home, { ...http, home: "embedded" }, version), failed: never };
}

interface Served extends AwsApiOptions {
  readonly port: number;
  readonly isPortShared?: boolean;
  /** What the console calls this home. */
  readonly home: string;
}

/** The AWS API and the console before a home; closing them closes the home as well. */
async function serveAwsApi(
  { engine, registry, partitions, activities, schedules, triggers, traceHttp, limits, keys, watch, close: closeHome }:
    Home,
  { account, region, home, allowUnauthenticated = false, ...listening }: Served,
  version: string,
): Promise<Omit<ServedHome, "failed">> {
  const scope = { account, region };
  const standing = { schedules, ...present({ triggers }) };
  try {
    const authenticator = new Authenticator(keys);
    const isAsked = await Effect.runPromise(authenticator.isRequired());
    if (!isAsked && !allowUnauthenticated && !isLoopback(listening.host ?? "127.0.0.1")) {
      throw new UnauthenticatedRefused(listening.host ?? "");
    }
    const { value, close } = await opened(serveHttpApi({
      engine,
      authenticator,
      registry,
      ...present({ activities }),
      schedules,
      traceHttp,
      limits,
      ...listening,
      scope,
      version,
      surface: consoleSurface({ engine, registry, partitions, limits, standing, scope, version, home, feed: watch }),
    }));
    return {
      listening: [
        { name: "AWS Step Functions API", address: value.address, ...(isAsked ? {} : { note: UNAUTHENTICATED }) },
        { name: "console", address: `${value.address}/console/` },
      ],
      close: async () => {
        await close();
        await closeHome();
      },
    };
  } catch (failure) {
    await closeHome();
    throw failure;
  }
}
