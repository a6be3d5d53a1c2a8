import { join } from "node:path";
import { openNatsHome } from "../../src/homes/nats.ts";
import { type HomeUnderTest, serveFrom } from "./aws_api.ts";
import { startNatsServer } from "./nats_server.ts";

let newest = "";

/** Where the server listens that was started last. */
export function lastServerUrl(): string {
  return newest;
}

/** Lets the tests of this process run on the NATS home, each on a server of its own. */
export function serveFromNats(): void {
  serveFrom(async (options: HomeUnderTest) => {
    const { store } = options;
    // With a store the server keeps its own there too, so that both start again with what they had.
    const server = await startNatsServer(store === undefined ? {} : { storeDir: join(store, "nats") });
    newest = server.url;
    const home = await openNatsHome({ url: server.url, version: "0.0.1", ...options });
    return {
      ...home,
      close: async () => {
        await home.close();
        await server.stop();
      },
    };
  });
}
