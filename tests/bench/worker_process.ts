/** The bench's worker, a process of its own: echoes the inputs of one resource. Arguments: server, resource. */
import process from "node:process";
import { WeftClient, WeftWorker } from "../../src/sdk/mod.ts";

const CONCURRENCY = 512;
const [servers = "", resource = ""] = process.argv.slice(2);
const client = await WeftClient.connect({ servers });
const worker = new WeftWorker({ client, resource, handler: (input) => input, concurrency: CONCURRENCY });
const running = worker.run();
console.log("ready");
await running;
