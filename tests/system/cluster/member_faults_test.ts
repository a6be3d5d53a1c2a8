/**
 * Goal: a session ends only when its member could not have confirmed any more, and then for ever; whatever is lost, members
 * find together again.
 * Method: real servers; members whose process is stopped, whose connection is held by a proxy, whose bucket is deleted.
 */
import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { after, before, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { jetstreamManager } from "@nats-io/jetstream";
import { Effect } from "effect";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { confirmed, openConnection, startMember, type TestMember } from "../../support/cluster/cluster_nodes.ts";
import { startTcpProxy, type TcpProxy } from "../../support/cluster/tcp_proxy.ts";

let server: NatsServer;
let count = 0;

before(async () => {
  server = await startNatsServer();
});

after(async () => {
  await server?.stop();
});

const SESSION_MS = 600;
const newCluster = () => ({ clusterId: `f${++count}`, replicas: 1, sessionMs: SESSION_MS });
const acquire = ({ cluster }: TestMember, partition: number) => Effect.runPromise(cluster.acquire(partition));

interface Answer {
  readonly request: string;
  readonly answer: unknown;
  readonly self?: string;
}

/** A member as a process that can be asked. */
function startMemberProcess(t: TestContext, clusterId: string) {
  const script = fileURLToPath(new URL("../../support/cluster/member_process.ts", import.meta.url));
  const before = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  const args = [...before, script, server.url, clusterId, "process", String(SESSION_MS)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  // Not every runtime sends these by the child's own method.
  const signal = (name: NodeJS.Signals) => void (child.pid !== undefined && process.kill(child.pid, name));
  t.after(() => signal("SIGKILL"));
  const lines = createInterface({ input: child.stdout });
  const ask = (request: string) => void child.stdin.write(`${request}\n`);
  const answer = async (): Promise<Answer> => JSON.parse((await once(lines, "line"))[0]);
  return { signal, ask, answer };
}

async function throughProxy(t: TestContext, clusterId: string): Promise<[TestMember, TcpProxy]> {
  const proxy = await startTcpProxy(server.port);
  t.after(() => proxy.close());
  const url = `nats://127.0.0.1:${proxy.port}`;
  return [
    await startMember(t, [url], { clusterId, replicas: 1, sessionMs: SESSION_MS, name: "behind the proxy" }),
    proxy,
  ];
}

test("a stopped member loses its session and its lease, and knows it when it is continued", async (t) => {
  const options = newCluster();
  const other = await startMember(t, [server.url], { ...options, name: "other" });
  const { signal, ask, answer } = startMemberProcess(t, options.clusterId);
  ask("acquire 0");
  const { answer: isHeld, self: id } = await answer();
  strictEqual(isHeld, true);
  await other.seen(({ holders }) => holders.get(0) === id);
  strictEqual(await acquire(other, 0), false);

  signal("SIGSTOP");
  await other.seen(({ members }) => members.length === 1);
  strictEqual(await acquire(other, 0), true);
  strictEqual(other.logged.filter((line) => line.includes("gave no sign of life")).length, 1);

  ask("confirm");
  signal("SIGCONT");
  const confirmation = await answer();
  deepStrictEqual(confirmation, { request: "confirm", answer: "lost", self: id });
  const view = await other.seen(({ members }) => members.length === 2);
  ok(view.members.every((member) => member.id !== id));
  strictEqual(await confirmed(other), "confirmed");
  ask("acquire 0");
  strictEqual((await answer()).answer, false);
});

test("a member that is cut off is told that nothing is known, then that its session is lost", async (t) => {
  const options = newCluster();
  const other = await startMember(t, [server.url], { ...options, name: "other" });
  const [cut, proxy] = await throughProxy(t, options.clusterId);
  const id = cut.self();
  strictEqual(await acquire(cut, 3), true);
  proxy.hold("toServer");
  strictEqual(await confirmed(cut), "unavailable");
  await other.seen(({ members }) => members.length === 1);
  strictEqual(await acquire(other, 3), true);
  const outcome = confirmed(cut);
  proxy.pass();
  strictEqual(await outcome, "lost");
  await cut.seen(({ self }) => self !== undefined);
  notStrictEqual(cut.self(), id);
  await other.seen(({ members }) => members.length === 2);
  strictEqual(await acquire(cut, 3), false);
  strictEqual(other.logged.filter((line) => line.includes("gave no sign of life")).length, 1);
});

test("answers that come too late do not end a session", async (t) => {
  const options = { ...newCluster(), sessionMs: 4_000 };
  const other = await startMember(t, [server.url], { ...options, name: "other" });
  const [late, proxy] = await throughProxy(t, options.clusterId);
  const id = late.self();
  proxy.hold("toClient");
  const outcome = confirmed(late);
  const known = late.cluster.view();
  strictEqual(await Promise.race([outcome, confirmed(other)]), "confirmed");
  deepStrictEqual(late.cluster.view(), known);
  strictEqual(await outcome, "unavailable"); // its writes were stored, and it has not heard of any
  const next = confirmed(late);
  proxy.pass();
  strictEqual(await next, "confirmed");
  strictEqual(late.self(), id);
  strictEqual(other.cluster.view().members.length, 2);
});

test("members make a bucket that was deleted again, and find together as others", async (t) => {
  const options = { ...newCluster(), bucket: "DELETED" };
  const members = await Promise.all(["n1", "n2"].map((name) => startMember(t, [server.url], { ...options, name })));
  const [one, two] = members;
  ok(one !== undefined && two !== undefined);
  strictEqual(await acquire(one, 0), true);
  const ids = members.map((member) => member.self());
  const manager = await jetstreamManager(await openConnection(t, [server.url]));
  await manager.streams.delete("KV_DELETED");
  for (const { seen } of members) {
    await seen(({ self, members }) =>
      self !== undefined && members.length === 2 && members.every(({ id }) => !ids.includes(id))
    );
  }
  strictEqual(await acquire(two, 0), true);
  strictEqual(await acquire(one, 0), false);
  await one.seen(({ holders }) => holders.get(0) === two.self());
});

test("members come back after their server was restarted with nothing in its memory", async (t) => {
  const own = await startNatsServer();
  t.after(() => own.stop());
  const options = newCluster();
  const members = await Promise.all(["n1", "n2", "n3"].map((name) => startMember(t, [own.url], { ...options, name })));
  const ids = members.map((member) => member.self());
  await own.restart();
  for (const { seen } of members) {
    await seen(({ self, members }) =>
      self !== undefined && members.length === 3 && members.every(({ id }) => !ids.includes(id))
    );
  }
  deepStrictEqual(await Promise.all(members.map(confirmed)), ["confirmed", "confirmed", "confirmed"]);
});

test("what others put into the bucket and send is not believed", async (t) => {
  const options = newCluster();
  const member = await startMember(t, [server.url], { ...options, name: "n1" });
  const connection = await openConnection(t, [server.url]);
  const prefix = `$KV.WEFT_CLUSTER.${options.clusterId}`;
  for (
    const [key, value] of [
      ["m.junk", "\u0000{"],
      ["m.newer", `{"format":2,"name":"n9","isLeaving":false}`],
      ["p.5", `{"format":2,"holder":"n9"}`],
      ["p.6", `{"format":1,"holder":{"$ne":1}}`],
      ["p.7", `{"format":1,"holder":"nobody"}`],
      ["p.01", "{}"],
      ["other", "{}"],
    ] as const
  ) await connection.request(`${prefix}.${key}`, value);
  for (const bytes of ["", "x", "\u0001\u00ff", "\u0001\u0001".padEnd(40, "\uffff")]) {
    connection.publish(`weft.node.${options.clusterId}.${member.self()}`, bytes);
    connection.publish(`weft.node.${options.clusterId}`, bytes);
  }
  for (
    const hint of [
      "9 m.junk !",
      "9 m.nobody",
      "9 p.7 !",
      `9 m.${member.self()} !`,
      `9007199254740991 m.${member.self()}`,
    ]
  ) {
    connection.publish(`weft.node.${options.clusterId}`, hint);
  }
  const id = member.self();
  const failure = await Effect.runPromise(Effect.flip(member.cluster.acquire(5)));
  strictEqual(failure._tag, "ClusterUnavailable");
  deepStrictEqual(String(failure.cause).includes("ClusterRecordNewer"), true);
  strictEqual((await Effect.runPromise(Effect.flip(member.cluster.acquire(6))))._tag, "ClusterUnavailable");
  strictEqual(await acquire(member, 7), true);
  deepStrictEqual(member.cluster.view().members.map(({ name }) => name), ["n1"]);
  strictEqual(await confirmed(member), "confirmed");
  strictEqual(member.self(), id);
});
