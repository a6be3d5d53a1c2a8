/** The real command in processes of its own: streams, signals and exit statuses as a shell sees them. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type NatsServer, startNatsServer } from "../../../support/nats_server.ts";
import { WeftProcess } from "../../../support/cli/weft_process.ts";

const fixtures = fileURLToPath(new URL("../../../support/cli/fixtures/", import.meta.url));
let folder = "";
let nats: NatsServer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-cli-"));
  nats = await startNatsServer();
});
after(async () => {
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

async function definitionFile(name: string, states: Record<string, unknown>): Promise<string> {
  const file = join(folder, `${name}.asl.json`);
  await writeFile(file, JSON.stringify({ StartAt: Object.keys(states)[0], States: states }));
  return file;
}

test("weft run gives the output on stdout, steps on stderr, and 0", async () => {
  const file = await definitionFile("greet", { Greet: { Type: "Task", Resource: "greet", End: true } });
  const run = new WeftProcess(["run", file, "--input", "-", "--handlers", join(fixtures, "handlers.ts"), "--steps"], {
    input: '{"name": "Ada"}',
  });
  deepStrictEqual([await run.ended, run.out], [0, '{"greeting":"Hello, Ada"}\n']);
  match(run.err, /→ Greet Task\n.*✓ Greet .*\n.*execution succeeded/);
});

test("weft run that is killed goes on with --resume", async () => {
  const file = await definitionFile("wait", {
    Pause: { Type: "Wait", Seconds: 1, Next: "Done" },
    Done: { Type: "Pass", Parameters: { "order.$": "$.order" }, End: true },
  });
  const store = join(folder, "state");
  const argv = ["run", file, "--input", '{"order": 7}', "--store", store];
  const killed = new WeftProcess(argv);
  await killed.until("Execution /local/default/");
  killed.kill("SIGKILL");
  const id = /Execution (\S+)/.exec(killed.err)?.[1] ?? "";
  ok(await killed.ended !== 0);
  strictEqual(killed.out, "");
  const resumed = new WeftProcess([...argv, "--resume", id]);
  deepStrictEqual([await resumed.ended, resumed.out], [0, '{"order":7}\n'], resumed.err);
  const again = new WeftProcess(["run", "--store", store, "--resume", id]);
  deepStrictEqual([await again.ended, again.out], [0, '{"order":7}\n'], again.err);
});

test("weft serve, workflows, worker, start and monitor work together, and end in order", async () => {
  const env = { WEFT_NATS_URL: nats.url, WEFT_PROCESSES: "1" };
  const file = await definitionFile("double", { Double: { Type: "Task", Resource: "double", End: true } });
  const serve = new WeftProcess(["serve"], { env });
  await serve.until("NATS services: nats://");
  const put = new WeftProcess(["workflows", "put", "double", file], { env });
  strictEqual(await put.ended, 0, put.err);
  const monitor = new WeftProcess(["monitor"], { env });
  const worker = new WeftProcess(["worker", "--resource", "double", "--exec", "cat; cat >/dev/null"], { env });
  await Promise.all([monitor.until("Watching default/default"), worker.until("Working on")]);
  const start = new WeftProcess(["start", "double", "--input", '{"text": "$(exit 1)"}', "--name", "one", "--wait"], {
    env,
  });
  deepStrictEqual([await start.ended, start.out], [0, '{"text":"$(exit 1)"}\n'], start.err);
  const list = new WeftProcess(["executions", "list", "--json"], { env });
  strictEqual(await list.ended, 0, list.err);
  const { executions } = JSON.parse(list.out) as {
    readonly executions: readonly { readonly status: string; readonly key: string }[];
  };
  deepStrictEqual(executions.map(({ status, key }) => [status, key]), [["Succeeded", "one"]]);
  await monitor.until("ExecutionCompletedEvent");
  monitor.kill("SIGINT");
  worker.kill("SIGTERM");
  strictEqual(await monitor.ended, 0, monitor.err);
  strictEqual(await worker.ended, 0, worker.err);
  match(worker.err, /Stopped: 1 tasks done, 0 failed/);
  serve.kill("SIGTERM");
  strictEqual(await serve.ended, 0, serve.err);
});

test("weft doctor looks at a real server, and tells of one that is not there", async () => {
  const here = new WeftProcess(["doctor", "--nats", nats.url, "--json"]);
  strictEqual(await here.ended, 1, "one server that syncs now and then can lose what it has acknowledged");
  const { findings } = JSON.parse(here.out) as {
    readonly findings: readonly { readonly name: string; readonly level: string }[];
  };
  deepStrictEqual(
    findings.filter(({ name }) => ["server", "jetstream", "payload"].includes(name)).map(({ level }) => level),
    ["ok", "ok", "ok"],
  );
  const nowhere = new WeftProcess(["executions", "list", "--nats", "nats://127.0.0.1:1"]);
  strictEqual(await nowhere.ended, 1);
  match(nowhere.err, /Cannot reach NATS at nats:\/\/127\.0\.0\.1:1: .*\nStart one with/);
});
