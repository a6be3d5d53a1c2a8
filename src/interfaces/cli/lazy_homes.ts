import type { Homes } from "./homes.ts";
import { natsHomes } from "./nats_homes.ts";

/**
 * Homes whose engine is loaded with the first command that needs one in this process: a client needs none.
 *
 * @param load called once at most for each opening; modules are kept by the runtime
 */
export function lazyHomes(version: string, load: () => Promise<Homes>): Homes {
  return {
    version,
    openEmbedded: async (options) => await (await load()).openEmbedded(options),
    serveNats: async (options) => await (await load()).serveNats(options),
    serveDev: async (options) => await (await load()).serveDev(options),
    openKeys: async (options) => await (await load()).openKeys(options),
    makeKeyFile: async (file) => await (await load()).makeKeyFile(file),
    ...natsHomes,
  };
}
