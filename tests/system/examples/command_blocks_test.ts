/**
 * Goal: every command that a document shows works as it is written.
 * Method: the blocks are read out of the documents and run in a copy of the checkout, line by line, what goes on in a terminal of its own.
 * Two things are not as written: ports, so that tests can run beside each other, and what stands for a reader's own (`ID`). A block that
 * cannot run here is listed with its reason, and its syntax is checked.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { natsServerPath } from "../../../scripts/nats_server.ts";
import { type CommandBlock, commandBlocks, makeCheckout, Terminals } from "../../support/package/command_blocks.ts";
import { freePort } from "../../support/package/free_port.ts";
import { startNatsServer } from "../../support/nats_server.ts";

/** By name: why the block is not run. */
const notRun: Readonly<Record<string, string>> = {
  "README.md: npm ci && npm start": "it installs; CI runs both lines, and npm start is run below",
  "README.md: npm pack": "tests/process/package/package_test.ts packs, installs, and tries what init makes",
  "README.md: npm run -s weft -- dev --store ./state":
    "the AWS CLI: tests/system/interfaces/http_api/aws_cli_test.ts has it",
  "docs/aws.md: weft dev": "fixed ports; tests/process/package/package_test.ts starts it on a free one",
  "docs/aws.md: export AWS_ENDPOINT_URL_SFN=http://127.0": "settings of the AWS CLI",
  "docs/aws.md: role=arn:aws:iam::123456789012:role/any":
    "the AWS CLI: tests/system/interfaces/http_api/aws_cli_test.ts has it",
  "docs/aws.md: while task=$(aws stepfunctions get-activ": "the AWS CLI, and a loop without an end",
  "docs/cli.md: weft import cdk.out/Shop.template.json":
    "a template of CDK's, and the AWS API on a fixed port: tests/unit/interfaces/cli/import_test.ts reads such",
  "docs/deployment.md: cp examples/deployment/weft.service /etc":
    "systemd, as root: tests/process/package/deployment_test.ts verifies the unit",
  "docs/deployment.md: docker compose up --build": "Docker",
  "docs/deployment.md: docker build -t weft .":
    "Docker and a Kubernetes cluster: deployment_test.ts checks the manifests",
  "docs/first_worker_go.md: weft serve --nats nats://127.0.0.1:4222":
    "Go: tests/system/examples/first_workers_test.ts builds and runs it",
  "docs/integrations.md: npm install @aws-sdk/client-dynamodb": "it installs an SDK and calls DynamoDB",
  "docs/integrations.md: aws stepfunctions start-execution --endp": "the AWS CLI",
};

/** What goes on until it is stopped, and what it says when it is up. */
const goesOn: readonly (readonly [command: RegExp, ready: RegExp])[] = [
  [/^nats-server /, /Server is ready/],
  [/^(weft|npm run -s weft --) serve /, /nats:\/\//],
  [/^(weft|npm run -s weft --) worker /, /Working on/],
  [/ python3 examples\/workers\//, /Working on/],
  [/^(weft|npm run -s weft --) monitor\b/, /./],
];

/** Commands whose refusal says enough: they are understood, but what they ask for is not so in the example. */
const mayBeRefused = /executions (cancel|redrive|delete)/;

const order = JSON.stringify({
  StartAt: "Charge",
  States: { Charge: { Type: "Task", Resource: "charge", End: true } },
});
const files = {
  "hello.asl.json": '{ "StartAt": "Hello", "States": { "Hello": { "Type": "Pass", "End": true } } }',
  "order.asl.json": order,
  "order.json": '{ "orderId": 17 }',
  "handlers.ts": "export const charge = (input: unknown) => input;\n",
  "charge.ts": "export const charge = (input: unknown) => input;\n",
  "charge.py": "import sys\nprint(sys.stdin.read())\n",
};

/** The document that begins in an empty folder has a test of its own: getting_started_test.ts. */
const blocks = (await commandBlocks()).filter(({ name }) => !name.startsWith("docs/getting_started.md: "));
const run = promisify(execFile);

describe("the documents' command blocks", () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof startNatsServer>>;
  let terminals: Terminals;
  let executionId = "";

  before(async () => {
    server = await startNatsServer();
    folder = await makeCheckout(files);
    await symlink(await natsServerPath(), join(folder, "bin", "nats-server"));
    terminals = new Terminals(folder, { WEFT_NATS_URL: server.url });
    await terminals.open(`weft serve --nats ${server.url}`, /nats:\/\//);
    await terminals.open("weft worker --resource charge --module charge.ts", /Working on/);
    await succeeds("weft workflows put order order.asl.json");
    executionId = (await succeeds(`weft start order --input '{"orderId": 1}'`)).trim();
  });
  after(async () => {
    await terminals?.close();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function succeeds(command: string): Promise<string> {
    const { status, said, stdout } = await terminals.run(command);
    const isRefused = mayBeRefused.test(command) && status === 1;
    ok(status === 0 || isRefused, `${command}\n${said}`);
    return stdout;
  }

  async function runBlock({ commands }: CommandBlock, port: number): Promise<void> {
    const own = new Terminals(folder, { WEFT_NATS_URL: `nats://127.0.0.1:${port}` });
    try {
      for (const written of commands) {
        const command = written.replaceAll("4222", String(port)).replace(/\bID\b/, executionId);
        const ready = goesOn.find(([pattern]) => pattern.test(command))?.[1];
        if (ready !== undefined) await own.open(command, ready);
        else if (/^weft executions|^weft workflows|^weft start/.test(command)) await succeeds(command);
        else {
          const { status, said } = await own.run(command);
          strictEqual(status, 0, `${command}\n${said}`);
        }
      }
    } finally {
      await own.close();
    }
  }

  test("blocks that are not run are those listed, each with a reason", () => {
    const names = blocks.map(({ name }) => name);
    deepStrictEqual(
      Object.keys(notRun).filter((name) => !names.includes(name)),
      [],
      "These are no blocks: take them off the list",
    );
  });

  for (const block of blocks) {
    const reason = notRun[block.name];
    if (reason !== undefined) {
      test(`${block.name} is a shell's text (not run: ${reason})`, async () => {
        await run("bash", ["-n", "-c", block.text]);
      });
      continue;
    }
    test(`${block.name} runs as it is written`, async () => {
      if (!block.commands.some((command) => command.startsWith("nats-server "))) {
        return await runBlock(block, server.port);
      }
      const port = await freePort();
      const path = join(folder, "examples", "nats.conf");
      await writeFile(path, (await readFile(path, "utf8")).replaceAll("4222", String(port)));
      await runBlock(block, port);
    });
  }

  test("npm start runs the order example", async () => {
    const { status, said } = await terminals.run("npm start");
    strictEqual(status, 0, said);
    ok(said.includes('"status":"Confirmed"'), said);
  });
});
