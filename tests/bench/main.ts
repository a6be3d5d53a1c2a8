/** `npm run bench -- --workload W1 --home nats --sync always --concurrency 256 --n 10000`: a line of JSON on stdout. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { openBenchHome } from "./bench_home.ts";
import { loadAverage } from "./process_meter.ts";
import { workloads } from "./workloads.ts";

const usage = `usage: npm run bench -- [--workload ${Object.keys(workloads).join("|")}] [--home nats|embedded]
  [--sync always|default] [--concurrency N] [--n N] [--partitions N]
  [--nodes N] engines, each a process   [--standbys N] of each partition among them`;

/** How many, where nothing is said. */
const defaultN: Readonly<Record<string, number>> = {
  W1: 10_000,
  W2: 2_000,
  W3: 50,
  W4: 20_000,
  W5: 1_000,
  W6: 70_000,
  W7: 3,
  W8: 60_000,
  W9: 1_000_000,
  W10: 1_000_000,
};

function wrongUse(reason: string): never {
  console.error(`${reason}\n${usage}`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        workload: { type: "string", default: "W1" },
        home: { type: "string", default: "nats" },
        sync: { type: "string", default: "default" },
        concurrency: { type: "string", default: "256" },
        n: { type: "string" },
        partitions: { type: "string" },
        nodes: { type: "string", default: "1" },
        standbys: { type: "string" },
      },
    }).values;
  } catch (failure) {
    return wrongUse(failure instanceof Error ? failure.message : String(failure));
  }
}

function count(name: string, text: string): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0
    ? value
    : wrongUse(`Expected --${name} to be a whole number, but got "${text}"`);
}

const options = readOptions();
const { workload: name, home, sync } = options;
const workload = workloads[name] ?? wrongUse(`There is no workload "${name}"`);
if (home !== "nats" && home !== "embedded") wrongUse(`There is no home "${home}"`);
if (sync !== "always" && sync !== "default") wrongUse(`There is no sync "${sync}"`);
const concurrency = count("concurrency", options.concurrency);
const n = options.n === undefined ? defaultN[name] ?? 1_000 : count("n", options.n);
const partitions = options.partitions === undefined ? undefined : count("partitions", options.partitions);
const nodes = count("nodes", options.nodes);
const standbys = options.standbys === undefined ? undefined : Number(options.standbys);
if (home !== "nats" && nodes > 1) wrongUse("Several nodes need --home nats");

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const bench = await openBenchHome({ home, sync, partitions, nodes, standbys });
try {
  const { more, ...measured } = await workload(bench, { concurrency, n });
  const line = {
    engine: "weft",
    version,
    home,
    sync,
    workload: name,
    concurrency,
    nodes,
    ...measured,
    ...more,
    loadavg: loadAverage(),
  };
  console.log(JSON.stringify(line));
} finally {
  await bench.close();
}
