/** A program that uses all that the package offers, as a user would write it. Kept as text: the project's own compiler must not look for the package. */

const manifest = JSON.stringify({ name: "consumer", private: true, type: "module" });

/** Strict, and nothing else. */
const compiler = JSON.stringify({
  compilerOptions: { strict: true, module: "nodenext", noEmit: true, types: [] },
  include: ["use.ts", "use_testing.ts"],
});

const definition = JSON.stringify({
  StartAt: "Greet",
  States: { Greet: { Type: "Task", Resource: "greet", End: true } },
});

const handlers = `import { type RunningTask, TaskFailure } from "@weft-dev/weft/worker";

export function greet(input: unknown, task: RunningTask): string {
  if (typeof input !== "string") throw new TaskFailure("NoName", "Expected a name");
  return \`Hello, \${input}, from \${task.stateName}\`;
}
`;

const use =
  `import { type ExecutionDescription, Executor, type ExecutorOptions, type Json, TaskFailure, validateDefinition } from "@weft-dev/weft";
import { WeftClient, type WeftClientOptions, WeftError } from "@weft-dev/weft/client";
import { WeftWorker, type WeftWorkerOptions } from "@weft-dev/weft/worker";
import { TaskFailure as WorkersTaskFailure } from "@weft-dev/weft/worker";
import { greet } from "./handlers.ts";
import { testRun } from "./use_testing.ts";

function same(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(\`Expected \${JSON.stringify(expected)}, but got \${JSON.stringify(actual)}\`);
  }
}

const machine: Json = { StartAt: "Greet", States: { Greet: { Type: "Task", Resource: "greet", End: true } } };
same(validateDefinition(JSON.stringify(machine)), []);
const options: ExecutorOptions = { store: "./executor-store", synchronous: "NORMAL", timeScale: 0.001 };
const executor = new Executor(machine, { greet }, options);
same((await executor.run("Ada")).workflow, "machine");
const execution: ExecutionDescription = await executor.waitExecutionDone();
same([execution.status, execution.output], ["Succeeded", "Hello, Ada, from Greet"]);
await executor.run(7);
same((await executor.waitExecutionDone()).error, "NoName");
await executor.close();
same(TaskFailure === WorkersTaskFailure, true);

const clientOptions: WeftClientOptions = { servers: "nats://127.0.0.1:1", timeoutMs: 100 };
try {
  const client = await WeftClient.connect(clientOptions);
  const workerOptions: WeftWorkerOptions = { client, resource: "greet", handler: greet };
  await new WeftWorker(workerOptions).run();
  throw new Error("Expected no server there");
} catch (failure) {
  same(failure instanceof WeftError && failure.code, "Unavailable");
}
await testRun();
declare const process: { exit(status: number): never; stdout: { write(text: string): void } };
process.stdout.write("all used\\n");
`;

const useTesting = `import { type MachineRun, type StateTested, testMachine } from "@weft-dev/weft/testing";

export async function testRun(): Promise<void> {
  const machine = testMachine({
    StartAt: "Pause",
    States: {
      Pause: { Type: "Wait", Seconds: 86_400, Next: "Greet" },
      Greet: { Type: "Task", Resource: "greet", TimeoutSeconds: 5, End: true },
    },
  });
  const run: MachineRun = await machine.run("Ada", { mocks: { greet: (name) => \`Hello, \${String(name)}\` } });
  const tested: StateTested = await machine.testState("Greet", 1, { result: 2 });
  const found = JSON.stringify([run.output, run.states.map(({ name }) => name), tested.output, machine.coverage.text()]);
  const wanted = JSON.stringify(["Hello, Ada", ["Pause", "Greet"], 2, "states: 2 of 2\\ntransitions: 1 of 1\\n"]);
  if (found !== wanted) throw new Error(\`Expected \${wanted}, but got \${found}\`);
}
`;

const testingTest = `import { test } from "node:test";
import { testRun } from "./use_testing.ts";

test("runs under node:test and deno test", testRun);
`;

const vitestTest = `import { writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { testMachine } from "@weft-dev/weft/testing";

const machine = testMachine({
  StartAt: "Paid?",
  States: {
    "Paid?": { Type: "Choice", Choices: [{ Variable: "$.cents", NumericGreaterThan: 0, Next: "Charge" }], Default: "Done" },
    Charge: { Type: "Task", Resource: "charge", Next: "Done" },
    Done: { Type: "Succeed" },
  },
});
afterAll(() => {
  console.log(machine.coverage.text());
  writeFileSync("lcov.info", machine.coverage.lcov("order.asl.json"));
});

test("a state's input and output", async () => {
  const run = await machine.run({ cents: 5 }, { mocks: { charge: () => "R-1" } });
  expect(run.states.map(({ name, input, output }) => [name, input, output])).toEqual([
    ["Paid?", { cents: 5 }, { cents: 5 }],
    ["Charge", { cents: 5 }, "R-1"],
    ["Done", "R-1", "R-1"],
  ]);
});
`;

/** By path. */
export const consumerFiles: Readonly<Record<string, string>> = {
  "package.json": manifest,
  "tsconfig.json": compiler,
  "greet.asl.json": definition,
  "handlers.ts": handlers,
  "use.ts": use,
  "use_testing.ts": useTesting,
  "testing_test.ts": testingTest,
  "weft.vitest.ts": vitestTest,
  "vitest.config.mjs": 'export default { test: { include: ["*.vitest.ts"] } };\n',
};
