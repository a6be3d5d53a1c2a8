/** Seeds over several threads, each seed in one of them. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { SeedResult, SeedWish } from "./seed_run.ts";

/** Room for what lives for a moment only: nearly all that a simulation makes. */
const YOUNG_MEGABYTES = 64;

/** Runs these seeds, in no order, and tells of each as it ends. Fails when a thread does. */
export async function runSeeds(
  wishes: readonly SeedWish[],
  threadCount: number,
  tell: (result: SeedResult) => void,
): Promise<void> {
  const waiting = wishes.values();
  await Promise.all(Array.from({ length: Math.min(threadCount, wishes.length) }, async () => {
    const worker = new Worker(new URL("./seed_worker.ts", import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    try {
      for (const wish of waiting) {
        worker.postMessage(wish);
        const [result] = await once(worker, "message") as [SeedResult];
        tell(result);
      }
    } finally {
      await worker.terminate();
    }
  }));
}
