#!/usr/bin/env node
/**
 * `node scripts/conformance.ts`: plays recorded cases of AWS Step Functions against this Weft, and says how many of them it answers as
 * AWS does.
 *
 *     WEFT_CONFORMANCE=DIR node scripts/conformance.ts [--as-recorded] [options of the player]
 *
 * DIR holds `cases.json` and `run.mjs`, their player, which are not part of this repository. What is wrong with a recording is put right
 * before (`scripts/conformance/amendments.ts`), and each such case is named with its reason; `--as-recorded` plays them as they are.
 * The status is 1 while a bar is missed: 99.5, 96 and 96 % of the cases at the three levels, all of those that need nothing beside the
 * engine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { amendedCases, amendments, type RecordedCase } from "./conformance/amendments.ts";
import { figuresOf, type PlayedCase } from "./conformance/figures.ts";
import { root } from "./test_run.ts";

const SCALE = "0.05";
const ACCOUNT = "111111111111";

const folder = process.env["WEFT_CONFORMANCE"];
if (folder === undefined) {
  process.stderr.write("Set WEFT_CONFORMANCE to the folder of the recorded cases and their player\n");
  process.exit(2);
}
const asRecorded = process.argv.includes("--as-recorded");
const options = process.argv.slice(2).filter((option) => option !== "--as-recorded");
const place = await mkdtemp(join(tmpdir(), "weft-conformance-"));
try {
  process.exitCode = await play(folder, place);
} finally {
  await rm(place, { recursive: true, force: true });
}

async function play(recordings: string, place: string): Promise<number> {
  const recorded: RecordedCase[] = JSON.parse(await readFile(join(recordings, "cases.json"), "utf8"));
  const { cases, found } = asRecorded ? { cases: recorded, found: [] } : amendedCases(recorded);
  const casesFile = join(place, "cases.json");
  await writeFile(casesFile, JSON.stringify(cases));
  const [port, lambdaPort] = [await freePort(), await freePort()];
  const objects = join(place, "objects");
  const engine = spawn(
    process.execPath,
    ["src/main.ts", "dev", "--port", String(port), "--store", join(place, "store"), "--time-scale", SCALE, "--json"],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, LAMBDA_ENDPOINT: `http://127.0.0.1:${lambdaPort}`, WEFT_OBJECTS: objects },
    },
  );
  try {
    await once(engine.stdout, "data");
    const results = join(place, "results.jsonl");
    const failures = join(place, "failures.jsonl");
    const player = spawn(
      process.execPath,
      [
        ...[join(recordings, "run.mjs"), "--modules", root, "--cases", casesFile, "--time-scale", SCALE],
        ...["--endpoint", `http://127.0.0.1:${port}`, "--lambda-port", String(lambdaPort)],
        ...["--results", results, "--failures", failures, ...options],
      ],
      {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, OBJECTS: objects, AWS_ACCESS_KEY_ID: ACCOUNT, AWS_SECRET_ACCESS_KEY: "x" },
      },
    );
    await once(player, "exit");
    for (const [index, { recorded, reason }] of amendments.entries()) {
      const ids = found[index] ?? [];
      if (ids.length > 0) process.stdout.write(`${recorded}: ${reason}\n${ids.map((id) => `  ${id}\n`).join("")}`);
    }
    const { lines, isMet } = figuresOf(linesOf<PlayedCase>(await readFile(results, "utf8")));
    for (const { id, level, path, expected, got } of linesOf<Failure>(await readFile(failures, "utf8"))) {
      process.stdout.write(`level ${level} not passed: ${id}\n  ${path}: expected ${expected}, got ${got}\n`);
    }
    process.stdout.write(`${lines.join("\n")}\n`);
    return isMet ? 0 : 1;
  } finally {
    await stopped(engine);
  }
}

interface Failure {
  readonly id: string;
  readonly level: number;
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

function linesOf<T>(text: string): T[] {
  return text.split("\n").filter((line) => line !== "").map((line): T => JSON.parse(line));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function stopped(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null) return;
  const exit = once(engine, "exit");
  engine.kill();
  await exit;
}
