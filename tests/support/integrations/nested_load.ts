/**
 * A process that runs nested executions and stops some of them, for tests that kill it. Arguments: home (`embedded`, `nats`), its
 * folder or URL, first key, callers.
 *
 * Prints `started {key} {executionId}` for each start that was acknowledged and `canceled {key}` for each stop that was.
 */
import process from "node:process";
import { Effect } from "effect";
import { openEmbeddedHome, openNatsHome } from "../../../src/homes/mod.ts";

const [kind = "", place = "", first = "0", callers = "16"] = process.argv.slice(2);
const space = { tenant: "123456789012", namespace: "us-east-1" };
const TIME_SCALE = 0.05;
const { engine } = kind === "embedded"
  ? await openEmbeddedHome({ store: place, timeScale: TIME_SCALE })
  : await openNatsHome({ url: place, timeScale: TIME_SCALE, version: "0.0.1" });

/** Runs `child` for the task's input, and gives its output. */
const nesting = (child: string) => ({
  Type: "Task",
  Resource: "arn:aws:states:::states:startExecution.sync:2",
  Parameters: { StateMachineArn: `arn:aws:states:us-east-1:123456789012:stateMachine:${child}`, "Input.$": "$" },
  OutputPath: "$.Output",
  End: true,
});
const wait = { Type: "Wait", SecondsPath: "$.seconds", Next: "Nest" };
const machines = {
  grandchild: { StartAt: "Done", States: { Done: { Type: "Pass", End: true } } },
  child: { StartAt: "Wait", States: { Wait: wait, Nest: nesting("grandchild") } },
  parent: { StartAt: "Nest", States: { Nest: nesting("child") } },
};
for (const [name, definition] of Object.entries(machines)) {
  await Effect.runPromise(engine.putWorkflow({ ...space, name, definition }));
}
console.log("ready");
let next = Number(first);
await Promise.all(Array.from({ length: Number(callers) }, async () => {
  for (;;) {
    const index = next++;
    const key = `k${index}`;
    const input = { key, seconds: index % 3 };
    const { executionId } = await Effect.runPromise(
      engine.startExecution({ ...space, workflow: "parent", input, key }),
    );
    console.log(`started ${key} ${executionId}`);
    if (index % 4 === 0) {
      const stopped = await Effect.runPromise(Effect.result(engine.cancelExecution({ ...space, executionId })));
      if (stopped._tag === "Success") console.log(`canceled ${key}`);
    }
    await Effect.runPromise(engine.awaitExecution({ ...space, executionId }));
  }
}));
