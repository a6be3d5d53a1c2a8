/** The workloads W1 to W7. Each gives what its line of JSON says beside the machine's figures. */
import { performance } from "node:perf_hooks";
import type { Json } from "../../src/values/mod.ts";
import { ECHO } from "./bench_home.ts";
import { populations } from "./populations.ts";
import { closedLoop, expectEqual, oneTask, readRss, round, runEach, waiting, type Workload } from "./workload.ts";

const MAP_ITEMS = 100;
const CHILDREN = 10_000;
const CHAIN_STATES = 100;

const task = (next?: string) => ({
  Type: "Task",
  Resource: ECHO,
  ...(next === undefined ? { End: true } : { Next: next }),
});

const tenTasks: Json = {
  StartAt: "T1",
  States: Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [`T${i + 1}`, task(i < 9 ? `T${i + 2}` : undefined)]),
  ),
};
const mapTask: Json = {
  StartAt: "Each",
  States: { Each: { Type: "Map", ItemProcessor: { StartAt: "T1", States: { T1: task() } }, End: true } },
};
/** Every item an execution of its own, which does nothing. */
const distributed: Json = {
  StartAt: "Each",
  States: {
    Each: {
      Type: "Map",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Keep",
        States: { Keep: { Type: "Pass", End: true } },
      },
      End: true,
    },
  },
};

/** Pass and Choice by turns, each with an expression that reads and one that decides. */
const chain: Json = {
  QueryLanguage: "JSONata",
  StartAt: "S0",
  States: Object.fromEntries(Array.from({ length: CHAIN_STATES }, (_, i) => {
    const last = i === CHAIN_STATES - 1;
    if (i % 2 === 1 && !last) {
      return [`S${i}`, {
        Type: "Choice",
        Choices: [{ Condition: "{% $states.input.n < 0 %}", Next: "S0" }],
        Default: `S${i + 1}`,
      }];
    }
    const output = { n: "{% $states.input.n + 1 %}", from: `S${i}` };
    return [`S${i}`, { Type: "Pass", Output: output, ...(last ? { End: true } : { Next: `S${i + 1}` }) }];
  })),
};

export const workloads: Readonly<Record<string, Workload>> = {
  W1: async (home, options) => {
    await home.put("w1", oneTask);
    return { ...await runEach(home, "w1", options, (n) => ({ n })), more: {} };
  },
  W2: async (home, options) => {
    await home.put("w2", tenTasks);
    return { ...await runEach(home, "w2", options, (n) => ({ n })), more: {} };
  },
  W3: async (home, { n }) => {
    await home.put("w3", mapTask);
    const input = Array.from({ length: MAP_ITEMS }, (_, i) => ({ i }));
    const measured = await runEach(home, "w3", { concurrency: 1, n }, () => input);
    return { ...measured, more: { itemsPerSec: Math.round(measured.execPerSec * MAP_ITEMS) } };
  },
  W4: async (home, { concurrency, n }) => {
    await home.put("w4", waiting);
    await home.put("w1", oneTask);
    const rssBefore = readRss(home);
    const started = await closedLoop(home, { concurrency, n }, async (i) => {
      await home.start("w4", { i });
    });
    const beside = await runEach(home, "w1", { concurrency: 32, n: 5_000 }, (i) => ({ i }));
    return {
      ...started,
      rssMB: readRss(home),
      more: {
        startSeconds: round(started.seconds),
        w1PerSecBeside: beside.execPerSec,
        engineRssBefore: rssBefore["engine"] ?? 0,
      },
    };
  },
  W5: async (home, options) => {
    await home.put("w5", chain);
    const measured = await closedLoop(home, options, async (i) => {
      const ended = await home.run("w5", { n: i });
      expectEqual(ended.status, "Succeeded", ended.executionId);
    });
    return { ...measured, more: { transitionsPerSec: Math.round(measured.n / measured.seconds * CHAIN_STATES) } };
  },
  W6: async (home, { concurrency, n }) => {
    await home.put("w4", waiting);
    await home.put("w1", oneTask);
    await closedLoop(home, { concurrency, n: 10_000 }, async (i) => {
      await home.start("w4", { i });
    });
    const filled = await closedLoop(home, { concurrency, n }, async (i) => {
      await home.run("w1", { i });
    });
    const stopped = performance.now();
    await home.restartEngine();
    await home.run("w1", { after: "restart" });
    return { ...filled, more: { restartSeconds: round((performance.now() - stopped) / 1_000) } };
  },
  W7: async (home, { n }) => {
    await home.put("w7", distributed);
    const input = Array.from({ length: CHILDREN }, (_, i) => i);
    const measured = await closedLoop(home, { concurrency: 1, n }, async () => {
      const ended = await home.run("w7", input);
      expectEqual([ended.status, ended.output], ["Succeeded", input], ended.executionId);
    });
    return { ...measured, more: { childrenPerSec: Math.round(measured.n / measured.seconds * CHILDREN) } };
  },
  ...populations,
};
