import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { RecentMap } from "../../../src/tasks/mod.ts";

const known = (map: RecentMap<number>, keys: string) => [...keys].filter((key) => map.has(key)).join("");

test("RecentMap forgets the oldest for the newest", () => {
  const map = new RecentMap<number>(3);
  [..."abcde"].forEach((key, n) => map.set(key, n));
  strictEqual(known(map, "abcde"), "cde");
  deepStrictEqual([map.get("a"), map.get("e")], [undefined, 4]);
});

test("RecentMap.set() of a known key changes its value and takes no place", () => {
  const map = new RecentMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  strictEqual(known(map, "ab"), "ab");
  strictEqual(map.get("a"), 3);
  map.set("c", 4); // a is still the oldest
  strictEqual(known(map, "abc"), "bc");
});

test("RecentMap.clear() forgets all and begins anew", () => {
  const map = new RecentMap<number>(2);
  for (const key of "abc") map.set(key, 1);
  map.clear();
  strictEqual(known(map, "abc"), "");
  for (const key of "xyz") map.set(key, 1);
  strictEqual(known(map, "xyz"), "yz");
});
