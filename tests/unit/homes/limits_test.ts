import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect } from "effect";
import { cliHomes, openEmbeddedHome } from "../../../src/homes/mod.ts";
import { present } from "../../../src/values/mod.ts";
import { testLimitsContract } from "../../support/contracts/limits.ts";

testLimitsContract("embedded", (limits) => openEmbeddedHome(present({ limits })));

test("embedded: what a handler returns is measured by payloadBytesMax", async () => {
  const home = await openEmbeddedHome({
    handlers: { large: () => "x".repeat(2_000) },
    limits: { payloadBytesMax: 1_500 },
  });
  const space = { tenant: "default", namespace: "default" };
  try {
    const definition = { StartAt: "T", States: { T: { Type: "Task", Resource: "large", End: true } } };
    await Effect.runPromise(home.engine.putWorkflow({ ...space, name: "large", definition }));
    const { status, error } = await Effect.runPromise(
      home.engine.runExecution({ ...space, workflow: "large", input: 1 }),
    );
    deepStrictEqual([status, error], ["Failed", "States.DataLimitExceeded"]);
  } finally {
    await home.close();
  }
});

test("embedded: a call of the AWS API is measured by jsonDepthMax", async () => {
  const { listening, close } = await cliHomes("0.0.0").serveDev({
    port: 0,
    account: "123456789012",
    region: "us-east-1",
    limits: { jsonDepthMax: 20 },
  });
  const call = async (depth: number) => {
    const answer = await fetch(listening[0]?.address ?? "", {
      method: "POST",
      headers: { "x-amz-target": "AWSStepFunctions.ListStateMachines" },
      body: `{"maxResults": ${"[".repeat(depth)}${"]".repeat(depth)}}`,
    });
    return [answer.status, await answer.text()] as const;
  };
  try {
    const [status, text] = await call(30);
    strictEqual(status, 400);
    match(text, /SerializationException.*nests too deep/);
    const [, shallow] = await call(10);
    strictEqual(shallow.includes("nests too deep"), false);
  } finally {
    await close();
  }
});
