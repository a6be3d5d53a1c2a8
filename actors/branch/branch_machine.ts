/** A branch of Parallel: `Running → Succeeded | Failed | Canceled`, by way of `Canceling` while something below still runs. */
import { assign, setup } from "xstate";
import type { BranchContext, BranchEvent } from "../../src/protocol/mod.ts";
import { absentContext } from "../actor.ts";

const machineSetup = setup({
  types: { context: {} as BranchContext, events: {} as BranchEvent },
  guards: {
    succeeded: ({ event }) => event.type === "BranchCompletedEvent" && event.status === "Succeeded",
    failed: ({ event }) => event.type === "BranchCompletedEvent" && event.status === "Failed",
  },
});

const started = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "BranchStartedEvent") return {};
  const { type: _type, version: _version, ...context } = event;
  return context;
}));

const variablesAssigned = machineSetup.createAction(
  assign(({ context, event }) =>
    event.type === "StateCompletedEvent" && event.assigned !== undefined
      ? { variables: { ...context.variables, ...event.assigned } }
      : {}
  ),
);

const ended = machineSetup.createAction(assign(({ event }) => ({
  variables: undefined,
  ...(event.type === "BranchCompletedEvent" && event.output !== undefined ? { output: event.output } : {}),
})));

const completed = [
  { guard: "succeeded", target: "Succeeded", actions: ended },
  { guard: "failed", target: "Failed", actions: ended },
  { target: "Canceled", actions: ended },
] as const;

/** Applies the events of one branch. */
export const branchMachine = machineSetup.createMachine({
  id: "branch",
  context: absentContext<BranchContext>(),
  initial: "Absent",
  states: {
    Absent: { on: { BranchStartedEvent: { target: "Running", actions: started } } },
    Running: {
      on: {
        StateCompletedEvent: { actions: variablesAssigned },
        BranchCancelingEvent: "Canceling",
        BranchCompletedEvent: [...completed],
      },
    },
    Canceling: {
      on: { StateCompletedEvent: { actions: variablesAssigned }, BranchCompletedEvent: [...completed] },
    },
    Succeeded: { type: "final" },
    Failed: { type: "final" },
    Canceled: { type: "final" },
  },
});
