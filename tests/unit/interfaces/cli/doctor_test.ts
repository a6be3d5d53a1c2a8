import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { findings } from "../../../../src/interfaces/cli/doctor/findings.ts";
import type { NatsFacts } from "../../../../src/interfaces/cli/mod.ts";
import { errorOf, weft } from "../../../support/cli/weft.ts";

const stream = {
  name: "WEFT_LOG_0",
  storage: "file",
  replicasWanted: 3,
  replicasCurrent: 3,
  messageCount: 7,
  byteCount: 2_048,
} as const;
const fit: NatsFacts = {
  url: "nats://n1",
  server: { name: "n1", version: "2.15.1", clusterName: "c", payloadBytesMax: 1_048_576 },
  roundTripMs: 1.2,
  jetStream: { isEnabled: true, memoryBytesMax: -1, memoryBytesUsed: 0, storageBytesMax: 1e9, storageBytesUsed: 1e6 },
  streams: [stream],
  services: [{ name: "weft-executions", version: "0.1.0" }],
  clock: { offsetMs: -3, uncertaintyMs: 1 },
  disk: { syncIntervalMs: 0, syncsAlways: true },
};

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
    "warn",
    /sync_interval: always/,
  ],
  ["a replica is missing", { streams: [{ ...stream, replicasCurrent: 2 }] }, "replicas", "warn", /servers back/],
  [
    "there is one replica",
    { streams: [{ ...stream, replicasWanted: 1, replicasCurrent: 1 }] },
    "replicas",
    "warn",
    /--replicas 3/,
  ],
  [
    "tasks in memory have one replica",
    { streams: [stream, { ...stream, storage: "memory", replicasWanted: 1, replicasCurrent: 1 }] },
    "replicas",
    "none",
    undefined,
  ],
  ["the clock is 10 s off", { clock: { offsetMs: 10_000, uncertaintyMs: 2 } }, "clock", "warn", /chrony/],
  ["the clock is minutes off", { clock: { offsetMs: -120_000, uncertaintyMs: 2 } }, "clock", "fail", /chrony/],
  ["the answer takes long", { roundTripMs: 120 }, "round trip", "warn", /close to NATS/],
  ["no server of Weft answers", { services: [] }, "weft", "unknown", /weft serve/],
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
