/** Seeds over several threads, each seed in one of them. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { SeedResult } from "./seed_run.ts";

/** Runs these seeds, in no order, and tells of each as it ends. Fails when a thread does. */
export async function runSeeds(
  seeds: readonly number[],
  threadCount: number,
  tell: (result: SeedResult) => void,
): Promise<void> {
  const waiting = seeds.values();
  await Promise.all(Array.from({ length: Math.min(threadCount, seeds.length) }, async () => {
    const worker = new Worker(new URL("./seed_worker.ts", import.meta.url));
    try {
      for (const seed of waiting) {
        worker.postMessage(seed);
        const [result] = await once(worker, "message") as [SeedResult];
        tell(result);
      }
    } finally {
      await worker.terminate();
    }
  }));
}
