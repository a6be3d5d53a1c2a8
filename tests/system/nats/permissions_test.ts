/**
 * Goal: on a nats-server that runs with what `weft nats-config` writes, each role reaches its own and nothing else.
 * Method: every subject is tried with every role on a real server, in its own account and against another's; then the engines' streams are looked at.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { natsActions, type Role, roleAllows, roles } from "../../../src/access/mod.ts";
import { openNatsHome } from "../../../src/homes/nats.ts";
import type { Home } from "../../../src/homes/home.ts";
import { openConnection } from "../../../src/nats/mod.ts";
import { WeftClient, WeftWorker } from "../../../src/sdk/mod.ts";
import { hash7 } from "../../../src/values/mod.ts";
import { weft } from "../../support/cli/weft.ts";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";

const space = { tenant: "acme", namespace: "shop" };
const other = { tenant: "rival", namespace: "shop" };
const machine = { StartAt: "Charge", States: { Charge: { Type: "Task", Resource: "charge", End: true } } };

let folder = "";
let server: NatsServer;
let home: Home;
const connections = new Map<string, NatsConnection>();

const keyFile = (name: string) => join(folder, `${name}.nk`);
const userOf = (role: Role) => `acme-shop-${role}`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-permissions-"));
  const users = [
    ...roles.map((role) => `acme:shop:${role}${role === "worker" || role === "admin" ? ":charge" : ""}`),
    "rival:shop:admin:charge",
    "acme:*:viewer",
  ];
  const written = await weft(["nats-config", "--out", folder, ...users.flatMap((user) => ["--user", user])]);
  strictEqual(written.code, 0, written.err);
  server = await startNatsServer({ configuration: await readFile(join(folder, "weft.conf"), "utf8") });
  home = await openNatsHome({
    url: server.url,
    version: "0.0.1",
    name: "engine",
    partitions: 1,
    credentialsFile: keyFile("engine"),
    makeConsumers: true,
  });
  for (const name of [...roles.map(userOf), "rival-shop-admin", "acme-all-viewer", "engine"]) {
    connections.set(name, await openConnection({ servers: [server.url], credentialsFile: keyFile(name) }));
  }
  const developer = client(userOf("developer"));
  await developer.putWorkflow({ name: "order", definition: JSON.stringify(machine) });
  const rival = client("rival-shop-admin", other);
  await rival.putWorkflow({ name: "order", definition: JSON.stringify(machine) });
  await rival.start({ workflow: "order", input: "a secret of the rival", key: "secret" });
});

after(async () => {
  for (const connection of connections.values()) await connection.close();
  await home?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

function connectionOf(name: string): NatsConnection {
  const connection = connections.get(name);
  ok(connection, name);
  return connection;
}

function client(name: string, where = space): WeftClient {
  return new WeftClient({ connection: connectionOf(name), ...where, patienceMs: 2_000 });
}

/** Whether the server lets a user publish there. */
async function mayPublish(connection: NatsConnection, subject: string): Promise<boolean> {
  const denied = violations(connection, subject);
  connection.publish(subject, "{}");
  await connection.flush();
  // Complaints are told by an iterator, which comes to them after what waits for the ping.
  await new Promise((resolve) => setImmediate(resolve));
  return !denied();
}

async function maySubscribe(connection: NatsConnection, subject: string): Promise<boolean> {
  let isDenied = false;
  const subscription = connection.subscribe(subject, {
    callback: (failure) => {
      isDenied ||= failure !== null;
    },
  });
  await connection.flush();
  if (!isDenied) subscription.unsubscribe();
  return !isDenied;
}

/** The server's complaints about publishing there, which come before the answer to the next ping. */
function violations(connection: NatsConnection, subject: string): () => boolean {
  const heard = complaints.get(connection) ?? new Set<string>();
  if (!complaints.has(connection)) {
    complaints.set(connection, heard);
    void (async () => {
      for await (const status of connection.status()) {
        if (status.type !== "error") continue;
        heard.add(/"([^"]+)"/.exec(status.error.message)?.[1] ?? status.error.message);
      }
    })();
  }
  return () => heard.has(subject);
}
const complaints = new Map<NatsConnection, Set<string>>();

const consumer = (where: typeof space) => `weft-${where.tenant}-${where.namespace}-${hash7("charge")}`;
/** What only engines may publish to, whoever asks. */
const engineSubjects = [
  "weft.log.0.x",
  "$KV.WEFT_SNAPSHOTS.cluster",
  "$KV.WEFT_CLUSTER.x",
  "weft.events.acme.shop.x",
  `weft.task.acme.shop.${hash7("charge")}`,
  `weft.task.rival.shop.${hash7("charge")}`,
  "weft.node.x",
  "weft.cluster.x",
  "$SRV.PING",
  "$SRV.INFO.weft-executions",
  "$SYS.REQ.SERVER.PING",
  "_INBOX.x",
  "_INBOX_acme-shop-admin.x",
  "_R_.x.y",
  "$JS.API.INFO",
  "$JS.API.STREAM.NAMES",
  "$JS.API.STREAM.LIST",
  ...["WEFT_LOG_0", "WEFT_TASKS", "KV_WEFT_SNAPSHOTS"].flatMap((stream) => [
    `$JS.API.STREAM.CREATE.${stream}`,
    `$JS.API.STREAM.UPDATE.${stream}`,
    `$JS.API.STREAM.DELETE.${stream}`,
    `$JS.API.STREAM.PURGE.${stream}`,
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
    `$JS.API.STREAM.MSG.DELETE.${stream}`,
    `$JS.API.STREAM.SNAPSHOT.${stream}`,
    `$JS.API.STREAM.RESTORE.${stream}`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.mine.weft.task.acme.shop.x`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.mine`,
    `$JS.API.CONSUMER.NAMES.${stream}`,
    `$JS.API.CONSUMER.DELETE.${stream}.${consumer(space)}`,
    `$JS.API.CONSUMER.INFO.${stream}.${consumer(space)}`,
    `$JS.API.CONSUMER.PAUSE.${stream}.${consumer(space)}`,
  ]),
  `$JS.API.CONSUMER.MSG.NEXT.WEFT_TASKS.${consumer(other)}`,
  `$JS.ACK.WEFT_TASKS.${consumer(other)}.1.1.1.1.1`,
];

