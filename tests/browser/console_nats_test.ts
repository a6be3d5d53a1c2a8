// Goal: what people do with the console works in a real browser, before the home on NATS.
import { openNatsHome } from "../../src/homes/nats.ts";
import { testConsoleContract } from "../support/console/stories.ts";
import { startNatsServer } from "../support/nats_server.ts";

testConsoleContract("NATS", async () => {
  const server = await startNatsServer();
  const home = await openNatsHome({ url: server.url, version: "0.0.1", hasActivities: true });
  return {
    ...home,
    close: async () => {
      await home.close();
      await server.stop();
    },
  };
});
