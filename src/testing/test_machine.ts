/** `testMachine(definition)`: a definition runs in the test's own process, with mocks for its tasks and without waiting. */
import { Effect } from "effect";
import { openEmbeddedHome } from "../homes/mod.ts";
import { validateDefinition } from "../language/mod.ts";
import type { HistoryEvent } from "../runtime/engine.ts";
import { type RunningTask, TaskFailure, type TaskHandler } from "../sdk/mod.ts";
import { type Json, type Limits, present } from "../values/mod.ts";
import { Coverage } from "./coverage.ts";
import { type OutlinedState, outlineOf, resourcesOf } from "./machine_outline.ts";
import { SkippingClock } from "./skipping_clock.ts";
import { type MockedState, type StateTested, testOneState } from "./test_one_state.ts";

/** A task's stand-in: a function as workers have it, or what every call answers. */
export type Mock = TaskHandler | Exclude<Json, undefined>;

/** What a run is done with. */
export interface RunOptions {
  /** By a state's name or by a `Resource`; the state's name goes first. A task without one fails with `Weft.NoMock`. */
  readonly mocks?: Readonly<Record<string, Mock>>;
  /** Instead of the defaults. */
  readonly limits?: Partial<Limits>;
}

/** One run of one state, in the order in which they began. */
export interface StateRun {
  readonly name: string;
  readonly type: string;
  readonly input: Json;
  /** Absent where the state failed, or never ended. */
  readonly output?: Json;
  /** What it failed with, or what was caught. */
  readonly error?: string;
  readonly cause?: string;
  /** The state that followed. */
  readonly next?: string;
  /** Tries of a Task, its retries included; 1 for others. */
  readonly attempts: number;
}

/** How a run ended, and what happened on the way. */
export interface MachineRun {
  readonly status: "Succeeded" | "Failed" | "Canceled";
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly states: readonly StateRun[];
  /** Every fact, as `weft executions history` has it. */
  readonly events: readonly HistoryEvent[];
}

/** A mock that never answers: the task ends by its timeout, its heartbeat, or never. */
export const neverAnswers: TaskHandler = () => new Promise<never>(() => {});

const space = { tenant: "test", namespace: "test" };
const WORKFLOW = "machine";
const PAGE = 1_000;

/**
 * Takes a definition for tests.
 *
 * @param definition JSON text, or what was parsed of it
 * @throws {TypeError} it is not valid: the message has every finding
 *
 * @example
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * const machine = testMachine({
 *   StartAt: "Pause",
 *   States: {
 *     Pause: { Type: "Wait", Seconds: 86_400, Next: "Greet" },
 *     Greet: { Type: "Task", Resource: "greet", End: true },
 *   },
 * });
 * const run = await machine.run("Ada", { mocks: { greet: (name) => `Hello, ${name}` } });
 * deepStrictEqual([run.status, run.output], ["Succeeded", "Hello, Ada"]);
 * deepStrictEqual(run.states.map(({ name, input }) => [name, input]), [["Pause", "Ada"], ["Greet", "Ada"]]);
 * ```
 */
export function testMachine(definition: string | Json): TestMachine {
  const text = typeof definition === "string" ? definition : JSON.stringify(definition, undefined, 2);
  const errors = validateDefinition(text).filter(({ severity }) => severity === "ERROR");
  if (errors.length > 0) {
    throw new TypeError(
      `Expected a valid definition, but: ${
        errors.map(({ code, message, location }) => `${code} ${location ?? ""} ${message}`).join("; ")
      }`,
    );
  }
  return new TestMachine(text);
}

/** A definition that runs in the test's process; made by {@link testMachine}. Nothing to close. */
export class TestMachine {
  /** Of all runs of this object so far. */
  readonly coverage: Coverage;
  readonly #text: string;
  readonly #states: readonly OutlinedState[];

