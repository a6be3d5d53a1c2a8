// Goal: a machine's table does what XState's own transition does, for every status, and every type of event with every outcome.
// Method: each machine is put into each of its states with a context that has something to lose, given each event, and both
// results are compared, XState's by what it documents (`resolveState`, `can`, `transition`); machines that are not flat are refused.
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { type AnyStateMachine, assign, type EventObject, setup, transition } from "xstate";
import { activityMachine, activityUpdates } from "../../../actors/activity/activity_machine.ts";
import { childMachine, childUpdates } from "../../../actors/child/child_machine.ts";
import { executionMachine, executionUpdates } from "../../../actors/execution/execution_machine.ts";
import {
  applied,
  can,
  type FlatMachine,
  flatMachine,
  nothing,
  type Occurrence,
  type Updates,
} from "../../../actors/flat_machine.ts";
import * as machines from "../../../actors/machines.ts";
import { taskMachine, taskUpdates } from "../../../actors/task/task_machine.ts";
import {
  childStatuses,
  type Event,
  eventSchemas,
  executionStatuses,
  openActivityStatuses,
  openTaskStatuses,
  type TurnRecord,
} from "../../../src/protocol/mod.ts";
import { sampleRecords } from "../../support/records/sample_records.ts";

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

/** An actor's machine beside its table, whatever its types are. */
function pair<Status extends string, Context extends object, Taken extends EventObject & Occurrence>(
  machine: AnyStateMachine,
  statuses: readonly Status[],
  updates: Updates<Context, Taken>,
  table: FlatMachine<Status, Context, Taken>,
) {
  const snapshot = (value: string, context: object) => ({ value: value as Status, context: context as Context });
  return {
    machine,
    statuses,
    remembered: Object.keys(updates),
    apply: (value: string, context: object, event: EventObject & Occurrence) =>
      applied(table, snapshot(value, context), event as Taken),
    can: (value: string, context: object, event: Occurrence) => can(table, snapshot(value, context), event),
  };
}

const pairs = [
  pair(executionMachine, executionStatuses, executionUpdates, machines.executions),
  pair(activityMachine, [...openActivityStatuses, "Ended"], activityUpdates, machines.activities),
  pair(childMachine, childStatuses, childUpdates, machines.children),
  pair(taskMachine, [...openTaskStatuses, "Ended"], taskUpdates, machines.tasks),
];

for (const { machine, statuses, remembered, ...table } of pairs) {
  test(`"${machine.id}" has the statuses that the protocol names`, () => {
    deepStrictEqual(
      Object.keys(machine.states).toSorted(),
      ["Absent", ...statuses].toSorted(),
      "Name the machine's states in src/protocol/contexts.ts, or take them out there",
    );
  });

  test(`the table of "${machine.id}" gives what its machine gives`, () => {
    let taken = 0;
    for (const value of Object.keys(machine.states)) {
      for (const context of contexts) {
        const before = machine.resolveState({ value, context });
        for (const event of events.flatMap(variants)) {
          const apply = () => table.apply(value, context, event);
          strictEqual(table.can(value, context, event), before.can(event), `${event.type} in ${value}`);
          if (!before.can(event)) {
            throws(apply, { name: "BrokenInvariant" });
            continue;
          }
          const general = outcomeOf(() => transition(machine, before, event)[0]);
          deepStrictEqual(outcomeOf(apply), general, `${event.type} in ${value}`);
          taken += 1;
        }
      }
    }
    ok(taken > 20);
  });

  test(`each event that "${machine.id}" is to remember is taken by one of its states`, () => {
    deepStrictEqual(
      remembered.filter((type) => !machine.events.includes(type)),
      [],
      "Name them under `on` of the states in which they happen, or take them out of the actor's events and updates",
    );
  });
}

/** Where it leads, or what it says is broken: an update refuses what cannot be. */
function outcomeOf(apply: () => { readonly value: unknown; readonly context: unknown }): unknown {
  try {
    const { value, context } = apply();
    return { value, context };
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure;
    return failure.name;
  }
}

const plain = setup({
  actions: { remember: assign({}) },
  guards: { tells: (_facts, _params: { readonly status: string }) => true, other: () => true },
});
const actions = "remember";
const known = { guard: { type: "tells", params: { status: "Known" } }, actions } as const;
const notFlat = {
  "has a nested state": plain.createMachine({ initial: "A", states: { A: { initial: "B", states: { B: {} } } } }),
  "does something on entry": plain.createMachine({ initial: "A", states: { A: { entry: actions } } }),
  "moves on by itself": plain.createMachine({ initial: "A", states: { A: { always: "B" }, B: {} } }),
  "waits for a time": plain.createMachine({ initial: "A", states: { A: { after: { 10: "B" } }, B: {} } }),
  "takes an event in whatever state": plain.createMachine({ on: { e: { actions } }, initial: "A", states: { A: {} } }),
  "does more than assign": plain.createMachine({ initial: "A", states: { A: { on: { e: { actions: () => {} } } } } }),
  "does not remember an event": plain.createMachine({ initial: "A", states: { A: { on: { e: "B" } }, B: {} } }),
  "guards by a function without a name": plain.createMachine({
    initial: "A",
    states: { A: { on: { e: { guard: () => true, target: "B", actions } } }, B: {} },
  }),
  "guards by more than the event's status": plain.createMachine({
    initial: "A",
    states: { A: { on: { e: { guard: "other", target: "B", actions } } }, B: {} },
  }),
  "takes some statuses of an event, and then any": plain.createMachine({
    initial: "A",
    states: { A: { on: { e: [known, { target: "B", actions }] } }, B: {} },
  }),
  "takes an event of which nobody says what to remember": plain.createMachine({
    initial: "A",
    states: { A: { on: { unheardOf: { actions } } } },
  }),
};
for (const [what, machine] of Object.entries(notFlat)) {
  test(`a machine that ${what} has no table`, () => {
    throws(() => flatMachine(machine, { e: nothing }), { name: "BrokenInvariant" });
  });
}
