/** `npm test [-- tests/system/log …]`: every test on both runtimes, over a real nats-server. */
import process from "node:process";
import { openNatsHome } from "../src/homes/mod.ts";
import { startNatsServer } from "../tests/support/nats_server.ts";
import { natsServerPath } from "./nats_server.ts";
import { testFiles, type TestKind, testKindOf } from "./test_files.ts";
import { runDocExamples, runOnDeno, runOnNode, summarize, type TestRun } from "./test_run.ts";

const prefixes = process.argv.slice(2);
const files = await testFiles(prefixes);
process.env.NATS_SERVER = await natsServerPath();
process.exitCode = summarize([
  await runOnNode(files),
  await runOnDeno("Deno without permissions", files.filter((file) => testKindOf(file).isPure), []),
  await runOnDeno("Deno", files.filter((file) => isForDeno(testKindOf(file))), ["-A"]),
  ...(prefixes.length === 0 ? [await runDocExamplesOnServer()] : []),
]);

function isForDeno({ isPure, needsBrowser }: TestKind): boolean {
  return !isPure && needsBrowser !== true;
}

/** The sdk's examples speak to a whole Weft. */
async function runDocExamplesOnServer(): Promise<TestRun> {
  const server = await startNatsServer();
  const home = await openNatsHome({ url: server.url, version: "0.0.0" });
  try {
    process.env.WEFT_NATS_URL = server.url;
    return await runDocExamples();
  } finally {
    delete process.env.WEFT_NATS_URL;
    await home.close();
    await server.stop();
  }
}
