// Goal: a redrive that was answered is not lost by kill -9, and one that is asked again with its token is not done twice.
// Method: `weft dev` on a store, killed in the middle of redrives and of the work that follows, started again, asked again.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SFN } from "@aws-sdk/client-sfn";
import { account, failureOf, roleArn } from "../../../support/aws_api.ts";
import { type Child, kill, startChild } from "../../../support/child_process.ts";

const main = new URL("../../../../src/main.ts", import.meta.url).pathname;
const EXECUTIONS = 40;
const ROUNDS = 3;

interface Running {
  readonly child: Child;
  readonly client: SFN;
}

/** `weft dev` on this store, and AWS's client before it. */
async function startDev(store: string): Promise<Running> {
  const up = Promise.withResolvers<string>();
  const child = startChild([main, "dev", "--port", "0", "--store", store, "--json"], up.resolve);
  const { listening: [api] } = JSON.parse(await up.promise) as {
    readonly listening: readonly { readonly address: string }[];
  };
  const client = new SFN({
    endpoint: api?.address ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: account, secretAccessKey: "none" },
    maxAttempts: 1,
  });
  return { child, client };
}

async function stop({ child, client }: Running): Promise<void> {
  client.destroy();
  await kill(child);
}

/** Does every task that waits; a call that the kill cuts off is given up. */
async function workAll(client: SFN, activityArn: string, output: string | undefined, count: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    const { taskToken } = await client.getActivityTask({ activityArn });
    if (output === undefined) await client.sendTaskFailure({ taskToken, error: "Broken" });
    else await client.sendTaskSuccess({ taskToken, output });
  }
}

test("redrives outlive kill -9, each once", async () => {
  const store = await mkdtemp(join(tmpdir(), "weft-redrive-kill-"));
  let running = await startDev(store);
  try {
    const { activityArn = "" } = await running.client.createActivity({ name: "work" });
    const work = { StartAt: "W", States: { W: { Type: "Task", Resource: activityArn, End: true } } };
    const definition = {
      StartAt: "P",
      States: {
        P: {
          Type: "Parallel",
          Branches: [{ StartAt: "Kept", States: { Kept: { Type: "Pass", Result: "kept", End: true } } }, work],
          End: true,
        },
      },
    };
    const { stateMachineArn } = await running.client.createStateMachine({
      name: "m",
      definition: JSON.stringify(definition),
      roleArn,
    });
    const arns: string[] = [];
    for (let started = 0; started < EXECUTIONS; started++) {
      arns.push((await running.client.startExecution({ stateMachineArn })).executionArn ?? "");
    }
    await workAll(running.client, activityArn, undefined, EXECUTIONS);
    const isRedriven = new Set<string>();
    for (let round = 1; round <= ROUNDS; round++) {
      const { client } = running;
      // All are asked for; the kill comes when a part has been answered.
      const enough = Promise.withResolvers<void>();
      const wanted = Math.ceil(EXECUTIONS * round / ROUNDS);
      const asked = arns.map(async (executionArn) => {
        const [name, message] = await failureOf(client.redriveExecution({ executionArn, clientToken: "token" }));
        if (name === "none") isRedriven.add(executionArn);
        else ok(!/NotRedrivable/.test(name), `${name}: ${message}`);
        if (isRedriven.size >= wanted) enough.resolve();
      });
      await enough.promise;
      await kill(running.child);
      await Promise.all(asked);
      client.destroy();
      running = await startDev(store);
    }
    strictEqual(isRedriven.size, EXECUTIONS);
    await workAll(running.client, activityArn, '"done"', EXECUTIONS);
    for (const executionArn of arns) {
      const { status, output, redriveCount } = await running.client.describeExecution({ executionArn });
      deepStrictEqual([status, output, redriveCount], ["SUCCEEDED", '["kept","done"]', 1]);
    }
  } finally {
    await stop(running);
    await rm(store, { recursive: true, force: true });
  }
});
