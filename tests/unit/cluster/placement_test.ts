import assert from "node:assert/strict";
import { test } from "node:test";
import { type Member, type MemberId, placement, ranked, standbys } from "../../../src/cluster/mod.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

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

const nobody = new Map<number, MemberId>();

/** How many each leads, most first. */
function counted(leaders: readonly MemberId[]): number[] {
  return [...Map.groupBy(leaders, (id) => id).values()].map(({ length }) => length).sort((a, b) => b - a);
}

/** As leases are held when all have what they should. */
function settled(partitions: number, all: readonly Member[], before = nobody): Map<number, MemberId> {
  return new Map(placement(partitions, all, before).entries());
}

for (const [partitions, nodes] of [[8, 3], [8, 8], [4, 5], [64, 3], [1, 3]] as const) {
  test(`${partitions} partitions on ${nodes} nodes: shares differ by one at most`, () => {
    const leaders = placement(partitions, members(nodes), nobody);
    assert.equal(leaders.length, partitions);
    const counts = counted(leaders);
    assert.ok(Math.max(...counts) <= Math.ceil(partitions / nodes));
    if (partitions >= nodes) {
      assert.deepEqual([counts.length, Math.min(...counts)], [nodes, Math.floor(partitions / nodes)]);
    }
  });
}

test("who leaves leads nothing; with nobody else there is no leader", () => {
  const [first, second] = members(2).map((member) => ({ ...member, isLeaving: member.id === "m0" }));
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(new Set(placement(8, [first, second], nobody)), new Set(["m1"]));
  assert.deepEqual(placement(8, [first], nobody), []);
});

// Goal: no partition moves that need not, and none twice, whoever comes, leaves or dies, and in whatever order the moves are made.
for (let seed = 1; seed <= 20; seed++) {
  test(`partitions move once, and only those that must (seed ${seed})`, () => {
    const random = new SeededRandom(seed);
    const partitions = 1 + random.below(32);
    let all = members(1 + random.below(5));
    let held = settled(partitions, all);
    for (let change = 0; change < 6; change++) {
      const before = new Map(held);
      const gone = random.chance(0.5) && all.length > 1 ? all[random.below(all.length)] : undefined;
      if (gone !== undefined && random.chance(0.5)) {
        all = all.map((one) => one === gone ? { ...one, isLeaving: true } : one);
      } else if (gone !== undefined) all = all.filter((one) => one !== gone);
      else all = [...all, { id: `n${change}`, name: `node-${10 + random.below(3)}-${change}`, isLeaving: false }];
      const target = placement(partitions, all, held);
      const moves = target.flatMap((to, partition) => to === held.get(partition) ? [] : [partition]);
      const staying = all.filter(({ isLeaving }) => !isLeaving);
      const must = gone === undefined
        ? Math.floor(partitions / staying.length)
        : [...before.values()].filter((id) => id === gone.id).length;
      assert.equal(moves.length, must);
      while (moves.length > 0) {
        const [next = 0] = moves.splice(random.below(moves.length), 1);
        held.set(next, target[next] ?? "");
        assert.deepEqual(placement(partitions, all, held), target);
      }
      all = staying;
      held = settled(partitions, all, held);
    }
  });
}

test("who stands by for a partition is who leads it when its leader dies", () => {
  const all = members(4);
  const held = settled(16, all);
  const following = standbys([...held.values()], all, held, 2);
  for (const [partition, leader] of held) {
    const [first, second] = following[partition] ?? [];
    const left = all.filter(({ id }) => id !== leader);
    assert.equal(placement(16, left, held)[partition], first);
    assert.equal(placement(16, left.filter(({ id }) => id !== first), held)[partition], second);
  }
});

test("there are as many standbys as there are others", () => {
  const [only] = members(1);
  assert.ok(only !== undefined);
  assert.deepEqual(standbys(["m0"], [only], new Map([[0, "m0"]]), 1), [[]]);
  assert.deepEqual(standbys(["m0"], members(2), new Map([[0, "m0"]]), 3), [["m1"]]);
});
