import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import {
  frameLine,
  lookedAfter,
  type ProcessListener,
  type ProcessPlan,
} from "../../../../src/interfaces/cli/processes/supervision.ts";
import { processesForCores } from "../../../../src/interfaces/cli/processes/process_count.ts";
import { Supervisor } from "../../../../src/interfaces/cli/processes/supervisor.ts";
import { FakeIo } from "../../../support/cli/fake_io.ts";

const listening = [{ name: "NATS services", address: "nats://n1" }];
const plan = (name: string, isWeft = true): ProcessPlan => ({ name, command: "weft", args: [], isWeft });

/** A process in name alone: it ends when it is told to, and answers if it was not told to be silent. */
class FakeProcess {
  readonly ended = Promise.withResolvers<string>();
  readonly signals: NodeJS.Signals[] = [];
  readonly listener: ProcessListener;
  isSilent = false;

  constructor(listener: ProcessListener) {
    this.listener = listener;
  }

  async end(how: string): Promise<void> {
    this.ended.resolve(how);
    await this.ended.promise;
    await Promise.resolve();
  }
}

function supervise() {
  const io = new FakeIo();
  const processes: { readonly name: string; readonly process: FakeProcess }[] = [];
  const lines: string[] = [];
  const supervisor = new Supervisor({
    start: ({ name }, listener) => {
      const process = new FakeProcess(listener);
      processes.push({ name, process });
      return {
        pid: undefined,
        ended: process.ended.promise,
        ask: () => process.isSilent || listener.onFrame({}),
        signal: (signal) => {
          process.signals.push(signal);
          if (signal === "SIGTERM") process.ended.resolve("status 0");
          if (signal === "SIGKILL") process.ended.resolve("signal SIGKILL");
        },
      };
    },
    every: (ms, tick) => io.every(ms, tick),
    nowMs: () => io.nowMs,
    onLine: (name, line) => lines.push(`${name}: ${line}`),
  });
  const last = () => processes.at(-1)?.process ?? new FakeProcess({ onFrame: () => {}, onLine: () => {} });
  return { io, supervisor, processes, lines, last };
}

async function up({ supervisor, last }: ReturnType<typeof supervise>, one: ProcessPlan): Promise<FakeProcess> {
  const running = supervisor.run(one);
  const process = last();
  process.listener.onFrame({ listening });
  deepStrictEqual(await running, { listening });
  return process;
}

test("a process that ends is started again, each time after a longer wait, and after a life at once", async () => {
  const world = supervise();
  const first = await up(world, plan("a"));
  const waits: number[] = [];
  let process = first;
  for (let count = 0; count < 8; count++) {
    await process.end("status 1");
    const before = world.io.nowMs;
    while (world.last() === process) world.io.advance(100);
    waits.push(world.io.nowMs - before);
    process = world.last();
    process.listener.onFrame({ listening });
  }
  deepStrictEqual(waits, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  world.io.advance(60_000);
  await process.end("signal SIGSEGV");
  world.io.advance(200);
  ok(world.last() !== process);
  ok(world.lines.includes("a: ended with signal SIGSEGV, and is started again in 200 ms"));
  await world.supervisor.close();
  strictEqual(world.io.listenerCount, 0);
});

test("a process that ends before it is up for the first time is not started again", async () => {
  const world = supervise();
  const running = world.supervisor.run(plan("a"));
  await world.last().end("status 2");
  await rejects(running, /a ended before it was up: status 2/);
  world.io.advance(60_000);
  strictEqual(world.processes.length, 1);
  await world.supervisor.close();
  strictEqual(world.io.listenerCount, 0);
});

test("a process that does not answer is killed after six seconds, one that answers lives", async () => {
  const world = supervise();
  const silent = await up(world, plan("silent"));
  const talking = await up(world, plan("talking"));
  world.io.advance(60_000);
  deepStrictEqual([silent.signals, talking.signals], [[], []]);
  silent.isSilent = true;
  world.io.advance(6_000);
  deepStrictEqual(silent.signals, []);
  world.io.advance(2_000);
  deepStrictEqual([silent.signals, talking.signals], [["SIGKILL"], []]);
  await silent.ended.promise;
  await Promise.resolve();
  world.io.advance(200);
  deepStrictEqual(world.processes.map(({ name }) => name), ["silent", "talking", "silent"]);
  await world.supervisor.close();
});

test("close() ends engines before the servers that they need, and starts nothing again", async () => {
  const world = supervise();
  await world.supervisor.run(plan("server", false));
  const server = world.last();
  const engine = await up(world, plan("engine"));
  const waiting = await up(world, plan("waiting"));
  await waiting.end("status 1");
  const order: string[] = [];
  void engine.ended.promise.then(() => order.push(`engine, server told ${server.signals.length} times`));
  await world.supervisor.close();
  deepStrictEqual([order, server.signals, engine.signals], [
    ["engine, server told 0 times"],
    ["SIGTERM"],
    ["SIGTERM"],
  ]);
  world.io.advance(60_000);
  strictEqual(world.processes.length, 3);
  strictEqual(world.io.listenerCount, 0);
  await rejects(world.supervisor.run(plan("late")), /late is not started/);
});

test("cores are shared by engines and the nats-server beside them", () => {
  deepStrictEqual([1, 2, 3, 4, 8, 16].map(processesForCores), [1, 1, 2, 2, 5, 10]);
});

test("who is looked after answers, hears no terminal, and stops when nobody looks after him any more", () => {
  const io = new FakeIo();
  const heard: string[] = [];
  const stop = lookedAfter(io).onSignal((signal) => heard.push(signal));
  const [input] = io.stdin.lineListeners;
  input?.listener("?");
  input?.listener("something else");
  strictEqual(io.stdout.text, frameLine({}));
  io.signal("SIGINT");
  io.signal("SIGTERM");
  input?.onEnd();
  deepStrictEqual(heard, ["SIGTERM", "SIGTERM"]);
  stop();
  strictEqual(io.listenerCount, 0);
});
