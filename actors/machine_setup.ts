/** What every actor's machine is made of: where an event leads, by its status if need be, and that it is remembered. */
import { assign, type EventObject, setup } from "xstate";
import { type Occurrence, updateOf, type Updates } from "./flat_machine.ts";

/** The setup of a machine that remembers by these updates. */
export function machineSetup<Context extends object, Taken extends EventObject & Occurrence>(
  updates: Updates<Context, Taken>,
) {
  return setup({
    types: { context: {} as Context, events: {} as Taken },
    actions: { remember: assign(({ context, event }) => updateOf(updates, event.type)(context, event)) },
    guards: { tells: ({ event }, { status }: { readonly status: string }) => event.status === status },
  });
}

/** The event leads to this status. */
export const to = <const Status extends string>(target: Status) => ({ target, actions: "remember" }) as const;

/** The event leads to this status, if it tells that one. */
export const toOn = <const Status extends string>(status: string, target: Status) =>
  ({ guard: { type: "tells", params: { status } }, target, actions: "remember" }) as const;

/** The event changes what is remembered, and not the status. */
export const stay = { actions: "remember" } as const;
