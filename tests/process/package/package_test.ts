/**
 * Goal: who installs the package, on any runtime that we name, can use all of it, and gets nothing besides.
 * Method: the tarball is built once, put on a registry of its own on the loopback interface, installed once by npm, and used from there by each runtime.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { makeJsrPackage } from "../../../scripts/jsr.ts";
import { nodePath } from "../../../scripts/node_versions.ts";
import { programPath, root } from "../../../scripts/test_run.ts";
import { consumerFiles } from "../../support/package/consumer_files.ts";
import {
  makeFolder,
  pack,
  type Packed,
  removeFolders,
  runIn,
  type Said,
  startRegistry,
  withDist,
} from "../../support/package/packed.ts";

const UNPACKED_BYTES_MAX = 3_000_000;
const INSTALLED_BYTES_MAX = 40_000_000;
const INSTALL_SECONDS_MAX = 20;
const OLDEST_NODE = "22.19.0";
const TOO_OLD_NODE = "20.19.5";
const PROGRAM = "node_modules/@weft-dev/weft/dist/main.js";
const skip = "Deno" in globalThis ? "the package is made and used once, by the run on Node, under all runtimes" : false;

describe("the package", { skip }, () => {
  const folders: string[] = [];
  let packed: Packed;
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  let folder: string;
  let installSeconds: number;

  before(async () => {
    const tarballs = await makeFolder();
    folder = await makeFolder(consumerFiles);
    folders.push(tarballs, folder);
    packed = await pack(tarballs);
    registry = await startRegistry(packed);
    const startedMs = performance.now();
    succeeded(await npm(["install", "--no-audit", "--no-fund", packed.name]));
    installSeconds = (performance.now() - startedMs) / 1_000;
  });
  after(async () => {
    await registry?.stop();
    await removeFolders(folders);
  });

  /** npm in the folder that it is installed in; it knows our registry alone. */
  function npm(args: readonly string[]): Promise<Said> {
    return runIn(folder, "npm", args, {
      npm_config_registry: registry.address,
      npm_config_cache: join(folder, ".npm"),
    });
  }

  test("is small, and alone", async () => {
    ok(packed.unpackedSize <= UNPACKED_BYTES_MAX, `It has ${packed.unpackedSize} bytes`);
    ok(installSeconds <= INSTALL_SECONDS_MAX, `It took ${installSeconds} s`);
    deepStrictEqual((await readdir(join(folder, "node_modules"))).filter((name) => !name.startsWith(".")), [
      "@weft-dev",
    ]);
    ok(await bytesIn(join(folder, "node_modules")) <= INSTALLED_BYTES_MAX);
  });

  test("has nothing of the repository but what is used, and no path of the machine that made it", async () => {
    const strange = packed.files.filter((path) =>
      !/^(dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path)
    );
    deepStrictEqual(strange, []);
    for (const path of packed.files) {
      if (/\.(gz|wasm)$/.test(path)) continue;
      const text = await readFile(join(folder, "node_modules", packed.name, path), "utf8");
      for (const leak of [root, `${homedir()}/`]) ok(!text.includes(leak), `${path} has "${leak}" in it`);
    }
  });

  test("has an entry for each export, with types", async () => {
    const { exports, bin }: {
      readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
      readonly bin: Readonly<Record<string, string>>;
    } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const paths = [
      ...Object.values(exports).flatMap((it) => typeof it === "string" ? [it] : Object.values(it)),
      ...Object.values(bin),
    ];
    deepStrictEqual(paths.map((path) => path.replace(/^\.\//, "")).filter((path) => !packed.files.includes(path)), []);
  });

  test("passes the strict compiler of whoever uses it", async () => {
    const allowing = ["-p", ".", "--allowImportingTsExtensions"];
    succeeded(await runIn(folder, programPath("tsc"), allowing));
  });

  for (const [runtime, version] of [["Node", OLDEST_NODE], ["Node", "24"], ["Deno", "2"]] as const) {
    describe(`on ${runtime} ${version}`, () => {
      let program: string;
      let args: readonly string[] = [];

      before(async () => {
        if (version === OLDEST_NODE) program = await nodePath(version);
        else program = programPath(runtime === "Node" ? "node" : "deno");
        if (runtime === "Deno") args = ["run", "-A", "--no-check"];
      });

      const weft = (...words: readonly string[]) => runIn(folder, program, [...args, PROGRAM, ...words]);

      test("all exports do what they are for", async () => {
        strictEqual(succeeded(await runIn(folder, program, [...args, "use.ts"])).stdout, "all used\n");
      });

      test("weft version says which it is", async () => {
        const { version: told, runtime: on } = JSON.parse(succeeded(await weft("version", "--json")).stdout);
        deepStrictEqual([told, on], [packed.version, runtime]);
      });

      test("weft run runs a definition with handlers in TypeScript", async () => {
        const said = await weft(
          "run",
          "greet.asl.json",
          "--input",
          '"Ada"',
          "--handlers",
          "handlers.ts",
          "--store",
          `store-${version}`,
        );
        strictEqual(succeeded(said).stdout.trim(), '"Hello, Ada, from Greet"');
      });

      test("weft without a server says so, and not with a stack", async () => {
        const said = await weft("executions", "list", "--nats", "nats://127.0.0.1:1");
        strictEqual(said.status, 1);
        match(said.stderr, /Cannot/);
        ok(!/\n\s+at /.test(said.stderr), said.stderr);
      });
    });
  }

  test("npx weft finds the command", async () => {
    strictEqual(succeeded(await npm(["exec", "--", "weft", "--version"])).stdout.trim(), packed.version);
  });

  test("weft testing runs a definition's test under Deno too", async () => {
    const said = await runIn(folder, programPath("deno"), ["test", "-A", "--no-check", "--quiet", "testing_test.ts"]);
    match(succeeded(said).stdout, /1 passed/);
  });

  test("weft testing runs under vitest, and its coverage is a text and an lcov file", async () => {
    await symlink(join(root, "node_modules", "vitest"), join(folder, "node_modules", "vitest"));
    const args = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--dir", folder, "--root", folder];
    const said = await runIn(folder, programPath("node"), [...args, "--config", "vitest.config.mjs"]);
    match(succeeded(said).stdout, /states: 3 of 3\ntransitions: 2 of 3[^]*Tests +1 passed/);
    const lcov = await readFile(join(folder, "lcov.info"), "utf8");
    match(lcov, /^(TN:.*\n)?SF:order\.asl\.json\n[^]*\nBRF:3\nBRH:2\n[^]*end_of_record\n$/);
  });

  test("weft init makes a project whose test, start and types are right; a missing handler does not compile", async () => {
    succeeded(await npm(["exec", "--", "weft", "init", "project"]));
    const project = join(folder, "project");
    const node = dirname(await nodePath(OLDEST_NODE));
    const env = {
      npm_config_registry: registry.address,
      npm_config_cache: join(folder, ".npm"),
      PATH: `${node}${delimiter}${process.env["PATH"]}`,
    };
    const inProject = (...words: readonly string[]) => runIn(project, "npm", words, env);
    succeeded(await inProject("install", "--no-audit", "--no-fund"));
    match(succeeded(await inProject("test")).stdout, /pass 2\n/);
    const started = JSON.parse(succeeded(await inProject("run", "--silent", "start")).stdout);
    deepStrictEqual([started.ordered, started.cents], ["pen", 1_500]);
    const written = await readFile(join(project, "quote.asl.d.ts"), "utf8");
    succeeded(await inProject("run", "types"));
    strictEqual(await readFile(join(project, "quote.asl.d.ts"), "utf8"), written);
    succeeded(await runIn(project, programPath("tsc"), ["-p", "."]));
    const handlers = await readFile(join(project, "handlers.ts"), "utf8");
    await writeFile(join(project, "handlers.ts"), handlers.replace('"ask-quote":', '"ask-price":'));
    const refused = await runIn(project, programPath("tsc"), ["-p", "."]);
    ok(refused.status !== 0 && /ask-price|ask-quote/.test(refused.stdout), refused.stdout);
    // Where it is from a tarball, the project has it from there.
    await runIn(folder, "cp", [packed.tarball, "weft.tgz"]);
    succeeded(await npm(["exec", "--", "weft", "init", "below/other", "--package", "./weft.tgz"]));
    const { dependencies } = JSON.parse(await readFile(join(folder, "below", "other", "package.json"), "utf8"));
    deepStrictEqual(dependencies, { [packed.name]: "file:../../weft.tgz" });
    const again = await npm(["exec", "--", "weft", "init", "project"]);
    deepStrictEqual([again.status, await readFile(join(project, "handlers.ts"), "utf8") === handlers], [2, false]);
  });

  test("weft dev answers, and stops when it is told to", async () => {
    const { promise: isUp, resolve } = Promise.withResolvers<string>();
    const child = spawn(
      await nodePath(OLDEST_NODE),
      [PROGRAM, "dev", "--port", "0", "--json"],
      {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const ended = once(child, "close");
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
        if (address !== undefined) resolve(address);
      });
    }
    void ended.then(() => resolve(""));
    const address = await isUp;
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "x-amz-target": "AWSStepFunctions.ListStateMachines", "content-type": "application/x-amz-json-1.0" },
        body: "{}",
      });
      deepStrictEqual(await answer.json(), { stateMachines: [] });
      const page = await fetch(`${address}/console/`);
      match(`${page.status} ${await page.text()}`, /^200 .*<script/s);
      // Answers of TestState are held against shapes that lie beside the program.
      const definition =
        '{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Parameters":{"QueueUrl":"q","MessageBody":"m"},"End":true}';
      const tested = await fetch(address, {
        method: "POST",
        headers: { "x-amz-target": "AWSStepFunctions.TestState", "content-type": "application/x-amz-json-1.0" },
        body: JSON.stringify({ definition, input: "{}", mock: { result: '{"MessageId":7}' } }),
      });
      match(await tested.text(), /MessageId/);
      strictEqual(tested.status, 400);
    } finally {
      child.kill("SIGTERM");
    }
    const [status] = await ended;
    strictEqual(status, 0);
  });

  test("npm:@weft-dev/weft runs under Deno without an install", async () => {
    const empty = await makeFolder({ "program.ts": denoProgram });
    folders.push(empty);
    const env = { NPM_CONFIG_REGISTRY: registry.address, DENO_DIR: join(empty, ".deno") };
    const deno = (...words: readonly string[]) => runIn(empty, programPath("deno"), words, env);
    strictEqual(
      succeeded(await deno("run", "-A", `npm:${packed.name}@${packed.version}`, "--version")).stdout.trim(),
      packed.version,
    );
    strictEqual(succeeded(await deno("run", "-A", "program.ts")).stdout.trim(), "7");
  });

  test("JSR would take the libraries, without slow types, and they run from addresses", async () => {
    const jsr = await makeFolder();
    folders.push(jsr);
    await withDist(() => makeJsrPackage(jsr));
    const env = { DENO_DIR: join(jsr, ".deno") };
    const said = await runIn(jsr, programPath("deno"), ["publish", "--dry-run", "--allow-dirty"], env);
    match(succeeded(said).stderr, /Checking for slow types[^]*Dry run complete/);
    ok(!/slow-type|unsupported-javascript-entrypoint/.test(said.stderr), said.stderr);
    const served = createServer(({ url = "" }, response) => {
      response.setHeader("content-type", url.endsWith(".ts") ? "application/typescript" : "text/javascript");
      readFile(join(jsr, url)).then((bytes) => response.end(bytes), () => response.writeHead(404).end());
    }).listen(0, "127.0.0.1");
    await once(served, "listening");
    try {
      const address = `http://127.0.0.1:${(served.address() as AddressInfo).port}/mod.js`;
      await writeFile(join(jsr, "program.ts"), denoProgram.replace("npm:@weft-dev/weft", address));
      const ran = await runIn(jsr, programPath("deno"), ["run", "-A", "--check", "program.ts"], env);
      strictEqual(succeeded(ran).stdout.trim(), "7");
    } finally {
      served.close();
    }
  });

  test("an older Node is told which it must be", async () => {
    const said = await runIn(folder, await nodePath(TOO_OLD_NODE), [PROGRAM, "--version"]);
    strictEqual(said.status, 1);
    match(said.stderr, /^weft needs Node 22\.19\.0 or later .* but this is Node 20\.19\.5\n/);
    match(said.stderr, /npx --yes node@24 \S+\/node_modules\/@weft-dev\/weft\/dist\/main\.js/);
    ok(!/\n\s+at /.test(said.stderr), said.stderr);
  });
});

const denoProgram = `import { Executor } from "npm:@weft-dev/weft";
await using executor = new Executor({ StartAt: "A", States: { A: { Type: "Pass", End: true } } }, {});
await executor.run(7);
console.log((await executor.waitExecutionDone()).output);
`;

function succeeded(said: Said): Said {
  strictEqual(said.status, 0, `${said.stdout}\n${said.stderr}`);
  return said;
}

async function bytesIn(path: string): Promise<number> {
  const sizes = (await readdir(path, { recursive: true })).map(async (name) => (await stat(join(path, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
