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
import { consoleSurface } from "../interfaces/console/mod.ts";
import { serveHttpApi } from "../interfaces/http_api/mod.ts";
import { openEmbeddedHome } from "./embedded.ts";
import { type Home, opened } from "./home.ts";
import { openNatsHome } from "./nats.ts";
import { present } from "../values/mod.ts";

/** The command line's port, for this version of Weft. */
export function cliHomes(version: string): Homes {
  return {
    version,
    openEmbedded: (options): Promise<EmbeddedHome> => openEmbeddedHome(options),
    serveNats: (options) => serveNats(options, version),
    serveDev: (options) => serveDev(options, version),
    ...natsHomes,
  };
}

const never = new Promise<never>(() => {});

async function serveNats({ url, http, ...options }: ServeOptions, version: string): Promise<ServedHome> {
  const home = await openNatsHome({ url, ...options, version, hasActivities: http !== undefined });
  const nats = { name: "NATS services", address: url };
  if (http === undefined) return { listening: [nats], failed: never, close: () => home.close() };
  const api = await serveAwsApi(home, { ...http, home: "NATS" }, version);
  return { listening: [nats, ...api.listening], failed: never, close: api.close };
}

async function serveDev(
  { store, handlers, timeScale, limits, integrations, nats, ...http }: DevOptions,
  version: string,
): Promise<ServedHome> {
  const home = await openEmbeddedHome({
    ...present({ store, handlers, timeScale, limits, integrations, nats }),
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
  { engine, registry, partitions, activities, schedules, traceHttp, limits, watch, close: closeHome }: Home,
  { account, region, home, ...listening }: Served,
  version: string,
): Promise<Omit<ServedHome, "failed">> {
  const scope = { account, region };
  try {
    const { value, close } = await opened(serveHttpApi({
      engine,
      registry,
      ...present({ activities }),
      schedules,
      traceHttp,
      limits,
      ...listening,
      scope,
      version,
      surface: consoleSurface({ engine, registry, partitions, limits, scope, version, home, feed: watch }),
    }));
    return {
      listening: [
        { name: "AWS Step Functions API", address: value.address },
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
