/** What a server does tasks with by itself: from the environment to the home. @see docs/integrations.md */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { begin, weft } from "../../../../support/cli/weft.ts";

test("weft dev and weft serve pass the settings of integrations on", async () => {
  const env = {
    LAMBDA_ENDPOINT: "http://127.0.0.1:3001",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "very secret",
    WEFT_HTTP_INTERNAL: "api.internal, 10.0.0.0/8",
    WEFT_HTTP_CONNECTIONS: "connections.json",
    SFN_MOCK_CONFIG: "mocks.json",
  };
  const integrations = {
    lambdaEndpoint: "http://127.0.0.1:3001",
    lambdaKeys: { region: "us-east-1", accessKeyId: "AKID", secretAccessKey: "very secret" },
    httpInternal: ["api.internal", "10.0.0.0/8"],
    httpConnections: { path: "connections.json", text: "{}" },
    mockConfig: { path: "mocks.json", text: "[]" },
  };
  for (const command of ["dev", "serve"]) {
    const { io, homes, exitCode } = begin([command], ({ io }) => {
      Object.assign(io.env, env);
      io.files.set("connections.json", "{}");
      io.files.set("mocks.json", "[]");
    });
    await io.stdout.until("up");
    const [opened] = command === "dev" ? homes.dev : homes.served;
    deepStrictEqual(opened?.integrations, integrations);
    io.signal("SIGTERM");
    strictEqual(await exitCode, 0);
    strictEqual(/very secret/.test(io.stdout.text + io.stderr.text), false);
  }
});

test("weft dev finds NATS services where the environment says", async () => {
  const { io, homes, exitCode } = begin(
    ["dev"],
    ({ io }) => void Object.assign(io.env, { WEFT_NATS_URL: "nats://n1" }),
  );
  await io.stdout.until("up");
  deepStrictEqual(homes.dev[0]?.nats, { url: "nats://n1" });
  io.signal("SIGTERM");
  strictEqual(await exitCode, 0);
});

const bad: readonly { env: Record<string, string>; says: RegExp }[] = [
  { env: { LAMBDA_ENDPOINT: "127.0.0.1:3001" }, says: /LAMBDA_ENDPOINT to be a URL/ },
  { env: { WEFT_HTTP_CONNECTIONS: "missing.json" }, says: /"missing\.json" that WEFT_HTTP_CONNECTIONS names/ },
  { env: { SFN_MOCK_CONFIG: "missing.json" }, says: /"missing\.json" that SFN_MOCK_CONFIG names/ },
];
for (const { env, says } of bad) {
  test(`weft dev refuses ${Object.entries(env).join(" ")}`, async () => {
    const { code, err } = await weft(["dev"], ({ io }) => void Object.assign(io.env, env));
    strictEqual(code, 2);
    match(err, says);
  });
}
