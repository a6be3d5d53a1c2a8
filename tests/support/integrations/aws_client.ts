import type { TestContext } from "node:test";
import { SFN } from "@aws-sdk/client-sfn";
import { opened } from "../../../src/homes/home.ts";
import { serveHttpApi } from "../../../src/interfaces/http_api/mod.ts";
import type { UnderTest } from "./both_homes.ts";

/** AWS's own client before a home's AWS API, until the test ends. Its account is the tenant of the home's space. */
export async function awsClient(t: TestContext, { home, space }: Pick<UnderTest, "home" | "space">): Promise<SFN> {
  const { engine, registry, activities } = home;
  const api = await opened(serveHttpApi({
    engine,
    registry,
    ...(activities === undefined ? {} : { activities }),
    port: 0,
    scope: { account: space.tenant, region: space.namespace },
    version: "0.0.1",
  }));
  const client = new SFN({
    endpoint: api.value.address,
    region: space.namespace,
    credentials: { accessKeyId: space.tenant, secretAccessKey: "none" },
    disableHostPrefix: true,
    maxAttempts: 1,
  });
  t.after(async () => {
    client.destroy();
    await api.close();
  });
  return client;
}
