/**
 * An actor's XState machine, applied at the cost of what it says.
 *
 * XState's own transition serves machines of every kind: nested and parallel states, history, spawned actors, queues of raised
 * events. Those here are flat, and all that their transitions do is `assign`; for them the general algorithm cost as much as
 * deciding, writing and sending together. So the machine's own definition (its states, guards, targets and assignments) is read
 * once into a table. A test walks every machine with random events and expects what XState's transition gives.
 */
import type { AnyStateMachine, EventObject, StateNode } from "xstate";
import { type ActorSnapshot, BrokenInvariant } from "./actor.ts";

/** What guards and assignments of these machines look at. */
interface Facts {
  readonly context: object;
  readonly event: EventObject;
}
type Assignment = (facts: Facts) => object;

interface Step {
  readonly guard: ((facts: Facts) => boolean) | undefined;
  /** Where it leads; `undefined`: stays. */
  readonly target: string | undefined;
  readonly assignments: readonly Assignment[];
}

/** A machine as a table: for each status and type of event the steps that may be taken, the first that fits counts. */
export interface FlatMachine<Status extends string, Context> {
  readonly id: string;
  /** Before the first event. */
  readonly initial: ActorSnapshot<Status, Context>;
  readonly steps: ReadonlyMap<string, ReadonlyMap<string, readonly Step[]>>;
}

/** Reads a machine. @throws {BrokenInvariant} it does more than flat machines do: a defect of ours, found when the program loads */
export function flatMachine<Status extends string, Context>(machine: AnyStateMachine): FlatMachine<Status, Context> {
  const { root } = machine;
  const nodes: readonly StateNode[] = Object.values(root.states);
  for (const node of [root, ...nodes]) expectPlain(machine, node);
  return {
    id: machine.id,
    initial: { value: String(root.config.initial) as Status, context: (machine.config.context ?? {}) as Context },
    steps: new Map(nodes.map((node) => [node.key, stepsOf(machine, node)])),
  };
}

/**
 * The next snapshot.
 *
 * @throws {BrokenInvariant} no state of the machine takes this event now: XState would drop it silently, and a fact that
 *   changes nothing is a broken log
 */
export function applied<Status extends string, Context extends object>(
  machine: FlatMachine<Status, Context>,
  snapshot: ActorSnapshot<Status, Context>,
  event: EventObject,
): ActorSnapshot<Status, Context> {
  const { value, context } = snapshot;
  const candidates = machine.steps.get(value)?.get(event.type);
  const step = candidates?.find(({ guard }) => guard === undefined || guard({ context, event }));
  if (step === undefined) {
    throw new BrokenInvariant(`Expected "${machine.id}" to take ${event.type}, but it is ${value}`);
  }
  let next: Context = context;
  for (const assignment of step.assignments) next = { ...next, ...assignment({ context: next, event }) };
  return { value: (step.target ?? value) as Status, context: next };
}

/** A snapshot as it was kept. @throws {BrokenInvariant} the machine has no such status: a broken store, or one of a later version */
export function restoredSnapshot<Status extends string, Context>(
  machine: FlatMachine<Status, Context>,
  { value, context }: ActorSnapshot<Status, Context>,
): ActorSnapshot<Status, Context> {
  if (!machine.steps.has(value)) throw new BrokenInvariant(`Expected a status of "${machine.id}", but got "${value}"`);
  return { value, context };
}

function stepsOf(machine: AnyStateMachine, node: StateNode): ReadonlyMap<string, readonly Step[]> {
  return new Map(
    [...node.transitions].map(([type, transitions]) => [type, transitions.map((one) => step(machine, one))]),
  );
}

/** What a step is made of, as XState has read it. */
interface Transition {
  readonly guard?: unknown;
  readonly target: readonly { readonly key: string }[] | undefined;
  readonly actions: readonly unknown[];
}

function step(machine: AnyStateMachine, { guard, target, actions }: Transition): Step {
  return {
    guard: guard === undefined ? undefined : guardNamed(machine, guard),
    target: target?.[0]?.key,
    assignments: actions.map((action) => assignmentOf(machine, action)),
  };
}

function guardNamed(machine: AnyStateMachine, guard: unknown): (facts: Facts) => boolean {
  const found = typeof guard === "string" ? machine.implementations.guards[guard] : undefined;
  if (typeof found === "function") return found as (facts: Facts) => boolean;
  throw new BrokenInvariant(`Expected machine "${machine.id}" to have its guards by name`);
}

/** What an `assign` action changes: a function of the facts, or values by name. */
function assignmentOf(machine: AnyStateMachine, action: unknown): Assignment {
  const assignment = typeof action === "function" && "assignment" in action ? action.assignment : undefined;
  if (typeof assignment === "function") return assignment as Assignment;
  if (typeof assignment !== "object" || assignment === null || Object.values(assignment).some(isFunction)) {
    throw new BrokenInvariant(`Expected actions of machine "${machine.id}" to be assignments`);
  }
  return () => assignment;
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function expectPlain(machine: AnyStateMachine, node: StateNode): void {
  const hasMore = node.entry.length > 0 || node.exit.length > 0 || node.invoke.length > 0 || node.after.length > 0 ||
    node.always !== undefined || (node !== machine.root && node.type !== "atomic" && node.type !== "final");
  if (hasMore) throw new BrokenInvariant(`Expected machine "${machine.id}" to be flat, but "${node.id}" is not`);
}
