/**
 * Goal: who follows docs/getting_started.md from an empty folder, with Node and npm alone, gets what it says.
 * Method: the package is made and put into a folder, and the document's blocks are run there line by line, what goes on in a terminal of its
 * own; a server that is started again is killed before. Ports are not as written, so that tests can run beside each other.
 */
import { match, ok, strictEqual } from "node:assert/strict";
import { copyFile, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { natsServerPath } from "../../../scripts/nats_server.ts";
import { nodePath } from "../../../scripts/node_versions.ts";
import { freePort } from "../../support/package/free_port.ts";
import { commandBlocks, Terminals } from "../../support/package/command_blocks.ts";
import { makeFolder, pack, removeFolders } from "../../support/package/packed.ts";

const skip = "Deno" in globalThis ? "the document is for Node; tests/process/package has Deno" : false;
const OLDEST_NODE = "22.19.0";

/** What goes on until it is stopped, and what it says when it is up. */
const goesOn: readonly (readonly [command: RegExp, ready: RegExp])[] = [
  [/^nats-server /, /Server is ready/],
  [/^npx weft serve /, /nats:\/\//],
  [/^npx weft dev /, /http:\/\//],
  [/^npx weft worker /, /Working on/],
];

describe("docs/getting_started.md", { skip }, () => {
  const folders: string[] = [];
  let terminals: Terminals;

  before(async () => {
    const folder = await makeFolder();
    folders.push(folder);
    const { tarball } = await pack(folder);
    const empty = await makeFolder();
    folders.push(empty);
    await copyFile(tarball, join(empty, basename(tarball)));
    const port = await freePort();
    const bin = await makeFolder();
    folders.push(bin);
    await symlink(await natsServerPath(), join(bin, "nats-server"));
    terminals = new Terminals(empty, { WEFT_NATS_URL: `nats://127.0.0.1:${port}`, NATS_PORT: String(port) }, [
      dirname(await nodePath(OLDEST_NODE)),
      bin,
    ]);
  });
  after(async () => {
    await terminals?.close();
    await removeFolders(folders);
  });

  test("each line does what the text says, and the execution outlives its server", async () => {
    const said = new Map<string, string>();
    const blocks = (await commandBlocks()).filter(({ name }) => name.startsWith("docs/getting_started.md"));
    ok(blocks.length >= 5);
    for (const command of blocks.flatMap(({ commands }) => commands)) {
      said.set(command, await follow(command));
    }
    const outputOf = (command: RegExp) => [...said].findLast(([line]) => command.test(line))?.[1] ?? "";
    match(outputOf(/^npm test/), /pass 2\n/);
    match(outputOf(/^npm start/), /\{"ordered":"pen","cents":1500,"number":"\w+"\}\n/);
    match(outputOf(/^npx weft run/), /\{"ordered":"pen"/);
    match(outputOf(/executions list/), /Running/);
    match(outputOf(/^npx weft start .* --wait/), /\{"ordered":"pen","cents":1500/);
  });

  /** What a command says that ends; what goes on is left running. */
  async function follow(written: string): Promise<string> {
    if (written.startsWith("cd ")) {
      terminals.enter(written.slice("cd ".length));
      return "";
    }
    const ready = goesOn.find(([pattern]) => pattern.test(written))?.[1];
    const command = written.replace(/^nats-server /, "nats-server --port $NATS_PORT ").replace(
      /^npx weft dev /,
      "npx weft dev --port 0 ",
    );
    if (ready === undefined) {
      const { status, said } = await terminals.run(command);
      strictEqual(status, 0, `${command}\n${said}`);
      return said;
    }
    await terminals.kill(command);
    await terminals.open(command, ready);
    return "";
  }
});
