import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import {
  activityId,
  branchId,
  executionId,
  hash7,
  isExecutionIdOf,
  isSegment,
  iterationId,
  parseActivityId,
  parseChildId,
  parseExecutionId,
  parseTaskId,
  partitionKey,
  partitionOf,
  type Space,
  taskId,
  timestamp,
  workflowId,
} from "../../../src/values/mod.ts";

const space: Space = { tenant: "acme", namespace: "shop" };
const at = timestamp(0x0123_4567, 0x89ab_cdef);
const execution = executionId(space, hash7("order-1"), at);
const activity = activityId(execution, at);

test("ids carry tenant, namespace, kind and clock, as the design writes them", () => {
  const hash = hash7("order-1");
  deepStrictEqual(
    {
      execution,
      activity,
      branch: branchId(activity, 0),
      iteration: iterationId(activity, 41),
      task: taskId(space, hash7("charge"), at),
      workflow: workflowId(space, "order"),
    },
    {
      execution: `/acme/shop/e${hash}/0123456789abcdef`,
      activity: `/acme/shop/e${hash}/0123456789abcdef/0123456789abcdef`,
      branch: `/acme/shop/e${hash}/0123456789abcdef/0123456789abcdef/b0`,
      iteration: `/acme/shop/e${hash}/0123456789abcdef/0123456789abcdef/i41`,
      task: `/acme/shop/t${hash7("charge")}/0123456789abcdef`,
      workflow: `/acme/shop/w${hash7("order")}/order`,
    },
  );
});

test("parsers take apart what printers wrote", () => {
  const parts = { tenant: "acme", namespace: "shop", hlc: "0123456789abcdef" };
  deepStrictEqual(parseExecutionId(execution), { ...parts, hash: hash7("order-1") });
  deepStrictEqual(parseTaskId(taskId(space, hash7("charge"), at)), { ...parts, hash: hash7("charge") });
  deepStrictEqual(parseActivityId(activity), { executionId: execution, hlc: parts.hlc });
  deepStrictEqual(parseChildId(branchId(activity, 3)), { activityId: activity, kind: "branch", index: 3 });
  deepStrictEqual(parseChildId(iterationId(activity, 99_999)), {
    activityId: activity,
    kind: "iteration",
    index: 99_999,
  });
});

/** One change makes a valid execution id another text; none of these is an id. */
const hostile = [
  { what: "empty text", text: "" },
  { what: "no leading slash", text: execution.slice(1) },
  { what: "a slash too many", text: `/${execution}` },
  { what: "a slash at the end", text: `${execution}/` },
  { what: "a line break at the end", text: `${execution}\n` },
  { what: "text before it", text: `x${execution}` },
  { what: "a tenant that climbs", text: execution.replace("acme", "..") },
  { what: "an empty tenant", text: execution.replace("acme", "") },
  { what: "a tenant with a dot, which NATS would split", text: execution.replace("acme", "a.b") },
  { what: "a tenant with a wildcard", text: execution.replace("acme", "*") },
  { what: "a tenant of 65 characters", text: execution.replace("acme", "a".repeat(65)) },
  { what: "a tenant beyond ASCII", text: execution.replace("acme", "аcme") },
  { what: "a null character", text: execution.replace("shop", "sh\0op") },
  { what: "upper-case hex", text: execution.replace("abcdef", "ABCDEF") },
  { what: "a clock of 15 digits", text: execution.slice(0, -1) },
  { what: "a clock of 17 digits", text: `${execution}0` },
  { what: "another kind", text: execution.replace("/e", "/t") },
  { what: "a hash of 6 digits", text: execution.replace(/\/e./, "/e") },
];
for (const { what, text } of hostile) {
  test(`no parser takes an execution's id with ${what}`, () => {
    strictEqual(parseExecutionId(text), undefined);
    strictEqual(parseActivityId(`${text}/0123456789abcdef`), undefined);
    strictEqual(isExecutionIdOf(space, text), false);
  });
}

for (const suffix of ["b01", "b-1", "b", "i", "i1e3", "c0", "b1234567890", "i0/", "b0\n"]) {
  test(`parseChildId() gives nothing for a child called "${suffix}"`, () => {
    strictEqual(parseChildId(`${activity}/${suffix}`), undefined);
  });
}

test("an id belongs to its own tenant and namespace alone", () => {
  ok(isExecutionIdOf(space, execution));
  for (
    const other of [
      { ...space, tenant: "acm" },
      { ...space, tenant: "acme2" },
      { ...space, namespace: "sho" },
      { tenant: "shop", namespace: "acme" },
      { tenant: ".*", namespace: ".*" },
    ]
  ) strictEqual(isExecutionIdOf(other, execution), false);
});

for (const text of ["a", "A-Z_9", "a".repeat(64)]) {
  test(`isSegment() takes "${text}"`, () => ok(isSegment(text)));
}
for (const text of ["", "a b", "a/b", "a.b", ">", "ä", "a\n", "a".repeat(65)]) {
  test(`isSegment() refuses ${JSON.stringify(text)}`, () => strictEqual(isSegment(text), false));
}

test("all executions of one key are in one partition, whatever the clock says", () => {
  const partitions = new Set<number>();
  for (let logical = 0; logical < 100; logical++) {
    partitions.add(partitionOf(partitionKey(executionId(space, hash7("key"), timestamp(logical, logical))), 8));
  }
  strictEqual(partitions.size, 1);
});

for (const count of [1, 4, 8, 100]) {
  test(`partitionOf() spreads keys evenly over ${count} partitions`, () => {
    const keysPerPartition = 400;
    const found = Array.from({ length: count }, () => 0);
    for (let index = 0; index < count * keysPerPartition; index++) {
      const partition = partitionOf(partitionKey(executionId(space, hash7(`key-${index}`), at)), count);
      found[partition] = (found[partition] ?? 0) + 1;
    }
    strictEqual(found.length, count);
    // Six standard deviations of a fair draw: a hash that leans to one side is far outside.
    const allowed = 6 * Math.sqrt(keysPerPartition);
    ok(found.every((keys) => Math.abs(keys - keysPerPartition) <= allowed), `found ${found}`);
  });
}

test("partitionOf() puts the workflows of a space into more than one partition", () => {
  const names = Array.from({ length: 50 }, (_, index) => `workflow-${index}`);
  ok(new Set(names.map((name) => partitionOf(partitionKey(workflowId(space, name)), 8))).size > 4);
});
