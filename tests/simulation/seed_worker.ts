/** A thread that runs seeds: it is given one, and answers with what the seed came to. */
import { parentPort } from "node:worker_threads";
import { runSeed, type SeedWish } from "./seed_run.ts";

// Failures are values here, by the thousand: where they were made is told by `--trace`.
Error.stackTraceLimit = 0;

parentPort?.on("message", (wish: SeedWish) => parentPort?.postMessage(runSeed(wish)));
