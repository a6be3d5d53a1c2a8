import { ok, strictEqual } from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openNatsHome } from "../../../../src/homes/mod.ts";
import { startNatsServer } from "../../../support/nats_server.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const textOf = (path: string): Promise<string> => readFile(join(root, path), "utf8");

/** Runs a JavaScript file of the repository with the runtime that runs the tests, and gives what it prints. */
async function run(file: string, environment: Record<string, string>): Promise<string> {
  const flags = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, file], {
    env: { ...process.env, ...environment },
    timeout: 30_000,
  });
  return stdout;
}

test("the example of docs/protocol.md runs as it stands, against a real engine", async (t) => {
  const example = /```js runnable\n([\s\S]*?)```/.exec(await textOf("docs/protocol.md"))?.[1] ?? "";
  ok(example.split("\n").length < 60, "short enough to be read");
  const server = await startNatsServer();
  t.after(() => server.stop());
  const home = await openNatsHome({ url: server.url, version: "0.0.0", partitions: 2 });
  await mkdir(join(root, ".cache"), { recursive: true });
  const folder = await mkdtemp(join(root, ".cache", "protocol-"));
  try {
    const file = join(folder, "example.js"); // inside the repository, so that its packages are found
    await writeFile(file, example);
    strictEqual(await run(file, { NATS_URL: server.url }), 'Succeeded {"charged":1250}\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
    await home.close();
  }
});
