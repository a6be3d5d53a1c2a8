/**
 * An actor's XState machine, applied at the cost of what it says.
 *
 * XState's own transition serves machines of every kind: nested and parallel states, history, spawned actors, queues of raised
 * events. Those here are flat: an event leads to a status, by the status that the event itself tells where it tells one, and is
 * remembered. The machine's definition is read once into a table of that; what is remembered of an event are functions of our own
 * ({@link Updates}), by which the machine's one action goes too (`machine_setup.ts`). A test walks every machine with every event and
 * expects what XState's transition gives. What each way costs: `docs/adr/0006-flat-machines.md`.
 */
import type { AnyStateMachine, AnyStateNode, EventObject } from "xstate";
import { absentContext, type ActorSnapshot, BrokenInvariant } from "./actor.ts";

/** What of the context an event changes. */
export type Update<Context, Taken> = (context: Context, event: Taken) => Partial<Context>;

/** For each event of an actor what is remembered of it: a new event does not compile until it is said. */
export type Updates<Context, Taken extends EventObject> = {
  readonly [Type in Taken["type"]]: Update<Context, Extract<Taken, { type: Type }>>;
};

/** Of an event that tells by its type alone. */
export const nothing = (): Record<never, never> => NOTHING;
const NOTHING = {};

/** What of an event decides where it leads. */
export interface Occurrence<Type extends string = string> {
  readonly type: Type;
  readonly status?: string;
}

/** Where an event leads: to one status, or to one for each status that the event may tell. `undefined`: the actor stays. */
interface Row<Status extends string, Context, Taken> {
  readonly target: Status | undefined;
  readonly targets: ReadonlyMap<string, Status | undefined> | undefined;
  readonly update: Update<Context, Taken>;
}

/** A machine as a table: for each status the types of events that it takes. */
export interface FlatMachine<Status extends string, Context, Taken extends EventObject> {
  readonly id: string;
  /** Before the first event. */
  readonly initial: ActorSnapshot<Status, Context>;
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Row<Status, Context, Taken>>>;
}

/** Reads a machine. @throws {BrokenInvariant} it does more than flat machines do: a defect of ours, found when the program loads */
export function flatMachine<Status extends string, Context, Taken extends EventObject>(
  machine: AnyStateMachine,
  updates: Updates<Context, Taken>,
): FlatMachine<Status, Context, Taken> {
  const { id, states, initial } = machine.definition;
  expectPlain(id, machine.root);
  for (const node of Object.values(machine.states)) expectPlain(id, node);
  return {
    id,
    initial: { value: initial?.target[0]?.key as Status, context: absentContext() },
    rows: new Map(
      Object.values(states).map(({ key, on }) => [
        key,
        new Map(Object.entries(on).map(([type, steps]) => [type, row(id, steps, updateOf(updates, type))])),
      ]),
    ),
  };
}

/** What is remembered of events of this type. @throws {BrokenInvariant} nobody has said it */
export function updateOf<Context, Taken extends EventObject>(
  updates: Updates<Context, Taken>,
  type: string,
): Update<Context, Taken> {
  if (!Object.hasOwn(updates, type)) throw new BrokenInvariant(`Expected to know what is remembered of ${type}`);
  // The key says which of the events it takes.
  return updates[type as Taken["type"]] as Update<Context, Taken>;
}

/** True when the actor, as it stands, takes such an event: the only source of what may be done in which status. */
export function can<Status extends string, Context, Taken extends EventObject>(
  { rows }: FlatMachine<Status, Context, Taken>,
  { value }: ActorSnapshot<Status, Context>,
  { type, status }: Occurrence<Taken["type"]>,
): boolean {
  const row = rows.get(value)?.get(type);
  return row !== undefined && (row.targets === undefined || (status !== undefined && row.targets.has(status)));
}

/**
 * The next snapshot.
 *
 * @throws {BrokenInvariant} no state of the machine takes this event now: XState would drop it silently, and a fact that
 *   changes nothing is a broken log
 */
export function applied<Status extends string, Context extends object, Taken extends EventObject & Occurrence>(
  machine: FlatMachine<Status, Context, Taken>,
  snapshot: ActorSnapshot<Status, Context>,
  event: Taken,
): ActorSnapshot<Status, Context> {
  const { value, context } = snapshot;
  const row = machine.rows.get(value)?.get(event.type);
  if (row === undefined || (row.targets !== undefined && !row.targets.has(event.status ?? ""))) {
    throw new BrokenInvariant(`Expected "${machine.id}" to take ${told(event)}, but it is ${value}`);
  }
  const target = row.targets === undefined ? row.target : row.targets.get(event.status ?? "");
  const changed = row.update(context, event);
  return { value: target ?? value, context: changed === NOTHING ? context : { ...context, ...changed } };
}

/** A snapshot as it was kept. @throws {BrokenInvariant} the machine has no such status: a broken store, or one of a later version */
export function restoredSnapshot<Status extends string, Context, Taken extends EventObject>(
  { id, rows }: FlatMachine<Status, Context, Taken>,
  { value, context }: ActorSnapshot<Status, Context>,
): ActorSnapshot<Status, Context> {
  if (!rows.has(value)) throw new BrokenInvariant(`Expected a status of "${id}", but got "${value}"`);
  return { value, context };
}

function told({ type, status }: Occurrence): string {
  return status === undefined ? type : `${type} as ${status}`;
}

/** What a step is made of, as the machine's definition has it. */
interface Step {
  readonly guard?: unknown;
  readonly target: readonly { readonly key: string }[] | undefined;
  readonly actions: readonly unknown[];
}

function row<Status extends string, Context, Taken>(
  id: string,
  steps: readonly Step[],
  update: Update<Context, Taken>,
): Row<Status, Context, Taken> {
  for (const { actions } of steps) {
    if (actions.length !== 1 || actions[0] !== "remember") {
      throw new BrokenInvariant(`Expected all that machine "${id}" does to be to remember`);
    }
  }
  const statuses = steps.map((step) => statusOf(id, step));
  const targets = steps.map(({ target }) => target?.[0]?.key as Status | undefined);
  if (steps.length === 1 && statuses[0] === undefined) return { target: targets[0], targets: undefined, update };
  return {
    target: undefined,
    targets: new Map(statuses.map((status, index) => {
      if (status === undefined) {
        throw new BrokenInvariant(`Expected machine "${id}" to tell each status of an event of which it tells one`);
      }
      return [status, targets[index]];
    })),
    update,
  };
}

/** The status that an event must tell for this step; `undefined`: any. */
function statusOf(id: string, { guard }: Step): string | undefined {
  if (guard === undefined) return undefined;
  if (typeof guard === "object" && guard !== null && "type" in guard && guard.type === "tells" && "params" in guard) {
    const { params } = guard;
    if (typeof params === "object" && params !== null && "status" in params && typeof params.status === "string") {
      return params.status;
    }
  }
  throw new BrokenInvariant(`Expected machine "${id}" to ask of an event its status alone`);
}

function expectPlain(id: string, node: AnyStateNode): void {
  const isRoot = node.id === id;
  const hasMore = node.entry.length > 0 || node.exit.length > 0 || node.invoke.length > 0 || node.after.length > 0 ||
    node.always !== undefined || (isRoot ? node.transitions.size > 0 : node.type !== "atomic" && node.type !== "final");
  if (hasMore) throw new BrokenInvariant(`Expected machine "${id}" to be flat, but "${node.id}" is not`);
}
