/**
 * Goal: the first workers in other languages, as docs/first_worker_*.md show them, are workers.
 * Method: each does tasks of one execution after the other, one that fails among them, and takes over what another has left behind.
 */
import { deepStrictEqual } from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { buildGo } from "../../../scripts/go_toolchain.ts";
import { root } from "../../../scripts/test_run.ts";
import { openNatsHome } from "../../../src/homes/mod.ts";
import { WeftClient } from "../../../src/sdk/mod.ts";
import type { Json } from "../../../src/values/mod.ts";
import { startNatsServer } from "../../support/nats_server.ts";

const WORKERS = join(root, "examples", "workers");
const onDeno = "Deno" in globalThis ? "programs of other languages run once, in the run on Node" : false;
const noPython = await promisify(execFile)("python3", ["--version"]).then(
  () => false as const,
  () => "there is no python3",
);
const noApt = await promisify(execFile)("apt-get", ["--version"]).then(
  () => false as const,
  () => "there is no apt-get",
);

describe("first workers", { skip: onDeno }, () => {
  let server: Awaited<ReturnType<typeof startNatsServer>>;
  let home: Awaited<ReturnType<typeof openNatsHome>>;
  let client: WeftClient;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "weft-workers-"));
    server = await startNatsServer();
    home = await openNatsHome({ url: server.url, version: "0.0.0" });
    client = await WeftClient.connect({ servers: server.url });
    await client.putWorkflow({ name: "greet", definition: await readFile(join(WORKERS, "greet.asl.json"), "utf8") });
  });
  after(async () => {
    await client?.close();
    await home?.close();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  test("the one in Python does its tasks", { skip: noPython }, async () => {
    await worksAs("python3", [join(WORKERS, "python", "worker.py")]);
  });

  test("the one in Go does its tasks", { skip: noApt }, async () => {
    const program = join(folder, "worker");
    await buildGo(join(WORKERS, "go", "worker.go"), program);
    await worksAs(program, []);
  });

  async function worksAs(program: string, args: readonly string[]): Promise<void> {
    const waiting = await outcomeOf({ name: "Ada" }); // there before the worker is
    const child = spawn(program, args, {
      env: { ...process.env, NATS_URL: server.url },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "close");
    const isUp = Promise.withResolvers<void>();
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said += `${line}\n`;
        if (line.includes("Working on greet")) isUp.resolve();
      });
    }
    void ended.then(() => isUp.reject(new Error(`It ended: ${said}`)));
    try {
      await isUp.promise;
      deepStrictEqual(await waiting.output(), { greeting: "Hello, Ada" });
      deepStrictEqual(await (await outcomeOf({ name: "Grace \u{1F6A2}" })).output(), {
        greeting: "Hello, Grace \u{1F6A2}",
      });
      deepStrictEqual(await (await outcomeOf({})).output(), "Nobody was greeted");
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  }

  /** An execution, which ends when a worker has done its task. */
  async function outcomeOf(input: Json) {
    const { executionId } = await client.start({ workflow: "greet", input });
    return { output: async () => (await client.waitFor(executionId)).output };
  }
});
