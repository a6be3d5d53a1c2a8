/** What the command line asks for, made of the homes and the client. */
import {
  type DevOptions,
  type EmbeddedHome,
  type Homes,
  natsHomes,
  type ServedHome,
  type ServeOptions,
} from "../interfaces/cli/mod.ts";
import { openEmbeddedHome } from "./embedded.ts";
import { openNatsHome } from "./nats.ts";

/** The command line's port, for this version of Weft. */
export function cliHomes(version: string): Homes {
  return {
    version,
    openEmbedded: (options): Promise<EmbeddedHome> => openEmbeddedHome(options),
    serveNats: (options) => serveNats(options, version),
    serveDev,
    ...natsHomes,
  };
}

const never = new Promise<never>(() => {});

async function serveNats({ url, ...options }: ServeOptions, version: string): Promise<ServedHome> {
  const home = await openNatsHome({ url, ...options, version });
  return {
    listening: [{ name: "NATS services", address: url }],
    failed: never,
    close: () => home.close(),
  };
}

async function serveDev(options: DevOptions): Promise<ServedHome> {
  const { store, handlers, timeScale } = options;
  const home = await openEmbeddedHome({
    ...(store === undefined ? {} : { store }),
    ...(handlers === undefined ? {} : { handlers }),
    ...(timeScale === undefined ? {} : { timeScale }),
  });
  return { listening: [], failed: never, close: () => home.close() };
}
