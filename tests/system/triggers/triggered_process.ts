/** Runs a home on the nats-server that is its argument until it is killed; prints a line for each execution that starts. */
import { writeSync } from "node:fs";
import process from "node:process";
import { openNatsHome } from "../../../src/homes/nats.ts";

const [, , url = ""] = process.argv;
const home = await openNatsHome({ url, version: "0.0.0", partitions: 2, leaseMs: 500 });
home.onEvents(({ events }) => {
  for (const { type } of events) if (type === "ExecutionStartedEvent") writeSync(1, "started\n");
});
writeSync(1, "up\n");