const spaces = [space, other, { tenant: "acme", namespace: "bank" }];
for (const role of roles) {
  test(`${role}: of requests those of its role in its own space, and nothing of the engines`, async () => {
    const connection = connectionOf(userOf(role));
    for (const { tenant, namespace } of spaces) {
      for (const [request, action] of natsActions) {
        const isHis = tenant === "acme" && namespace === "shop" && roleAllows(role, action);
        const subject = `weft.api.${tenant}.${namespace}.${request}`;
        strictEqual(await mayPublish(connection, subject), isHis, subject);
      }
    }
    for (const subject of engineSubjects) strictEqual(await mayPublish(connection, subject), false, subject);
    const worksHere = role === "worker" || role === "admin";
    for (const end of [`MSG.NEXT.WEFT_TASKS.${consumer(space)}`]) {
      strictEqual(await mayPublish(connection, `$JS.API.CONSUMER.${end}`), worksHere, end);
    }
    strictEqual(await mayPublish(connection, `$JS.ACK.WEFT_TASKS.${consumer(space)}.1.9.9.1.0`), worksHere);
  });

  test(`${role}: hears its own inbox, the feed if it may read, and nothing else`, async () => {
    const connection = connectionOf(userOf(role));
    const feed = "weft.events.acme.shop.*";
    strictEqual(await maySubscribe(connection, feed), roleAllows(role, "executions:read"), feed);
    strictEqual(await maySubscribe(connection, `_INBOX_${userOf(role)}.x`), true);
    const foreign = [
      ">",
      "weft.>",
      "weft.events.>",
      "weft.events.acme.bank.*",
      "weft.events.rival.shop.*",
      "weft.log.>",
      "weft.task.>",
      "weft.api.>",
      "$KV.>",
      "$JS.>",
      "$SYS.>",
      "_INBOX.>",
      "_R_.>",
      ...roles.filter((one) => one !== role).map((one) => `_INBOX_${userOf(one)}.>`),
    ];
    for (const subject of foreign) strictEqual(await maySubscribe(connection, subject), false, subject);
  });
}

test("nothing that was tried has reached the engines' streams, and the cluster's secrets are not to be read", async () => {
  const manager = await jetstreamManager(connectionOf("engine"));
  const settings = await manager.streams.getMessage("KV_WEFT_SNAPSHOTS", {
    last_by_subj: "$KV.WEFT_SNAPSHOTS.cluster",
  });
  ok(settings !== null);
  match(settings.string(), /clusterId/);
  strictEqual(home.partitions[0]?.status().kind, "leading");
  const worker = connectionOf(userOf("worker"));
  const before = (await manager.streams.info("KV_WEFT_SNAPSHOTS")).state.last_seq;
  // An answer, or a task, is put onto no subject of the engines, whatever reply the asker names.
  worker.publish(`$JS.API.CONSUMER.MSG.NEXT.WEFT_TASKS.${consumer(space)}`, '{"batch":1,"no_wait":true}', {
    reply: "$KV.WEFT_SNAPSHOTS.cluster",
  });
  worker.publish("weft.api.acme.shop.tasks.heartbeat", '{"token":"x"}', { reply: "$KV.WEFT_SNAPSHOTS.cluster" });
  await worker.flush();
  await client(userOf("developer")).listPage({});
  const now = await manager.streams.getMessage("KV_WEFT_SNAPSHOTS", { last_by_subj: "$KV.WEFT_SNAPSHOTS.cluster" });
  deepStrictEqual([now?.seq, before >= settings.seq], [settings.seq, true]);
});

test("a starter, a worker and a viewer do their work together, each with its own key", async () => {
  const starter = client(userOf("starter"));
  const { executionId } = await starter.start({ workflow: "order", input: 20 });
  const viewer = client("acme-all-viewer");
  const troubles: string[] = [];
  const worker = new WeftWorker({
    client: client(userOf("worker")),
    resource: "charge",
    onTrouble: (problem, cause) => troubles.push(`${problem}: ${String(cause)}`),
    handler: (cents) => Number(cents) + 1,
  });
  const running = worker.run();
  const ended = await starter.waitFor(executionId, { timeoutMs: 15_000 }).catch((failure) => {
    throw new Error(`${failure}; ${troubles.join("; ")}`);
  });
  deepStrictEqual([ended.status, ended.output], ["Succeeded", 21]);
  strictEqual((await viewer.describe(executionId)).status, "Succeeded");
  await worker.stop();
  await running;
});
