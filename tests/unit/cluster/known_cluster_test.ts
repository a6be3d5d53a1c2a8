// Goal: when a member that is silent counts as silent: from its last write on, as nearly as that can be known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownCluster } from "../../../src/cluster/jetstream/known_cluster.ts";

const UNTOLD_MS = 100;
const LOOK_BACK_MS = 1_000;
const session = { name: "node-1", isLeaving: false };

function knowing(id: string, atMs: number): KnownCluster {
  const known = new KnownCluster(UNTOLD_MS, LOOK_BACK_MS);
  known.putMember(id, session, 10, atMs);
  return known;
}

test("a last write of which a member could not speak any more counts from when it must have been", () => {
  const known = knowing("m1", 0);
  known.hear("m1", 20, 1_000);
  known.putMember("m1", session, 25, 1_800); // looked at: it had written once more
  assert.deepEqual(known.silentFor(2_000, 3_099), []);
  assert.deepEqual(known.silentFor(2_000, 3_100), ["m1"]);
});

test("who looks late does not take a record that has just changed for an old one", () => {
  const known = knowing("m1", 0);
  known.hear("m1", 20, 1_000);
  known.putMember("m1", session, 25, 3_500); // this node was held up itself: what the member said waits to be heard
  assert.deepEqual(known.silentFor(2_000, 4_499), []);
  assert.deepEqual(known.silentFor(2_000, 4_500), ["m1"]);
});

test("a member that nobody hears is alive as long as its record changes", () => {
  const known = knowing("m1", 0);
  known.hear("m1", 20, 1_000);
  known.putMember("m1", session, 25, 1_800);
  known.putMember("m1", session, 28, 3_100);
  assert.deepEqual(known.silentFor(2_000, 5_099), []);
  assert.deepEqual(known.silentFor(2_000, 5_100), ["m1"]);
});

test("a member that was never heard counts from when its record was seen to change", () => {
  const known = knowing("m1", 0);
  known.putMember("m1", session, 25, 1_800);
  assert.deepEqual(known.silentFor(2_000, 3_799), []);
});
