/** `npm test [-- tests/log …]`: every test on both runtimes, over a real nats-server. */
import process from "node:process";
import { natsServerPath } from "./nats_server.ts";
import { testFiles } from "./test_files.ts";
import { pureFolders, runDocExamples, runOnDeno, runOnNode, summarize } from "./test_run.ts";

const prefixes = process.argv.slice(2);
const files = await testFiles(prefixes);
const isPure = (file: string): boolean => pureFolders.some((folder) => file.startsWith(folder));
process.env.NATS_SERVER = await natsServerPath();
process.exitCode = summarize([
  await runOnNode(files),
  await runOnDeno("Deno without permissions", files.filter(isPure), []),
  await runOnDeno("Deno", files.filter((file) => !isPure(file)), ["-A"]),
  ...(prefixes.length === 0 ? [await runDocExamples()] : []),
]);
