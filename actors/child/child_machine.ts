/**
 * A child of Parallel or Map: a branch or an iteration. `Running → Succeeded | Failed | Canceled`, by way of `Canceling` while
 * something below still runs. Its events are named after its kind, and that is all that tells the kinds apart here.
 */
import { absentContext } from "../actor.ts";
import { nothing, type Updates } from "../flat_machine.ts";
import { machineSetup, stay, to, toOn } from "../machine_setup.ts";
import { present } from "../../src/values/mod.ts";
import type { ChildEvent } from "../../src/protocol/mod.ts";
import type { ChildContext, ChildEnd, ChildStart } from "./child_records.ts";

const started = (_context: ChildContext, { type: _type, version: _version, ...context }: ChildStart) => context;

const ended = (_context: ChildContext, { output }: ChildEnd) => ({ variables: undefined, ...present({ output }) });

/** What a child remembers of each of its events. */
export const childUpdates: Updates<ChildContext, ChildEvent> = {
  BranchStartedEvent: started,
  BranchCancelingEvent: nothing,
  BranchCompletedEvent: ended,
  IterationStartedEvent: started,
  IterationCancelingEvent: nothing,
  IterationCompletedEvent: ended,
  StateCompletedEvent: ({ variables }, { assigned }) => ({ variables: { ...variables, ...assigned } }),
};

const completed = [
  toOn("Succeeded", "Succeeded"),
  toOn("Failed", "Failed"),
  toOn("Canceled", "Canceled"),
] as const;
const ends = { BranchCompletedEvent: [...completed], IterationCompletedEvent: [...completed] } as const;

/** Applies the events of one branch or iteration. */
export const childMachine = machineSetup(childUpdates).createMachine({
  id: "child",
  context: absentContext<ChildContext>(),
  initial: "Absent",
  states: {
    Absent: { on: { BranchStartedEvent: to("Running"), IterationStartedEvent: to("Running") } },
    Running: {
      on: {
        ...ends,
        BranchCancelingEvent: to("Canceling"),
        IterationCancelingEvent: to("Canceling"),
        StateCompletedEvent: stay,
      },
    },
    Canceling: { on: { ...ends, StateCompletedEvent: stay } },
    Succeeded: { type: "final" },
    Failed: { type: "final" },
    Canceled: { type: "final" },
  },
});
