import { ok, strictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const order = join(root, "examples/order/order.asl.json");
const isDeno = "Deno" in globalThis;

interface Cost {
  /** Processor time, which other processes do not lengthen as they do the wall's, milliseconds. */
  readonly cpuMs: number;
  readonly memoryMiB: number;
}

/** Run by the child before anything else: says at its end what it took. */
const probe = `data:text/javascript,import process from "node:process"; process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write("\\nCOST " + JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, memoryMiB: maxRSS / 1024 }));
})`;

/** The cheapest of three: a busy machine makes things dearer, never cheaper. */
function costOf(argv: readonly string[], cache: string): Cost {
  const costs = [1, 2, 3].map((): Cost => {
    const run = spawnSync(process.execPath, ["--import", probe, join(root, "src/main.ts"), ...argv], {
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
      encoding: "utf8",
    });
    strictEqual(run.status, 0, run.stderr);
    return JSON.parse(run.stderr.slice(run.stderr.lastIndexOf("COST ") + 5)) as Cost;
  });
  return {
    cpuMs: Math.min(...costs.map(({ cpuMs }) => cpuMs)),
    memoryMiB: Math.min(...costs.map(({ memoryMiB }) => memoryMiB)),
  };
}

/** With nothing compiled before, which is dearer, and from the second time on. */
const bars = [
  { argv: ["--help"], cpuMs: 300, memoryMiB: 80 },
  { argv: ["validate", order], cpuMs: 600, memoryMiB: 130 },
] as const;
for (const { argv, cpuMs, memoryMiB } of bars) {
  test(`weft ${argv[0]} costs less than ${cpuMs} ms and ${memoryMiB} MiB`, { skip: isDeno }, (t) => {
    const cache = mkdtempSync(join(tmpdir(), "weft-compiled-"));
    try {
      const cost = costOf(argv, cache);
      t.diagnostic(`${cost.cpuMs.toFixed(0)} ms, ${cost.memoryMiB.toFixed(1)} MiB`);
      ok(cost.cpuMs <= cpuMs, `${cost.cpuMs} ms of processor time`);
      ok(cost.memoryMiB <= memoryMiB, `${cost.memoryMiB} MiB`);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });
}
