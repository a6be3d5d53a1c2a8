import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { Effect } from "effect";
import { type NatsServer, startNatsServer } from "../../support/nats_server.ts";
import { confirmed, startMember, type TestMember } from "../../support/cluster/cluster_nodes.ts";

let server: NatsServer;
let clusterCount = 0;

before(async () => {
  server = await startNatsServer();
});

after(async () => {
  await server?.stop();
});

const SESSION_MS = 600;
const newCluster = () => ({ clusterId: `c${++clusterCount}`, replicas: 1, sessionMs: SESSION_MS });

test("members see who joins, who wants to leave and who has left", async (t) => {
  const options = newCluster();
  const first = await startMember(t, [server.url], { ...options, name: "n1" });
  const second = await startMember(t, [server.url], { ...options, name: "n2" });
  const view = await first.seen(({ members }) => members.length === 2);
  deepStrictEqual(view.members.map(({ name }) => name).toSorted(), ["n1", "n2"]);
  deepStrictEqual(second.cluster.view().members.length, 2);
  await Effect.runPromise(second.cluster.leave());
  await first.seen(({ members }) => members.some(({ name, isLeaving }) => name === "n2" && isLeaving));
  await second.stop();
  await first.seen(({ members }) => members.length === 1);
  strictEqual(second.cluster.view().self, undefined);
});

test("three members that want eight leases at once: each has one holder, known to all", async (t) => {
  const options = newCluster();
  const members = await Promise.all(
    ["n1", "n2", "n3"].map((name) => startMember(t, [server.url], { ...options, name })),
  );
  const partitions = Array.from({ length: 8 }, (_, partition) => partition);
  const won = await Promise.all(
    members.map(({ cluster }) =>
      Effect.runPromise(Effect.forEach(partitions, (p) => cluster.acquire(p), { concurrency: "unbounded" }))
    ),
  );
  for (const partition of partitions) strictEqual(won.filter((each) => each[partition]).length, 1);
  for (const member of members) {
    const { holders } = await member.seen(({ holders }) => holders.size === 8);
    for (const [partition, holder] of holders) {
      const winner = members[won.findIndex((each) => each[partition])];
      strictEqual(holder, winner?.self());
    }
  }
  const [one, two] = members;
  ok(one !== undefined && two !== undefined);
  const mine = partitions.find((partition) => one.cluster.view().holders.get(partition) === one.self());
  if (mine === undefined) return;
  strictEqual(await Effect.runPromise(two.cluster.handOver(mine, two.self())), false);
  strictEqual(await Effect.runPromise(one.cluster.handOver(mine, two.self())), true);
  await two.seen(({ holders }) => holders.get(mine) === two.self());
  strictEqual(await Effect.runPromise(one.cluster.acquire(mine)), false);
});

test("confirm() is answered by a write, which many calls share", async (t) => {
  const options = newCluster();
  const member = await startMember(t, [server.url], { ...options, name: "n1" });
  const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => confirmed(member)));
  deepStrictEqual(new Set(outcomes), new Set(["confirmed"]));
});

test("large messages arrive whole, in order, both ways", async (t) => {
  const options = newCluster();
  const [one, two] = await Promise.all(["n1", "n2"].map((name) => startMember(t, [server.url], { ...options, name })));
  ok(one !== undefined && two !== undefined);
  await one.seen(({ members }) => members.length === 2);
  const sizes = [0, 1, 3_000_000, 10, 1_048_576, 5_000_000];
  const heard = (member: TestMember) =>
    new Promise<readonly (readonly [string, number, number])[]>((resolve) => {
      const got: (readonly [string, number, number])[] = [];
      member.cluster.onMessage((from, bytes) => {
        got.push([from, bytes.length, bytes.at(-1) ?? 0]);
        if (got.length === sizes.length) resolve(got);
      });
    });
  const both = Promise.all([heard(one), heard(two)]);
  for (const size of sizes) {
    one.cluster.send(two.self(), new Uint8Array(size).fill(7));
    two.cluster.send(one.self(), new Uint8Array(size).fill(9));
  }
  const [atOne, atTwo] = await both;
  deepStrictEqual(atOne, sizes.map((size) => [two.self(), size, size === 0 ? 0 : 9]));
  deepStrictEqual(atTwo, sizes.map((size) => [one.self(), size, size === 0 ? 0 : 7]));
});
