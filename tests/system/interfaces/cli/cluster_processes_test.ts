/** Several processes of one `weft`: looked after, ended in order, and never left behind. */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test, type TestContext } from "node:test";
import { natsServerPath } from "../../../../scripts/nats_server.ts";
import { WeftProcess } from "../../../support/cli/weft_process.ts";
import { startNatsServer } from "../../../support/nats_server.ts";

function startWeft(t: TestContext, argv: readonly string[]): WeftProcess {
  const weft = new WeftProcess(argv);
  t.after(async () => {
    weft.kill("SIGTERM");
    await weft.ended;
  });
  return weft;
}

/** The processes that were started, in order. */
const pidsOf = ({ err }: WeftProcess) => [...err.matchAll(/started as process (\d+)/g)].map(([, pid]) => Number(pid));

/** Resolves when the process is gone; it may be left as a name alone. Where there is no `/proc`, at once. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (stat === "" || stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z")) return;
  }
}

test("weft serve --processes starts a killed process again, and ends all on one signal", async (t) => {
  const nats = await startNatsServer();
  t.after(() => nats.stop());
  const weft = startWeft(t, ["serve", "--nats", nats.url, "--processes", "2", "--partitions", "2", "--http", "0"]);
  await weft.until("/console/\n");
  match(weft.out, /is up in 2 processes/);
  const address = /API: (\S+)/.exec(weft.out)?.[1] ?? "";
  const [, second = 0] = pidsOf(weft);
  process.kill(second, "SIGKILL");
  await weft.until("-2] is up again");
  match(weft.err, /-2\] ended with signal SIGKILL, and is started again in 200 ms/);
  strictEqual((await fetch(`${address}/health`)).status, 200);
  weft.kill("SIGINT");
  strictEqual(await weft.ended, 0, weft.err);
  await Promise.all(pidsOf(weft).map(gone));
});

test("processes end by themselves when nobody looks after them any more", async (t) => {
  const nats = await startNatsServer();
  t.after(() => nats.stop());
  const weft = startWeft(t, ["serve", "--nats", nats.url, "--processes", "2", "--partitions", "2", "--json"]);
  await weft.until('"processes"');
  strictEqual((JSON.parse(weft.out) as { readonly processes: readonly string[] }).processes.length, 2);
  weft.kill("SIGKILL");
  await Promise.all(pidsOf(weft).map(gone));
});

test("weft serve --processes ends with 1 when its processes cannot be started", async () => {
  const weft = new WeftProcess(["serve", "--nats", "nats://127.0.0.1:1", "--processes", "2"]);
  strictEqual(await weft.ended, 1);
  match(weft.err, /-1\] .*Cannot reach NATS.*\n[^]*-1 ended before it was up: status 1/);
});

test("weft dev --nodes 3 is a cluster in one terminal, of which nothing is left", async (t) => {
  const weft = startWeft(t, ["dev", "--nodes", "3", "--port", "0", "--nats-server", await natsServerPath()]);
  await weft.until(" folder: ");
  match(weft.out, /is up in 6 processes/);
  const folder = /folder: (\S+)/.exec(weft.out)?.[1] ?? "";
  await access(folder);
  strictEqual(pidsOf(weft).length, 6);
  weft.kill("SIGINT");
  strictEqual(await weft.ended, 0, weft.err);
  await Promise.all(pidsOf(weft).map(gone));
  strictEqual(await access(folder).then(() => true, () => false), false);
});

test("weft dev --nodes that is killed leaves neither engine nor nats-server behind", async (t) => {
  const store = await mkdtemp(join(tmpdir(), "weft-dev-"));
  t.after(() => rm(store, { recursive: true, force: true }));
  const args = ["--nodes", "1", "--store", store, "--port", "0", "--nats-server", await natsServerPath()];
  const weft = startWeft(t, ["dev", ...args]);
  await weft.until(" folder: ");
  strictEqual(pidsOf(weft).length, 2);
  weft.kill("SIGKILL");
  await Promise.all(pidsOf(weft).map(gone));
});

test("weft dev --nodes without a nats-server says how to get one", async () => {
  const weft = new WeftProcess(["dev", "--nodes", "3"], { env: { PATH: "/nowhere" } });
  deepStrictEqual([await weft.ended, weft.out], [1, ""]);
  match(weft.err, /There is no nats-server on the PATH\n.*nats-server\/releases/);
});
