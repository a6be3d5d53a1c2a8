import { after, before } from "node:test";
import { type Home, openNatsHome } from "../../../src/homes/mod.ts";
import { WeftClient, WeftWorker } from "../../../src/sdk/mod.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { exampleHandlers, exampleSpace, testExamples } from "../../support/example_runs.ts";

let server: NatsServer | undefined;
let home: Home | undefined;
let client: WeftClient | undefined;
let workers: readonly WeftWorker[] = [];

before(async () => {
  server = await startNatsServer();
  home = await openNatsHome({ url: server.url, version: "0.0.0", partitions: 2, timeScale: 0.05 });
  const connected = await WeftClient.connect({ servers: server.url, ...exampleSpace });
  client = connected;
  const handlers = Object.entries(await exampleHandlers());
  workers = handlers.map(([resource, handler]) => new WeftWorker({ client: connected, resource, handler }));
  for (const worker of workers) worker.run().catch(() => {}); // the example that misses it fails
});
after(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await client?.close();
  await home?.close();
  await server?.stop();
});

testExamples("NATS", () => {
  if (home === undefined) throw new Error("Expected the home to be open");
  return home.engine;
});
