// Goal: the AWS CLI works against `weft serve --http`, as a person or a script would use it.
// Method: the real programs; the CLI is found or brought by scripts/aws_cli.ts, and a machine where neither goes fails.
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { awsCli } from "../../../../scripts/aws_cli.ts";
import { account, asked, passMachine, roleArn, waitMachine } from "../../../support/aws_api.ts";
import { type Child, startChild } from "../../../support/child_process.ts";
import { type NatsServer, startNatsServer } from "../../../support/nats_server.ts";

const run = promisify(execFile);
const main = new URL("../../../../src/main.ts", import.meta.url).pathname;

let server: NatsServer;
let weft: Child;
let endpoint: string;
before(async () => {
  await awsCli();
  server = await startNatsServer();
  const up = Promise.withResolvers<string>();
  const args = [
    "serve",
    "--processes",
    "1",
    "--nats",
    server.url,
    "--http",
    "0",
    "--account",
    account,
    "--region",
    "eu-west-1",
    "--json",
  ];
  weft = startChild([main, ...args], up.resolve);
  const { listening } = JSON.parse(await up.promise) as {
    readonly listening: readonly { readonly name: string; readonly address: string }[];
  };
  endpoint = listening.find(({ name }) => name.startsWith("AWS"))?.address ?? "";
});
after(async () => {
  weft.process.kill("SIGTERM");
  strictEqual(await weft.ended, "status 0");
  await server.stop();
});

/** Runs `aws stepfunctions …`: what it printed, parsed; and how it failed, if it did. */
async function aws(...args: readonly string[]) {
  const { file, args: first, env } = await awsCli();
  const settings = {
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_PAGER: "",
  };
  const command = [...first, "--endpoint-url", endpoint, "--output", "json", "stepfunctions", ...args];
  const { stdout } = await run(file, command, { env: { ...process.env, ...settings, ...env } });
  return stdout.trim() === "" ? {} : JSON.parse(stdout);
}

const arnOf = (kind: string, name: string) => `arn:aws:states:eu-west-1:${account}:${kind}:${name}`;
const create = (name: string, definition: string) =>
  aws("create-state-machine", "--name", name, "--role-arn", roleArn, "--definition", definition);

test("aws stepfunctions creates, starts, describes, lists, and shows the history page by page", async () => {
  const { stateMachineArn } = await create("pass", passMachine);
  strictEqual(stateMachineArn, arnOf("stateMachine", "pass"));
  const start = ["start-execution", "--state-machine-arn", stateMachineArn, "--name", "first"];
  const { executionArn } = await aws(...start, "--input", '{"n":1}');
  strictEqual(executionArn, arnOf("execution", "pass:first"));
  const ended = await asked(
    () => aws("describe-execution", "--execution-arn", executionArn),
    ({ status }) => status !== "RUNNING",
  );
  deepStrictEqual([ended.status, ended.output, ended.input], ["SUCCEEDED", '{"n":1}', '{"n":1}']);
  const { executions } = await aws("list-executions", "--state-machine-arn", stateMachineArn);
  strictEqual(executions[0].name, "first");
  // The CLI asks for page after page by itself.
  const history = ["get-execution-history", "--execution-arn", executionArn];
  const { events } = await aws(...history, "--page-size", "2");
  deepStrictEqual(
    events.map(({ id, type }: { readonly id: number; readonly type: string }) => `${id} ${type}`),
    ["1 ExecutionStarted", "2 PassStateEntered", "3 PassStateExited", "4 ExecutionSucceeded"],
  );
  const reversed = await aws(...history, "--reverse-order", "--max-items", "1");
  strictEqual(reversed.events[0].type, "ExecutionSucceeded");
});

test("aws stepfunctions stops an execution, and tells a failure by AWS's name", async () => {
  const { stateMachineArn } = await create("wait", waitMachine);
  const { executionArn } = await aws("start-execution", "--state-machine-arn", stateMachineArn);
  await aws("stop-execution", "--execution-arn", executionArn, "--error", "Enough", "--cause", "of it");
  const { status, error, cause } = await aws("describe-execution", "--execution-arn", executionArn);
  deepStrictEqual([status, error, cause], ["ABORTED", "Enough", "of it"]);
  const missing = aws("describe-execution", "--execution-arn", arnOf("execution", "wait:none"));
  const failure = await missing.then(() => "", ({ stderr }) => String(stderr));
  match(failure, /An error occurred \(ExecutionDoesNotExist\) when calling the DescribeExecution operation/);
});

test("a loop of the CLI is the worker of an activity", async () => {
  const { activityArn } = await aws("create-activity", "--name", "work");
  const { stateMachineArn } = await create(
    "working",
    JSON.stringify({
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          ItemProcessor: {
            StartAt: "Work",
            States: { Work: { Type: "Task", Resource: activityArn, HeartbeatSeconds: 300, End: true } },
          },
          End: true,
        },
      },
    }),
  );
  const start = ["start-execution", "--state-machine-arn", stateMachineArn, "--input", "[1,2]"];
  const { executionArn } = await aws(...start);
  for (let done = 0; done < 2; done++) {
    const { taskToken, input } = await aws("get-activity-task", "--activity-arn", activityArn, "--worker-name", "cli");
    const output = String(Number(input) * 10);
    if (done === 0) await aws("send-task-heartbeat", "--task-token", taskToken);
    await aws("send-task-success", "--task-token", taskToken, "--task-output", output);
  }
  const { status, output } = await asked(
    () => aws("describe-execution", "--execution-arn", executionArn),
    (execution) => execution.status !== "RUNNING",
  );
  deepStrictEqual([status, output], ["SUCCEEDED", "[10,20]"]);
});
