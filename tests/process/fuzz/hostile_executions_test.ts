// Goal: no execution takes the engine from the others. Method: each of the hostile ones runs in one embedded engine beside twenty usual
// ones: it ends as named within a second of processor time, the others end as ever, and the heap is no larger after the third round.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startChild } from "../../support/child_process.ts";
import { hostileExecutions } from "../../support/fuzz/hostile/executions.ts";

/** Of processor time, for the hostile execution and the others: the machine may have other things to do. */
const MS_MAX = 1_000;
const HEAP_GROWTH_MB_MAX = 10;
const processFile = fileURLToPath(new URL("../../support/fuzz/hostile/executions_process.ts", import.meta.url));
const collectorArgument = "Deno" in globalThis ? "--v8-flags=--expose-gc" : "--expose-gc";

interface Ended {
  readonly what: string;
  readonly status: string;
  readonly error?: string;
  readonly output?: unknown;
  readonly usualCount: number;
  readonly cpuMs: number;
}

test("hostile executions end as named, beside others that end as ever", async (context) => {
  const store = mkdtempSync(join(tmpdir(), "weft-hostile-"));
  const lines: string[] = [];
  const child = startChild([collectorArgument, processFile, store], (line) => lines.push(line));
  context.after(() => rmSync(store, { recursive: true, force: true }));
  strictEqual(await child.ended, "status 0");
  const { heapAfter: [, second, third], polluted } = JSON.parse(lines.pop() ?? "{}");
  const ended = lines.map((line): Ended => JSON.parse(line));
  strictEqual(ended.length, 3 * hostileExecutions.length);
  for (const [index, { what, status, error, output, usualCount, cpuMs }] of ended.entries()) {
    const hostile = hostileExecutions[index % hostileExecutions.length];
    deepStrictEqual(
      { what, status, ...(error === undefined ? { output } : { error }), usualCount },
      {
        what: hostile?.what,
        status: hostile !== undefined && "error" in hostile.end ? "Failed" : "Succeeded",
        ...hostile?.end,
        usualCount: 20,
      },
    );
    ok(cpuMs < MS_MAX, `${what} took ${Math.round(cpuMs)} ms`);
  }
  strictEqual(polluted, null);
  ok(third - second < HEAP_GROWTH_MB_MAX, `The heap grew from ${second} MB to ${third} MB`);
});