  /** @param text of a valid definition */
  constructor(text: string) {
    this.#text = text;
    this.#states = outlineOf(text);
    this.coverage = new Coverage(this.#states);
  }

  /** Runs one execution to its end, in memory. Waits, retry delays and timeouts take no time. */
  async run(input: Json, { mocks = {}, limits }: RunOptions = {}): Promise<MachineRun> {
    this.#checkNames(mocks);
    const clock = new SkippingClock();
    const home = await openEmbeddedHome({ handlers: this.#handlers(mocks, clock), clock, ...present({ limits }) });
    const stopHearing = home.onEvents(() => clock.noteActivity());
    try {
      const { engine } = home;
      await Effect.runPromise(engine.putWorkflow({ ...space, name: WORKFLOW, definition: this.#text }));
      const { executionId } = await Effect.runPromise(engine.startExecution({ ...space, workflow: WORKFLOW, input }));
      clock.noteActivity();
      const { status, output, error, cause } = await Effect.runPromise(
        engine.awaitExecution({ ...space, executionId }),
      );
      const events: HistoryEvent[] = [];
      for (let after: number | undefined = 0; after !== undefined;) {
        const request = { ...space, executionId, after, limit: PAGE };
        const page: { readonly events: readonly HistoryEvent[]; readonly next?: number } = await Effect.runPromise(
          engine.executionHistory(request),
        );
        events.push(...page.events);
        after = page.next;
      }
      const states = stateRunsOf(events);
      this.#count(states);
      const ended = status === "Succeeded" || status === "Canceled" ? status : "Failed";
      return { status: ended, ...present({ output, error, cause }), states, events };
    } finally {
      stopHearing();
      clock.stop();
      await home.close();
    }
  }

  /**
   * Runs one state alone, as AWS's TestState does: what its input becomes, and what comes of it.
   *
   * @param name of a state at any depth
   * @throws {TypeError} there is no such state, or a Task, Map or Parallel comes without a mock
   */
  async testState(name: string, input: Json, options: MockedState = {}): Promise<StateTested> {
    return await testOneState(this.#text, name, input, options);
  }

  #checkNames(mocks: Readonly<Record<string, Mock>>): void {
    const known = new Set([...resourcesOf(this.#states), ...this.#states.map(({ name }) => name)]);
    const unknown = Object.keys(mocks).filter((name) => !known.has(name));
    if (unknown.length === 0) return;
    throw new TypeError(`Expected mocks of states or resources, but the definition has no "${unknown.join('", "')}"`);
  }

  #handlers(mocks: Readonly<Record<string, Mock>>, clock: SkippingClock): Readonly<Record<string, TaskHandler>> {
    const handler = (input: Json, task: RunningTask): unknown => {
      const { stateName, resource } = task;
      const key = Object.hasOwn(mocks, stateName) ? stateName : resource;
      const mock = Object.hasOwn(mocks, key) ? mocks[key] : undefined;
      if (mock === undefined) {
        throw new TaskFailure("Weft.NoMock", `State "${stateName}" asks for "${resource}", which has no mock`);
      }
      if (mock === neverAnswers) return neverAnswers(input, task);
      return clock.during(() => typeof mock === "function" ? mock(input, task) : mock);
    };
    return Object.fromEntries(resourcesOf(this.#states).map((resource) => [resource, handler]));
  }

  #count(states: readonly StateRun[]): void {
    for (const { name, next } of states) {
      this.coverage.enter(name);
      if (next !== undefined) this.coverage.take(name, next);
    }
  }
}

function stateRunsOf(events: readonly HistoryEvent[]): readonly StateRun[] {
  const runs = new Map<Json, { -readonly [K in keyof StateRun]: StateRun[K] }>();
  for (const event of events) {
    const { type, activityId } = event;
    if (activityId === undefined) continue;
    if (type === "StateStartedEvent") {
      const { stateName, stateType, input } = event;
      runs.set(activityId, { name: String(stateName), type: String(stateType), input: input ?? null, attempts: 1 });
      continue;
    }
    const run = runs.get(activityId);
    if (run === undefined) continue;
    if (type === "StateRetriedEvent") run.attempts += 1;
    if (type === "StateCompletedEvent") {
      const { output, error, cause, next } = event;
      if (output !== undefined) run.output = output;
      if (typeof error === "string") run.error = error;
      if (typeof cause === "string") run.cause = cause;
      if (typeof next === "string") run.next = next;
    }
  }
  return [...runs.values()];
}
