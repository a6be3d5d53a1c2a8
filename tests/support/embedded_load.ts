/**
 * A process that runs one-task executions embedded, for tests that kill it. Arguments: store, first key, callers.
 *
 * Prints `started {key} {executionId}` for each start that was acknowledged and `ended {key} {output}` for each end.
 */
import process from "node:process";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../src/homes/mod.ts";

const [store = "", first = "0", callers = "32"] = process.argv.slice(2);
const space = { tenant: "default", namespace: "default" };
const { engine } = await openEmbeddedHome({ store, handlers: { echo: (input) => input } });
const definition = { StartAt: "Echo", States: { Echo: { Type: "Task", Resource: "echo", End: true } } };
await Effect.runPromise(engine.putWorkflow({ ...space, name: "echo", definition }));
console.log("ready");
let next = Number(first);
await Promise.all(Array.from({ length: Number(callers) }, async () => {
  for (;;) {
    const key = `k${next++}`;
    const started = await Effect.runPromise(
      engine.startExecution({ ...space, workflow: "echo", input: { key }, key }),
    );
    console.log(`started ${key} ${started.executionId}`);
    const { output } = await Effect.runPromise(engine.awaitExecution({ ...space, executionId: started.executionId }));
    console.log(`ended ${key} ${JSON.stringify(output)}`);
  }
}));
