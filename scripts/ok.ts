/**
 * `npm run ok`: what can be checked without a server, in little more than a minute on two cores. Goes on after a failure, to show them all.
 *
 * Random tests make fewer cases than in `npm test`, and always the same. The linter runs in `tests/architecture/tidy_test.ts`.
 */
import process from "node:process";
import { testFiles, testKindOf } from "./test_files.ts";
import { programPath, runDocExamples, runOnDeno, runOnNode, runProgram, summarize } from "./test_run.ts";

const fewCases = { WEFT_FEW_CASES: "1", WEFT_FUZZ_SECONDS: "3", WEFT_FUZZ_SEED: "1" };
for (const [name, value] of Object.entries(fewCases)) process.env[name] ??= value;
const checks = [
  ["format", programPath("deno"), ["fmt", "--check", "--quiet"]],
  ["types", programPath("tsc"), ["-p", "."]],
] as const;

let status = 0;
for (const [name, program, args] of checks) {
  const startedAt = performance.now();
  const isGood = await runProgram(program, args) === 0;
  process.stdout.write(`${isGood ? "✔" : "✖"} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`);
  if (!isGood) status = 1;
}
const files = await testFiles();
const testStatus = summarize([
  await runOnDeno("Deno without permissions", files.filter((file) => testKindOf(file).isPure), []),
  await runDocExamples(),
  await runOnNode(files.filter((file) => {
    const { isPure, needsServer } = testKindOf(file);
    return !isPure && !needsServer && !file.startsWith("tests/process/");
  })),
]);
process.exitCode = status || testStatus;
