/**
 * What every adapter of `TaskDispatcher` must do, as tests. An adapter's test file says how to make one and how to see what workers get,
 * and calls `testTaskContract`; what only one adapter can do is tested in its own file.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type Context, Effect } from "effect";
import type { TaskDispatcher, TaskMessage } from "../../../src/tasks/mod.ts";
import { taskMessage } from "../task_messages.ts";

/** What a worker gets of a task, by whichever way. */
export type HandedOut = Omit<TaskMessage, "token" | "hasChildren" | "isReclaiming">;

/** A dispatcher, and the workers behind it. */
export interface TaskPlace {
  readonly dispatcher: Context.Service.Shape<typeof TaskDispatcher>;
  /** Resolves once so many tasks wait where workers will find them. */
  kept(count: number): Promise<void>;
  /** From now on workers take what there is, in the order in which it comes. Before, they take nothing. */
  open(): void;
  /** What workers have got, in order, once it is enough. */
  handedOut(isEnough: (tasks: readonly HandedOut[]) => boolean): Promise<readonly HandedOut[]>;
  /** Ends the dispatcher, as its scope does. */
  close(): Promise<void>;
}

/** An adapter under test. */
export interface TaskAdapter {
  readonly name: string;
  /** A new place, empty, removed after the test. */
  place(t: TestContext): Promise<TaskPlace>;
}

const many = (count: number, from = 1) => Array.from({ length: count }, (_, index) => taskMessage(from + index));
const inputs = (tasks: readonly HandedOut[]) => tasks.map(({ input }) => input);
const INPUT_BYTES_MAX = 262_144;

/** What of a message every worker is told. */
export function handedOutOf({ token: _token, hasChildren: _has, isReclaiming: _is, ...told }: TaskMessage): HandedOut {
  return told;
}

/** Registers the contract's tests for one adapter. */
export function testTaskContract(adapter: TaskAdapter): void {
  const check: Check = (name, work) => {
    test(`${adapter.name}: ${name}`, async (t) => await work(await adapter.place(t)));
  };
  testDispatch(check);
  testRetract(check);
}

type Check = (name: string, work: (place: TaskPlace) => Promise<void>) => void;

function testDispatch(check: Check): void {
  check("dispatch() hands a task out as it is, with all its clocks", async (place) => {
    const tasks = [
      taskMessage(1),
      taskMessage(2, {
        resource: "ship",
        timeoutSeconds: 5,
        heartbeatSeconds: 2,
        attempt: 3,
        input: { a: [null, "ü☃"] },
      }),
    ];
    place.open();
    place.dispatcher.dispatch(tasks);
    deepStrictEqual(await place.handedOut(({ length }) => length === 2), tasks.map(handedOutOf));
  });

  check("dispatch() hands nothing out within the call", async (place) => {
    place.open();
    place.dispatcher.dispatch(many(1));
    let isWithin = true;
    const seen = place.handedOut(({ length }) => length === 1).then(() => isWithin);
    isWithin = false;
    strictEqual(await seen, false);
  });

  check("dispatch() takes any number of tasks, and hands each out, in order", async (place) => {
    place.open();
    place.dispatcher.dispatch(many(700));
    place.dispatcher.dispatch([]);
    place.dispatcher.dispatch(many(700, 701));
    const seen = await place.handedOut(({ length }) => length >= 1_400);
    deepStrictEqual(inputs(seen), Array.from({ length: 1_400 }, (_, index) => index + 1));
  });

  check("dispatch() keeps tasks for workers that are not there yet", async (place) => {
    place.dispatcher.dispatch(many(3));
    await place.kept(3);
    place.open();
    deepStrictEqual(inputs(await place.handedOut(({ length }) => length === 3)), [1, 2, 3]);
  });

  check("dispatch() of a task that waits already hands it out at least once, and always the same", async (place) => {
    place.dispatcher.dispatch(many(3));
    place.dispatcher.dispatch(many(4));
    await place.kept(4);
    place.open();
    const seen = await place.handedOut((tasks) => inputs(tasks).includes(4));
    deepStrictEqual([...new Set(inputs(seen))], [1, 2, 3, 4]);
    for (const task of seen) deepStrictEqual(task, handedOutOf(taskMessage(Number(task.input))));
  });

  check("dispatch() hands out the largest input that a task may have", async (place) => {
    const input = "x".repeat(INPUT_BYTES_MAX - 2);
    place.open();
    place.dispatcher.dispatch([taskMessage(1, { input }), taskMessage(2)]);
    const [large, next] = await place.handedOut(({ length }) => length === 2);
    ok(large?.input === input && next?.input === 2);
  });
}

function testRetract(check: Check): void {
  check("retract() takes a task that waits back, and no other", async (place) => {
    const tasks = many(3);
    place.dispatcher.dispatch(tasks);
    await place.kept(3);
    place.dispatcher.retract(tasks.slice(1, 2));
    await place.kept(2);
    place.dispatcher.dispatch(many(1, 4));
    place.open();
    deepStrictEqual(inputs(await place.handedOut((seen) => inputs(seen).includes(4))), [1, 3, 4]);
  });

  check("retract() of tasks that were never dispatched, or were taken back before, changes nothing", async (place) => {
    place.dispatcher.retract(many(3, 100));
    place.dispatcher.dispatch(many(2));
    await place.kept(2);
    place.dispatcher.retract(many(1));
    await place.kept(1);
    place.dispatcher.retract(many(1));
    place.open();
    deepStrictEqual(inputs(await place.handedOut(({ length }) => length === 1)), [2]);
  });

  check("onLost() asks for nothing as long as nothing is lost", async (place) => {
    let asked = 0;
    Effect.runSync(place.dispatcher.onLost(() => asked += 1));
    place.open();
    place.dispatcher.dispatch(many(50));
    await place.handedOut(({ length }) => length === 50);
    strictEqual(asked, 0);
  });

  check("once it is closed nothing is handed out any more, and asking does no harm", async (place) => {
    place.open();
    place.dispatcher.dispatch(many(1));
    await place.handedOut(({ length }) => length === 1);
    await place.close();
    place.dispatcher.dispatch(many(2, 2));
    place.dispatcher.retract(many(3));
    await new Promise((resolve) => setImmediate(resolve));
    deepStrictEqual(inputs(await place.handedOut(() => true)), [1]);
  });
}
