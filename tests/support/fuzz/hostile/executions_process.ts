/**
 * Runs each hostile execution beside twenty others in one embedded engine, and writes a line of JSON for each: how it ended, what
 * the others came to, how long all took; at last the heap after each of three rounds. Its argument is the store's folder.
 */
import process from "node:process";
import { Effect } from "effect";
import { openEmbeddedHome } from "../../../../src/homes/mod.ts";
import type { JsonObject } from "../../../../src/values/mod.ts";
import { type HostileExecution, hostileExecutions } from "./executions.ts";

const space = { tenant: "default", namespace: "default" };
const usual: JsonObject = {
  QueryLanguage: "JSONata",
  StartAt: "Double",
  States: {
    Double: { Type: "Pass", Output: { n: "{% $states.input.n * 2 %}" }, Next: "Large" },
    Large: {
      Type: "Choice",
      Choices: [{ Condition: "{% $states.input.n > 20 %}", Next: "Much" }],
      Default: "Little",
    },
    Much: { Type: "Pass", Output: "much", End: true },
    Little: { Type: "Pass", Output: "little", End: true },
  },
};

const home = await openEmbeddedHome({ store: process.argv[2] ?? "" });
const { engine } = home;
const run = (workflow: string, input: unknown) =>
  Effect.runPromise(engine.runExecution({ ...space, workflow, input: input as JsonObject }));

async function usuals(): Promise<number> {
  const ended = await Promise.all(Array.from({ length: 20 }, (_, n) => run("usual", { n })));
  return ended.filter(({ output }, n) => output === (n > 10 ? "much" : "little")).length;
}

function heapMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

async function besideUsuals(workflow: string, { what, input }: HostileExecution): Promise<string> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const hostile = run(workflow, input);
  const usualCount = await usuals();
  const { status, error, output } = await hostile;
  const { user, system } = process.cpuUsage(cpu);
  const ms = performance.now() - begin;
  return JSON.stringify({ what, status, error, output, usualCount, ms, cpuMs: (user + system) / 1_000 });
}

await Effect.runPromise(engine.putWorkflow({ ...space, name: "usual", definition: usual }));
const heapAfter: number[] = [];
for (let round = 0; round < 3; round++) {
  for (const [index, hostile] of hostileExecutions.entries()) {
    const workflow = `hostile-${index}`;
    if (round === 0) {
      await Effect.runPromise(engine.putWorkflow({ ...space, name: workflow, definition: hostile.definition }));
    }
    console.log(await besideUsuals(workflow, hostile));
  }
  heapAfter.push(heapMb());
}
console.log(JSON.stringify({ heapAfter, polluted: Reflect.get({}, "polluted") ?? null }));
await home.close();
