/** How many executions of one task a second several engines do on this machine, against one: W1 with 256 callers. */
import { join } from "node:path";
import { WeftClient } from "../../../src/sdk/mod.ts";
import { FaultCluster } from "../cluster/fault_cluster.ts";
import { workloads } from "../load/workloads.ts";
import type { FaultRunOptions } from "../run_faults.ts";
import { atLeast, type Figures, told } from "./scenario.ts";

const CALLERS = 256;
const WARM_UP = 2_000;
const EXECUTIONS = 10_000;
const TIMEOUT_MS = 60_000;
const SHARE_PERCENT_MIN = 90;

/** Runs the load once with one engine and once with as many as are asked for, on new servers each. */
export async function compareCores(options: FaultRunOptions): Promise<Figures> {
  const one = await measure({ ...options, engines: 1, folder: join(options.folder, "one") });
  const several = await measure({ ...options, folder: join(options.folder, "several") });
  return {
    onePerSecond: told(Math.round(one)),
    severalPerSecond: told(Math.round(several)),
    sharePercent: atLeast(Math.round(several / one * 100), SHARE_PERCENT_MIN),
  };
}

async function measure(options: FaultRunOptions): Promise<number> {
  const cluster = await FaultCluster.open({ ...options, hasProxies: false });
  const client = await WeftClient.connect({ servers: cluster.urls, timeoutMs: TIMEOUT_MS, patienceMs: TIMEOUT_MS });
  try {
    await client.putWorkflow({ name: "w1", definition: workloads.w1.definition });
    await runMany(client, WARM_UP, "warm");
    const begunMs = performance.now();
    await runMany(client, EXECUTIONS, "run");
    return EXECUTIONS * 1_000 / (performance.now() - begunMs);
  } finally {
    await client.close();
    await cluster.close();
  }
}

async function runMany(client: WeftClient, count: number, name: string): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    for (let index = next++; index < count; index = next++) {
      const key = `${name}-${index}`;
      const { status, executionId } = await client.run({ workflow: "w1", input: { key, steps: 0 }, key });
      if (status !== "Succeeded") throw new Error(`Expected ${executionId} to succeed, but it is ${status}`);
    }
  }));
}
