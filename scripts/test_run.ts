/** Runs tests on one runtime and counts them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** The project's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** What a run came to. */
export interface TestRun {
  readonly title: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Files that took longest, such as `tests/process/log/sqlite_log_test.ts 12 s`. */
  readonly slowest: readonly string[];
}

/** A program of the project's own dependencies. */
export function programPath(name: "node" | "deno" | "tsc"): string {
  return join(root, "node_modules", ".bin", name);
}

const SLOW_SECONDS = 3;
const SLOW_FILES_SHOWN = 8;
const TEST_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 1_200_000;

/**
 * Runs a program and shows what it says; resolves to its exit status, 1 where a signal or the time limit ended it.
 * Deno's dots, one a line where there is no terminal, are put side by side.
 */
export async function runProgram(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: RUN_TIMEOUT_MS,
    killSignal: "SIGKILL",
    // Each test file is a process of its own, and most load the whole engine: what Node compiled is read from here the next time.
    env: { NODE_COMPILE_CACHE: join(root, ".cache", "node"), ...process.env },
  });
  const ended = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(stripVTControlCharacters(line) === "." ? "." : `${line}\n`);
  }
  const [status] = await ended;
  return status ?? 1;
}

/** Runs these test files under Node, each in a process of its own. */
export function runOnNode(files: readonly string[]): Promise<TestRun> {
  return runCounted("Node", files, (report) => [programPath("node"), [
    "--test",
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    `--test-concurrency=${availableParallelism()}`,
    "--test-reporter=dot",
    "--test-reporter-destination=stdout",
    "--test-reporter=junit",
    `--test-reporter-destination=${report}`,
    ...files,
  ]]);
}

/** Runs these test files under Deno. */
export function runOnDeno(title: string, files: readonly string[], permissions: readonly string[]): Promise<TestRun> {
  return runCounted(title, files, (report) => [
    programPath("deno"),
    [
      "test",
      ...permissions,
      "--no-check",
      "--no-prompt",
      "--parallel",
      "--reporter=dot",
      `--junit-path=${report}`,
      ...files,
    ],
  ]);
}

/** Runs the examples in the product's doc comments; those of the sdk ask the server at `WEFT_NATS_URL`, and are left out where there is none. */
export function runDocExamples(): Promise<TestRun> {
  const ignored = process.env.WEFT_NATS_URL === undefined ? ["--ignore=src/sdk"] : [];
  return runOnDeno("Doc examples", ["src", "actors"], ["-A", "--doc", ...ignored]);
}

async function runCounted(
  title: string,
  files: readonly string[],
  command: (report: string) => [program: string, args: readonly string[]],
): Promise<TestRun> {
  if (files.length === 0) return { title, passed: 0, failed: 0, skipped: 0, seconds: 0, slowest: [] };
  const folder = await mkdtemp(join(tmpdir(), "weft-tests-"));
  try {
    const report = join(folder, "report.xml");
    process.stdout.write(`\n${title}\n`);
    const startedAt = performance.now();
    const status = await runProgram(...command(report));
    const seconds = (performance.now() - startedAt) / 1000;
    const cases = (await readFile(report, "utf8").catch(() => "")).split("<testcase").slice(1);
    const counts = countCases(cases);
    const isUnexplained = counts.failed === 0 && (status !== 0 || counts.passed === 0);
    if (isUnexplained) {
      process.stdout.write(`${title}: ended with status ${status} and ${counts.passed} passed tests\n`);
    }
    return { title, ...counts, failed: counts.failed + (isUnexplained ? 1 : 0), seconds, slowest: slowestFiles(cases) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param cases what follows each `<testcase` of a JUnit report */
function countCases(cases: readonly string[]): Pick<TestRun, "passed" | "failed" | "skipped"> {
  const failed = cases.filter((text) => /<(failure|error)\b/.test(text)).length;
  const skipped = cases.filter((text) => /<skipped\b/.test(text)).length;
  return { passed: cases.length - failed - skipped, failed, skipped };
}

function slowestFiles(cases: readonly string[]): readonly string[] {
  const seconds = new Map<string, number>();
  for (const text of cases) {
    const [, file = ""] = /(?:file|classname)="[^"]*?(tests\/[^"]*_test\.ts)/.exec(text) ?? [];
    const [, time = "0"] = /\stime="([\d.]+)"/.exec(text) ?? [];
    seconds.set(file, (seconds.get(file) ?? 0) + Number(time));
  }
  const slow = [...seconds].filter(([file, time]) => file !== "" && time >= SLOW_SECONDS).sort(([, a], [, b]) => b - a);
  return slow.slice(0, SLOW_FILES_SHOWN).map(([file, time]) => `${file} ${time.toFixed(0)} s`);
}

/** Prints each run, then the sum as the last line: `N passed, N failed`. Returns the exit status. */
export function summarize(runs: readonly TestRun[]): number {
  process.stdout.write("\n");
  for (const { title, passed, failed, skipped, seconds, slowest } of runs) {
    process.stdout.write(
      `${title.padEnd(30)} ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds.toFixed(0)} s\n`,
    );
    for (const file of slowest) process.stdout.write(`  ${file}\n`);
  }
  const sum = (count: (run: TestRun) => number): number => runs.reduce((total, run) => total + count(run), 0);
  process.stdout.write(`${sum((run) => run.passed)} passed, ${sum((run) => run.failed)} failed\n`);
  return sum((run) => run.failed) === 0 && sum((run) => run.passed) > 0 ? 0 : 1;
}
