// Goal: who belongs to a tenant is told nothing of others by the engine's page.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect, Result } from "effect";
import { engineOperation } from "../../../../src/interfaces/console/operations/cluster.ts";
import type { ConsoleCall } from "../../../../src/interfaces/console/operation.ts";
import type { EngineStatus } from "../../../../src/interfaces/console/wire.ts";
import type { ExecutionId } from "../../../../src/values/mod.ts";

const parked = (tenant: string) => ({ executionId: `/${tenant}/n/e0000000/1` as ExecutionId, why: "a defect" });
const partition = {
  partition: 0,
  status: { kind: "leading", epoch: 1 },
  through: 1,
  executions: 2,
  waiting: 0,
  parked: [parked("ours"), parked("theirs")],
  parkedCount: 2,
} as const;
const node = {
  node: "n1",
  version: "1",
  nowEpochMs: 0,
  uptimeMs: 1,
  residentBytes: 1,
  clockOffsetMs: 0,
  uncertaintyMs: 0,
};
const backlog = { namespace: "n", resource: "charge", waiting: 1, inWork: 0, workersAsking: 0 };
const operation = engineOperation({
  nodes: () => Promise.resolve([{ ...node, partitions: [partition] }]),
  backlogs: () => Promise.resolve([{ ...backlog, tenant: "ours" }, { ...backlog, tenant: "theirs" }]),
  findings: () =>
    Promise.resolve(["server", "parked", "tasks"].map((name) => ({ name, level: "ok" as const, message: name }))),
});

async function seen(sealed: Pick<ConsoleCall, "sealedTenant">) {
  const run = Result.getOrThrow(operation.accept({}));
  const status = await Effect.runPromise(run(sealed as ConsoleCall)) as EngineStatus;
  return {
    parked: status.nodes[0]?.partitions[0]?.parked.map(({ executionId }) => executionId),
    count: status.nodes[0]?.partitions[0]?.parkedCount,
    backlogs: status.backlogs.map(({ tenant }) => tenant),
    findings: status.findings?.map(({ name }) => name),
  };
}

test("a tenant's caller sees his own backlogs and parked executions alone", async () => {
  deepStrictEqual(await seen({ sealedTenant: "ours" }), {
    parked: ["/ours/n/e0000000/1"],
    count: 1,
    backlogs: ["ours"],
    findings: ["server"],
  });
});

test("who belongs to no tenant sees all", async () => {
  const { parked: all, count, backlogs, findings } = await seen({});
  deepStrictEqual([all?.length, count, backlogs.length, findings?.length], [2, 2, 2, 3]);
});
