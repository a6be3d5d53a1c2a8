/** Runs a home in a folder, by a clock that goes wrong, until it is killed; prints a line for each execution that starts. */
import { writeSync } from "node:fs";
import process from "node:process";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../src/homes/embedded.ts";
import { fastClock } from "./fast_clock.ts";

const [, , store = "", speed = "", offsetMs = "", request = ""] = process.argv;
const home = await openEmbeddedHome({ store, clock: fastClock(Number(speed), Number(offsetMs)), partitions: 2 });
home.onEvents(({ events }) => {
  for (const { type } of events) if (type === "ExecutionStartedEvent") writeSync(1, "started\n");
});
if (request !== "") {
  const { definition, ...schedule } = JSON.parse(request);
  const { tenant, namespace, stateMachine: name } = schedule;
  await Effect.runPromise(home.engine.putWorkflow({ tenant, namespace, name, definition }));
  await Effect.runPromise(home.schedules.put(schedule));
}
writeSync(1, "up\n");
