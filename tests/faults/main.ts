/** `npm run faults -- --minutes 10 --seed 7`: a cluster of processes under faults drawn from the seed; a line of JSON on stdout. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type WorkloadName, workloadNames } from "./load/workloads.ts";
import { faultNames } from "./nemesis/faults.ts";
import { type Act, type FaultRunOptions, isGood, runFaults } from "./run_faults.ts";
import { compareCores } from "./scenarios/cores.ts";
import { scenarios } from "./scenarios/mod.ts";
import type { Figures } from "./scenarios/scenario.ts";

const usage = `usage: npm run faults -- [--minutes N] [--seed S] [--engines N] [--servers N] …

  --minutes N        of load and faults (1)
  --seed S           what they are drawn from (of now)
  --engines N        (3)
  --servers N        nats-servers, 1 or 3 (3)
  --workers N        (3)
  --partitions N     (8)
  --rate N           starts a second (30)
  --pace SECONDS     between two faults, on average (4)
  --faults NAMES     with commas; "none"; or what to leave out: "-killServer,-stopServer"
                     ${faultNames.join(", ")}
  --workloads NAMES  with commas: ${workloadNames.join(", ")}
  --no-proxies       engines reach the servers themselves; none can be cut off
  --engine "ARGS"    more arguments for weft serve
  --scenario NAME    one thing, measured against its bar, instead of faults from the seed:
                     ${
  Object.entries(scenarios).map(([name, { what }]) => `${name}: ${what}`).join("\n                     ")
}
                     cores: executions a second of --engines N against those of one, W1 with 256 callers
  --rounds N         how often it happens (3)
  --keep DIR         folder that keeps logs and stores; else it is removed unless something is wrong`;

function wrongUse(reason: string): never {
  console.error(`${reason}\n${usage}`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        minutes: { type: "string", default: "1" },
        seed: { type: "string", default: String(Date.now() % 1_000_000) },
        engines: { type: "string", default: "3" },
        servers: { type: "string", default: "3" },
        workers: { type: "string", default: "3" },
        partitions: { type: "string", default: "8" },
        rate: { type: "string", default: "30" },
        pace: { type: "string", default: "4" },
        faults: { type: "string" },
        workloads: { type: "string" },
        "no-proxies": { type: "boolean", default: false },
        engine: { type: "string", default: "" },
        scenario: { type: "string" },
        rounds: { type: "string", default: "3" },
        keep: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (failure) {
    return wrongUse(failure instanceof Error ? failure.message : String(failure));
  }
}

const options = readOptions();
if (options.help) {
  console.log(usage);
  process.exit(0);
}

/** A number above 0 of an option. */
function numberOf(
  name: "minutes" | "seed" | "engines" | "servers" | "workers" | "partitions" | "rate" | "pace" | "rounds",
): number {
  const value = Number(options[name]);
  const isWhole = name === "minutes" || name === "pace" || Number.isInteger(value);
  return value > 0 && isWhole
    ? value
    : wrongUse(`Expected --${name} to be a number above 0, but got "${options[name]}"`);
}

function namesOf<T extends string>(text: string | undefined, all: readonly T[]): readonly T[] {
  if (text === undefined) return all;
  if (text === "none") return [];
  const given = text.split(",");
  const isLeftOut = given.every((name) => name.startsWith("-"));
  const names = given.map((name) => {
    const bare = isLeftOut ? name.slice(1) : name;
    return all.find((one) => one === bare) ?? wrongUse(`There is no "${bare}"`);
  });
  return isLeftOut ? all.filter((name) => !names.includes(name)) : names;
}

const folder = options.keep ?? mkdtempSync(join(tmpdir(), "weft-faults-"));
const runOptions: FaultRunOptions = {
  seed: numberOf("seed"),
  seconds: numberOf("minutes") * 60,
  engines: numberOf("engines"),
  servers: numberOf("servers"),
  workers: numberOf("workers"),
  partitions: numberOf("partitions"),
  ratePerSecond: numberOf("rate"),
  paceMs: numberOf("pace") * 1_000,
  faultNames: namesOf(options.faults, faultNames),
  workloadNames: namesOf<WorkloadName>(options.workloads, workloadNames),
  hasProxies: !options["no-proxies"],
  engineArguments: options.engine.split(" ").filter((argument) => argument !== ""),
  folder,
  tell: (text) => console.error(text),
};

/** The run's line, a scenario's figures before it; true when all is well. */
async function runScenario(name: string): Promise<boolean> {
  if (name === "cores") {
    const figures = await compareCores(runOptions);
    console.log(JSON.stringify({ scenario: name, figures }));
    return areMet(figures);
  }
  const scenario = scenarios[name] ?? wrongUse(`There is no scenario "${name}"`);
  let figures: Figures = {};
  const act: Act = async (stage) => {
    figures = await scenario.act(stage, numberOf("rounds"));
  };
  const summary = await runFaults({ ...runOptions, ...scenario.options }, act);
  console.log(JSON.stringify({ scenario: name, figures, ...summary }));
  return isGood(summary) && areMet(figures);
}

function areMet(figures: Figures): boolean {
  return Object.values(figures).every(({ isMet }) => isMet);
}

async function runAll(): Promise<boolean> {
  const summary = await runFaults(runOptions);
  console.log(JSON.stringify(summary));
  return isGood(summary);
}

const isWell = await (options.scenario === undefined ? runAll() : runScenario(options.scenario));
if (!isWell) {
  console.error(`Something is wrong, or a bar is not met; logs, violations and histories are in ${folder}`);
  process.exitCode = 1;
} else if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
