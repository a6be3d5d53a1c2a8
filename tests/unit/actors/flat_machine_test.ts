// Goal: a machine's table does what XState's own transition does, for every status, and every type of event with every outcome.
// Method: each machine is put into each of its states with a context that has something to lose, given each event, and both
// results are compared; machines that are not flat are refused.
import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { type AnyStateMachine, assign, setup, transition } from "xstate";
import { activityMachine } from "../../../actors/activity/activity_machine.ts";
import { branchMachine } from "../../../actors/branch/branch_machine.ts";
import { executionMachine } from "../../../actors/execution/execution_machine.ts";
import { applied, flatMachine } from "../../../actors/flat_machine.ts";
import { iterationMachine } from "../../../actors/iteration/iteration_machine.ts";
import { taskMachine } from "../../../actors/task/task_machine.ts";
import { type Event, eventSchemas, type TurnRecord } from "../../../src/protocol/mod.ts";
import { sampleRecords } from "../../support/sample_records.ts";

const events = sampleRecords.flatMap(({ full, bare }) => [full, bare]).filter(isEvent);
const statuses = ["Succeeded", "Failed", "Canceled", "Pending", "Running"];

function isEvent(record: TurnRecord): record is Event {
  return record.type in eventSchemas;
}

/** Each event, with each status where it has one, with a number that some of the contexts wait for, and with children or none. */
function variants(event: Event): readonly Event[] {
  const few = "retrierIndex" in event ? { ...event, retrierIndex: 0 } : event;
  const all = [few, { ...event, deadlineEpochMs: 77, heartbeatAtEpochMs: 78, max: 3, retrierIndex: 1 }];
  return all.flatMap((one) => [one, ...statuses.map((status) => ({ ...one, status }))]) as Event[];
}

const contexts = [
  { deadlineEpochMs: 77, timeoutAtEpochMs: 77, heartbeatAtEpochMs: 70, retryCounts: [2], variables: { v: 1 } },
  { branchStatus: { max: 3, started: 1, done: 0 }, retryCounts: [], attempt: 1, output: 5 },
  { iterationStatus: { max: 3, started: 1, done: 0 }, retryCounts: [1, 1], items: [1], maxConcurrency: 2 },
];

for (const machine of [executionMachine, activityMachine, branchMachine, iterationMachine, taskMachine]) {
  test(`the table of "${machine.id}" gives what its machine gives`, () => {
    const general: AnyStateMachine = machine;
    const flat = flatMachine<string, object>(machine);
    let taken = 0;
    for (const value of Object.keys(machine.states)) {
      for (const context of contexts) {
        const before = general.resolveState({ value, context });
        for (const event of events.flatMap(variants)) {
          const apply = () => applied(flat, { value, context }, event);
          if (!before.can(event)) {
            throws(apply, { name: "BrokenInvariant" });
            continue;
          }
          const [after] = transition(general, before, event);
          deepStrictEqual(apply(), { value: after.value, context: after.context }, `${event.type} in ${value}`);
          taken += 1;
        }
      }
    }
    ok(taken > 20);
  });
}

const plain = setup({});
const notFlat = {
  "has a nested state": plain.createMachine({ initial: "A", states: { A: { initial: "B", states: { B: {} } } } }),
  "does something on entry": plain.createMachine({ initial: "A", states: { A: { entry: assign({}) } } }),
  "moves on by itself": plain.createMachine({ initial: "A", states: { A: { always: "B" }, B: {} } }),
  "waits for a time": plain.createMachine({ initial: "A", states: { A: { after: { 10: "B" } }, B: {} } }),
  "does more than assign": plain.createMachine({ initial: "A", states: { A: { on: { e: { actions: () => {} } } } } }),
  "guards by a function without a name": plain.createMachine({
    initial: "A",
    states: { A: { on: { e: { guard: () => true, target: "B" } } }, B: {} },
  }),
};
for (const [what, machine] of Object.entries(notFlat)) {
  test(`a machine that ${what} has no table`, () => {
    throws(() => flatMachine(machine), { name: "BrokenInvariant" });
  });
}
