import { deepStrictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Effect } from "effect";
import { type Example, examples, type Outcome } from "../../examples/manifest.ts";
import type { Engine, ExecutionDescription } from "../../src/runtime/mod.ts";
import type { TaskHandler } from "../../src/tasks/mod.ts";
import type { Space } from "../../src/values/mod.ts";

/** Where the examples are run. */
export const exampleSpace: Space = { tenant: "default", namespace: "examples" };

/** The handlers of every example, by resource. */
export async function exampleHandlers(): Promise<Record<string, TaskHandler>> {
  const modules = await Promise.all(examples.map(({ handlers }) => import(handlers.href)));
  return Object.assign(
    {},
    ...modules.map((module: { readonly handlers: Record<string, TaskHandler> }) => module.handlers),
  );
}

/** A test a case of each example: it ends on this engine as its files say. */
export function testExamples(home: string, engine: () => Engine): void {
  for (const example of examples) {
    for (const { name, input, expected } of example.cases) {
      test(`${home}: example ${name} ends as expected`, async () => {
        await putWorkflow(engine(), example);
        const request = { ...exampleSpace, workflow: example.name, input };
        deepStrictEqual(outcomeOf(await Effect.runPromise(engine().runExecution(request))), expected);
      });
    }
  }
}

async function putWorkflow(engine: Engine, { name, definition }: Example): Promise<void> {
  await Effect.runPromise(engine.putWorkflow({ ...exampleSpace, name, definition: readFileSync(definition, "utf8") }));
}

function outcomeOf({ status, output = null, error = "", cause = "" }: ExecutionDescription): Outcome {
  if (status === "Succeeded") return { status, output };
  if (status === "Failed") return { status, error, cause };
  throw new Error(`Expected an ended execution, but its status is ${status}`);
}
