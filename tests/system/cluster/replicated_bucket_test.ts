/**
 * Goal: with three servers the leader of the bucket may move and a server may die, and no session ends for it: only whoever is silent
 * while others are heard is ended.
 * Method: three servers, a member by way of each; step-downs of the bucket's stream while leases are fought for; one server killed.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import { Effect, Schedule } from "effect";
import { startNatsCluster } from "../../support/nats_cluster.ts";
import { confirmed, openConnection, startMember } from "../../support/cluster/cluster_nodes.ts";

const STEP_DOWNS = 3;
const PARTITIONS = Array.from({ length: 8 }, (_, partition) => partition);

test("sessions outlive step-downs and the death of a server, and each lease has one holder all the time", async (t) => {
  const servers = await startNatsCluster();
  t.after(() => servers.stop());
  const options = { clusterId: "r3", replicas: 3, sessionMs: 2_000 };
  const members = await Promise.all(servers.urls.map((url, index) => {
    const others = servers.urls.filter((other) => other !== url);
    return startMember(t, [url, ...others], { ...options, name: `n${index}` });
  }));
  for (const { seen } of members) await seen(({ members }) => members.length === 3);
  const connection = await openConnection(t, servers.urls);
  const manager = await jetstreamManager(connection);
  strictEqual((await manager.streams.info("KV_WEFT_CLUSTER")).config.num_replicas, 3);
  const ids = members.map((member) => member.self());

  for (let round = 0; round < STEP_DOWNS; round++) {
    const moved = connection.request("$JS.API.STREAM.LEADER.STEPDOWN.KV_WEFT_CLUSTER");
    const fought = members.map(({ cluster }) =>
      Effect.runPromise(
        Effect.forEach(PARTITIONS, (partition) =>
          Effect.retry(cluster.acquire(partition), Schedule.max([Schedule.spaced("50 millis"), Schedule.recurs(200)]))),
      )
    );
    const held = await Promise.all(fought);
    await moved;
    for (const partition of PARTITIONS) strictEqual(held.filter((each) => each[partition]).length, 1);
    const outcomes = await Promise.all(members.map(confirmed));
    ok(!outcomes.includes("lost"));
    for (const [index, member] of members.entries()) {
      const next = members[(index + 1) % members.length];
      for (const partition of PARTITIONS.filter((partition) => held[index]?.[partition])) {
        const given = member.cluster.handOver(partition, round % 2 === 0 ? undefined : next?.self());
        strictEqual(await Effect.runPromise(given), true);
      }
    }
  }

  await servers.servers[0]?.kill("SIGKILL");
  const outcomes = await Promise.all(members.map(confirmed));
  ok(!outcomes.includes("lost"));
  const untilConfirmed = members.map(async (member) => {
    while (await confirmed(member) !== "confirmed");
  });
  await Promise.all(untilConfirmed);
  deepStrictEqual(members.map((member) => member.self()), ids);
});
