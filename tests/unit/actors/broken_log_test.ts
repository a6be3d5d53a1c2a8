import { ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { BrokenInvariant, ExecutionActors } from "../../../actors/mod.ts";
import type { Event } from "../../../src/protocol/mod.ts";
import { executionId, hash7, timestamp } from "../../../src/values/mod.ts";
import { type ExecutionRun, oneState, started } from "../../support/execution_run.ts";

function replayed(events: readonly Event[]): ExecutionActors {
  const actors = new ExecutionActors();
  for (const event of events) actors.apply(event);
  return actors;
}

const complete: ExecutionRun = started(oneState({
  Type: "Parallel",
  Branches: ["A", "B"].map((name) => ({
    StartAt: name,
    States: { [name]: { Type: "Task", Resource: "work", End: true } },
  })),
  End: true,
}));
complete.complete(complete.task("A"));
complete.complete(complete.task("B"));

test("a log replays when nothing is wrong with it", () => {
  ok(replayed(complete.events).hasEnded);
});

complete.events.forEach((event, index) => {
  test(`a log in which ${event.type} (${index + 1}) stands twice is not believed`, () => {
    throws(() => replayed(complete.events.toSpliced(index, 0, event)), BrokenInvariant);
  });
});

complete.events.forEach((event, index) => {
  if (index === complete.events.length - 1) return; // then it is merely shorter
  test(`a log without ${event.type} (${index + 1}) is not believed`, () => {
    throws(() => replayed(complete.events.toSpliced(index, 1)), BrokenInvariant);
  });
});

test("an event of another execution is not believed", () => {
  const other = executionId({ tenant: "acme", namespace: "shop" }, hash7("other"), timestamp(1, 1));
  const run = started(oneState({ Type: "Wait", Seconds: 9, End: true }), {}, { start: { executionId: other } });
  const foreign = complete.events.filter((event) => !("executionId" in event) && event !== complete.events[1]);
  for (const event of foreign) throws(() => replayed([...run.events, event]), BrokenInvariant, event.type);
});

test("nothing is believed of an execution that has ended, but that it is being deleted", () => {
  const { executionId } = complete.actors;
  for (const event of complete.events) throws(() => replayed([...complete.events, event]), BrokenInvariant, event.type);
  ok(replayed([...complete.events, { type: "ExecutionDeletingEvent", version: 1, executionId }]).hasEnded);
});
