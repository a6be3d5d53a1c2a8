import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { findings, hindrances } from "../../../../src/interfaces/cli/doctor/findings.ts";
import type { NatsFacts } from "../../../../src/interfaces/cli/mod.ts";
import type { HeardReport, TaskBacklog } from "../../../../src/sdk/mod.ts";
import type { ExecutionId } from "../../../../src/values/mod.ts";
import { fitServer } from "../../../support/cli/fit_server.ts";
import { errorOf, weft } from "../../../support/cli/weft.ts";

const stream = {
  name: "WEFT_LOG_0",
  storage: "file",
  replicasWanted: 3,
  replicasCurrent: 3,
  messageCount: 7,
  byteCount: 2_048,
  unsafeSettings: [],
  partitionCount: 1,
} as const;
const bucket = { ...stream, name: "KV_WEFT_SNAPSHOTS" };
const leading: HeardReport = {
  node: "engine-1",
  version: "0.2.0",
  nowEpochMs: 1_000_000,
  uptimeMs: 900_000,
  residentBytes: 2 ** 27,
  clockOffsetMs: 0,
  uncertaintyMs: 1,
  partitions: [{
    partition: 0,
    status: { kind: "leading", epoch: 3 },
    through: 5_000,
    executions: 2,
    waiting: 0,
    parked: [],
    parkedCount: 0,
    snapshotAtEpochMs: 990_000,
  }],
};
const [led] = leading.partitions;
const follower = (through: number) => ({ partition: 0, status: { kind: "following", through } as const, through });
const following: HeardReport = {
  ...leading,
  node: "engine-2",
  partitions: [{ ...follower(4_990), executions: 2, waiting: 0, parked: [], parkedCount: 0 }],
};
/** The leader with another report of its partition. */
const leadingWith = (change: Partial<HeardReport["partitions"][number]>): HeardReport => ({
  ...leading,
  partitions: led === undefined ? [] : [{ ...led, ...change }],
});
const backlog: TaskBacklog = {
  tenant: "t",
  namespace: "n",
  resource: "charge",
  waiting: 7,
  inWork: 0,
  workersAsking: 0,
  oldestAtEpochMs: 0,
};
const fit: NatsFacts = { ...fitServer, streams: [stream, bucket], nodes: [leading, following] };

test("findings() has nothing to say against a fit server", () => {
  deepStrictEqual(new Set(findings(fit).map(({ level }) => level)), new Set(["ok"]));
});

