// Goal: starts without a key live where this node leads, on few partitions at a time, and on all of them in the end.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { placeOf, PlacesOfStarts } from "../../../../src/runtime/requests/places_of_starts.ts";
import type { PartitionHomes } from "../../../../src/runtime/requests/partition_homes.ts";
import { partitionKey, partitionOf, type Space } from "../../../../src/values/mod.ts";
import { ManualClock } from "../../../support/manual_clock.ts";

const space: Space = { tenant: "t", namespace: "n" };
const COUNT = 16;

function world(led: ReadonlySet<number>) {
  const clock = new ManualClock(0);
  const of = (id: Parameters<PartitionHomes["of"]>[0]) => partitionOf(partitionKey(id), COUNT);
  const homes = { of, isHere: (partition: number) => led.has(partition) };
  const places = new PlacesOfStarts(homes, { clock, randomness: { uuid: () => "seed" } });
  const next = (count: number, where = space) =>
    Array.from({ length: count }, () => of(placeOf(where, places.next(where))));
  return { clock, next };
}

const all = new Set(Array.from({ length: COUNT }, (_, partition) => partition));

test("starts go to four partitions in turn", () => {
  const { next } = world(all);
  const chosen = next(400);
  deepStrictEqual(chosen.slice(4, 8), chosen.slice(0, 4));
  strictEqual(new Set(chosen).size, 4);
});

test("others are chosen each second, so that all have their share", () => {
  const { clock, next } = world(all);
  const counts = new Map<number, number>();
  for (let second = 0; second < 400; second++) {
    for (const partition of next(4)) counts.set(partition, (counts.get(partition) ?? 0) + 1);
    clock.advance(1_000);
  }
  strictEqual(counts.size, COUNT);
  ok([...counts.values()].every((count) => count > 50 && count < 150), String([...counts.values()]));
});

test("they live where this node leads, and elsewhere only where it leads nothing", () => {
  deepStrictEqual(new Set(world(new Set([3, 9])).next(100)), new Set([3, 9]));
  strictEqual(new Set(world(new Set()).next(100)).size > 0, true);
});

test("what this node leads no more is chosen once more at most", () => {
  const led = new Set(all);
  const { next } = world(led);
  for (const partition of next(4)) led.delete(partition);
  const wrong = next(100).filter((partition) => !led.has(partition));
  ok(wrong.length <= 1, String(wrong));
});

test("a clock that was set back does not keep a choice", () => {
  const { clock, next } = world(all);
  clock.advance(10_000_000);
  const before = next(4);
  clock.advance(-9_000_000);
  ok(String(next(4)) !== String(before));
});
