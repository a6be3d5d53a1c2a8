import { rejects } from "node:assert/strict";
import { after, before, test } from "node:test";
import { openNatsHome } from "../../../src/homes/mod.ts";
import { WeftClient, WeftError } from "../../../src/sdk/mod.ts";
import { present } from "../../../src/values/mod.ts";
import { testLimitsContract } from "../../support/contracts/limits.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";

let server: NatsServer | undefined;

before(async () => {
  server = await startNatsServer();
});
after(() => server?.stop());

function url(): string {
  return server?.url ?? "";
}

testLimitsContract("NATS", (limits) => openNatsHome({ url: url(), version: "0.0.0", ...present({ limits }) }));

test("NATS: a request to the services is measured by payloadBytesMax", async () => {
  const home = await openNatsHome({ url: url(), version: "0.0.0", limits: { payloadBytesMax: 1_500 } });
  const client = await WeftClient.connect({ servers: url() });
  try {
    await client.putWorkflow({ name: "p", definition: { StartAt: "P", States: { P: { Type: "Pass", End: true } } } });
    await rejects(
      client.start({ workflow: "p", input: "x".repeat(2_000) }),
      (thrown) => thrown instanceof WeftError && thrown.code === "PayloadTooLarge",
    );
    await client.start({ workflow: "p", input: "short" });
  } finally {
    await client.close();
    await home.close();
  }
});
