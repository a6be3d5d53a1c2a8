import assert from "node:assert/strict";
import { test } from "node:test";
import { type Member, placement, ranked } from "../../../src/cluster/mod.ts";

const members = (count: number): Member[] =>
  Array.from({ length: count }, (_, index) => ({ id: `m${index}`, name: `node-${index}`, isLeaving: false }));

test("a partition ranks the same members in the same order, whatever order they come in", () => {
  const all = members(5);
  for (let partition = 0; partition < 64; partition++) {
    assert.deepEqual(ranked(partition, all), ranked(partition, [...all].reverse()));
  }
});

test("who goes moves no partition of the others in rank", () => {
  const all = members(5);
  for (let partition = 0; partition < 64; partition++) {
    const before = ranked(partition, all);
    assert.deepEqual(ranked(partition, all.filter(({ id }) => id !== "m2")), before.filter((id) => id !== "m2"));
  }
});

test("a node that comes back by its name is wanted as before", () => {
  const back = members(3).map((member) => member.id === "m1" ? { ...member, id: "m9" } : member);
  for (let partition = 0; partition < 64; partition++) {
    assert.deepEqual(ranked(partition, back), ranked(partition, members(3)).map((id) => id === "m1" ? "m9" : id));
  }
});

test("members of one name are told apart", () => {
  const twins = members(2).map((member) => ({ ...member, name: "twin" }));
  const first = new Set(Array.from({ length: 64 }, (_, partition) => ranked(partition, twins)[0]));
  assert.equal(first.size, 2);
});

for (const [partitions, nodes] of [[8, 3], [8, 8], [4, 5], [64, 3], [1, 3]] as const) {
  test(`${partitions} partitions on ${nodes} nodes: nobody leads more than his share`, () => {
    const leaders = placement(partitions, members(nodes));
    assert.equal(leaders.length, partitions);
    const counts = new Map<string, number>();
    for (const leader of leaders) counts.set(leader, (counts.get(leader) ?? 0) + 1);
    assert.ok(Math.max(...counts.values()) <= Math.ceil(partitions / nodes));
  });
}

test("who leaves leads nothing; with nobody else there is no leader", () => {
  const [first, second] = members(2).map((member) => ({ ...member, isLeaving: member.id === "m0" }));
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(new Set(placement(8, [first, second])), new Set(["m1"]));
  assert.deepEqual(placement(8, [first]), []);
});
