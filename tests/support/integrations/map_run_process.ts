/**
 * A process with a home whose execution `map` does a distributed Map, for tests that kill it. Arguments: store, URL of NATS or "",
 * items.
 *
 * Prints `started {executionId}` once the execution is there, and `done` for each child's task that was done here: on NATS
 * workers do them elsewhere.
 */
import process from "node:process";
import { Effect } from "effect";
import { openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";
import { mapOfTasks } from "./map_of_tasks.ts";

const [store = "", url = "", items = "100"] = process.argv.slice(2);
const space = { tenant: "123456789012", namespace: "us-east-1" };
const echo = (input: unknown) => {
  console.log("done");
  return input;
};
const { engine } = url === ""
  ? await openEmbeddedHome({ store, handlers: { echo } })
  : await openNatsHome({ url, store, partitions: 4, version: "0.0.1" });
await Effect.runPromise(engine.putWorkflow({ ...space, name: "map", definition: mapOfTasks }));
const input = Array.from({ length: Number(items) }, (_, index) => index);
const { executionId } = await Effect.runPromise(
  engine.startExecution({ ...space, workflow: "map", input, key: "the one" }),
);
console.log(`started ${executionId}`);
