/**
 * Goal: the first command of the README's server, and the server of `compose.yaml`, start as they are written.
 * Method: both are read out of the documents, and a real nats-server is started with them on a free port.
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Effect } from "effect";
import { connect } from "../../../src/nats/mod.ts";
import { startNatsServerAsTyped } from "../../support/nats_server.ts";

const root = new URL("../../../", import.meta.url);

async function inTemporaryFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "weft-readme-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fails unless a server starts with these arguments and has a JetStream that is fit for Weft. */
async function isFit(args: readonly string[], folder: string): Promise<void> {
  const server = await startNatsServerAsTyped(args, folder);
  try {
    await Effect.runPromise(Effect.scoped(connect({ servers: [server.url], name: "readme" })));
  } finally {
    await server.stop();
  }
}

test("README.md's nats-server starts as it is written, and keeps its store where .gitignore has it", async () => {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const [, args = ""] = /^nats-server (.*?)\s*(#.*)?$/m.exec(readme) ?? [];
  deepStrictEqual(args, "--config examples/nats.conf");
  await inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, "examples"));
    await copyFile(new URL("examples/nats.conf", root), join(folder, "examples", "nats.conf"));
    await isFit(args.split(" "), folder);
    ok((await readdir(join(folder, ".weft", "nats"))).length > 0);
  });
});

test("compose.yaml's nats-server starts with the configuration that stands there", async () => {
  const compose = await readFile(new URL("compose.yaml", root), "utf8");
  const [, indented = ""] = /^ {4}content: \|\n((?: {6}.*\n)+)/m.exec(compose) ?? [];
  await inTemporaryFolder(async (folder) => {
    const text = indented.replaceAll(/^ {6}/gm, "").replace("/data", join(folder, "data"))
      .replace("http: 8222", "http: -1");
    await writeFile(join(folder, "weft.conf"), text);
    await isFit(["--config", "weft.conf"], folder);
  });
});
