/** An iteration of Map: `Running → Succeeded | Failed | Canceled`, by way of `Canceling` while something below still runs. */
import { assign, setup } from "xstate";
import type { IterationContext, IterationEvent } from "../../src/protocol/mod.ts";
import { absentContext } from "../actor.ts";

const machineSetup = setup({
  types: { context: {} as IterationContext, events: {} as IterationEvent },
  guards: {
    succeeded: ({ event }) => event.type === "IterationCompletedEvent" && event.status === "Succeeded",
    failed: ({ event }) => event.type === "IterationCompletedEvent" && event.status === "Failed",
  },
});

const started = machineSetup.createAction(assign(({ event }) => {
  if (event.type !== "IterationStartedEvent") return {};
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
  ...(event.type === "IterationCompletedEvent" && event.output !== undefined ? { output: event.output } : {}),
})));

const completed = [
  { guard: "succeeded", target: "Succeeded", actions: ended },
  { guard: "failed", target: "Failed", actions: ended },
  { target: "Canceled", actions: ended },
] as const;

/** Applies the events of one iteration. */
export const iterationMachine = machineSetup.createMachine({
  id: "iteration",
  context: absentContext<IterationContext>(),
  initial: "Absent",
  states: {
    Absent: { on: { IterationStartedEvent: { target: "Running", actions: started } } },
    Running: {
      on: {
        StateCompletedEvent: { actions: variablesAssigned },
        IterationCancelingEvent: "Canceling",
        IterationCompletedEvent: [...completed],
      },
    },
    Canceling: {
      on: { StateCompletedEvent: { actions: variablesAssigned }, IterationCompletedEvent: [...completed] },
    },
    Succeeded: { type: "final" },
    Failed: { type: "final" },
    Canceled: { type: "final" },
  },
});