const cases: readonly (readonly [
  why: string,
  change: Partial<NatsFacts>,
  name: string,
  level: string,
  advice: RegExp | undefined,
])[] = [
  [
    "the server is older than 2.12",
    { server: { ...fit.server, version: "2.9.10" } },
    "server",
    "fail",
    /2\.12 or later/,
  ],
  [
    "the server is of the next major version",
    { server: { ...fit.server, version: "3.0.0-beta.1" } },
    "server",
    "ok",
    undefined,
  ],
  [
    "JetStream is off",
    { jetStream: { isEnabled: false, reason: "not enabled" } },
    "jetstream",
    "fail",
    /--jetstream/,
  ],
  [
    "the disk is nearly full",
    {
      jetStream: {
        ...fit.jetStream,
        isEnabled: true,
        memoryBytesMax: -1,
        memoryBytesUsed: 0,
        storageBytesMax: 100,
        storageBytesUsed: 95,
      },
    },
    "jetstream",
    "warn",
    /limits/,
  ],
  [
    "messages must be small",
    { server: { ...fit.server, payloadBytesMax: 65_536 } },
    "payload",
    "fail",
    /max_payload/,
  ],
  [
    "the server syncs every two minutes",
    { disk: { syncIntervalMs: 120_000, syncsAlways: false } },
    "sync",
    "fail",
    /sync_interval: always/,
  ],
  ["a replica is missing", { streams: [{ ...stream, replicasCurrent: 2 }] }, "replicas", "warn", /servers back/],
  ["most replicas are missing", { streams: [{ ...stream, replicasCurrent: 1 }] }, "replicas", "fail", /servers back/],
  [
    "there is one replica",
    { streams: [{ ...stream, replicasWanted: 1, replicasCurrent: 1 }, bucket] },
    "replicas",
    "fail",
    /--replicas 3/,
  ],
  ["the bucket of settings is gone", { streams: [stream] }, "identity", "fail", /backup/],
  ["a log is gone", { streams: [{ ...stream, partitionCount: 2 }, bucket] }, "identity", "fail", /backup/],
  [
    "a log forgets by age",
    { streams: [{ ...stream, unsafeSettings: ["max_age must not be set"] }, bucket] },
    "settings",
    "fail",
    /nats stream edit WEFT_LOG_0/,
  ],
  ["a partition has no leader", { nodes: [following] }, "leaders", "fail", /leases/],
  [
    "a partition has stopped",
    { nodes: [leading, leadingWith({ status: { kind: "stopped", incident: "LogDamaged" } })] },
    "partition",
    "fail",
    /errors\.md/,
  ],
  ["there is one node", { nodes: [leading] }, "standbys", "warn", /second/],
  ["nobody follows", { nodes: [leading, { ...following, partitions: [] }] }, "standbys", "warn", /--standbys/],
  [
    "a standby is far behind",
    { nodes: [leadingWith({ through: 9_000 }), following] },
    "standbys",
    "warn",
    /CPU or a faster disk/,
  ],
  [
    "the nodes' clocks differ",
    { nodes: [leading, { ...following, clockOffsetMs: 5_000 }] },
    "clocks",
    "warn",
    /chrony/,
  ],
  [
    "the nodes' clocks differ by minutes",
    { nodes: [leading, { ...following, clockOffsetMs: -70_000 }] },
    "clocks",
    "fail",
    /chrony/,
  ],
  [
    "snapshots are not written any more",
    { nodes: [leadingWith({ snapshotAtEpochMs: 100_000 }), following] },
    "snapshots",
    "warn",
    /JetStream's limits/,
  ],
  [
    "an execution is parked",
    {
      nodes: [
        leadingWith({ parkedCount: 1, parked: [{ executionId: "/t/n/e1234567/0" as ExecutionId, why: "a defect" }] }),
        following,
      ],
    },
    "parked",
    "warn",
    /errors\.md/,
  ],
  ["nobody works on a task", { backlogs: [backlog] }, "tasks", "warn", /weft worker charge/],
  ["workers do not keep up", { backlogs: [{ ...backlog, inWork: 5 }] }, "tasks", "warn", /concurrency/],
  [
    "tasks in memory have one replica",
    { streams: [stream, bucket, { ...stream, storage: "memory", replicasWanted: 1, replicasCurrent: 1 }] },
    "replicas",
    "none",
    undefined,
  ],
  ["the clock is 10 s off", { clock: { offsetMs: 10_000, uncertaintyMs: 2 } }, "clock", "warn", /chrony/],
  ["the clock is minutes off", { clock: { offsetMs: -120_000, uncertaintyMs: 2 } }, "clock", "fail", /chrony/],
  ["the answer takes long", { roundTripMs: 120 }, "round trip", "warn", /close to NATS/],
  ["no server of Weft answers", { services: [], nodes: [] }, "weft", "unknown", /weft serve/],
  ["there are no streams", { streams: [] }, "streams", "unknown", /weft serve/],
];
for (const [why, change, name, level, advice] of cases) {
  test(`findings() says ${level} of the ${name} when ${why}`, () => {
    const found = findings({ ...fit, ...change }).find((finding) => finding.name === name);
    strictEqual(found?.level ?? "none", level);
    if (advice === undefined) strictEqual(found?.advice, undefined);
    else match(found?.advice ?? "", advice);
  });
}

test("findings() names the nodes that run different versions", () => {
  const found = findings({ ...fit, nodes: [leading, { ...following, version: "0.3.0" }] });
  deepStrictEqual(found.filter(({ name }) => name === "nodes").map(({ level }) => level), ["ok", "warn"]);
});

test("hindrances() are what a server for production is not started before, whatever its nodes say", () => {
  deepStrictEqual(hindrances({ ...fit, nodes: [], services: [] }), []);
  deepStrictEqual(hindrances({ ...fit, nodes: [following] }), []);
  const { disk: _, ...unseen } = fit;
  deepStrictEqual(hindrances(unseen).map(({ name }) => name), ["sync"]);
  const single = { ...stream, replicasWanted: 1, replicasCurrent: 1 };
  deepStrictEqual(hindrances({ ...fit, streams: [single, bucket] }).map(({ name }) => name), ["replicas"]);
});

test("findings() says what could not be seen", () => {
  const { clock: _, disk: __, ...rest } = fit;
  const unknown = findings(rest).filter(({ level }) => level === "unknown");
  deepStrictEqual(unknown.map(({ name }) => name), ["sync", "clock"]);
  match(unknown[0]?.advice ?? "", /--monitoring/);
});

test("weft doctor prints findings with advice and exits 1 only when something must be done", async () => {
  const good = await weft(["doctor"], ({ homes }) => homes.facts = fit);
  strictEqual(good.code, 0);
  match(good.out, /^✓ server {2}nats-server 2\.15\.1, cluster "c"\n/);
  const bad = await weft(["doctor", "--json"], ({ homes }) => {
    homes.facts = { ...fit, jetStream: { isEnabled: false, reason: "not enabled" } };
  });
  strictEqual(bad.code, 1);
  const report = JSON.parse(bad.out) as {
    readonly fit: boolean;
    readonly findings: readonly { readonly name: string }[];
  };
  deepStrictEqual([report.fit, report.findings.map(({ name }) => name)[1]], [false, "jetstream"]);
});

test("weft doctor tells of a server that cannot be reached", async () => {
  const { code, err } = await weft(["doctor", "--json"], ({ homes }) => homes.failure = new Error("refused"));
  deepStrictEqual([code, errorOf(err).code], [1, "Unreachable"]);
});
