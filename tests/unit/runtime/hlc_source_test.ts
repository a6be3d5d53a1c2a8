import { ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { DRIFT_SECONDS_MAX, HlcSource } from "../../../src/runtime/hlc_source.ts";
import { asString, compareTimestamps, timestamp } from "../../../src/values/mod.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

/** A clock that shows what it is told to, seconds. */
function clockAt(seconds: number) {
  let now = seconds;
  return { set: (seconds: number) => void (now = seconds), source: new HlcSource(() => now * 1000), now: () => now };
}

test("tick() rises within one second", () => {
  const { source } = clockAt(100);
  strictEqual(asString(source.tick()), "0000006400000000");
  strictEqual(asString(source.tick()), "0000006400000001");
});

test("tick() begins to count anew with the next second", () => {
  const { source, set } = clockAt(100);
  source.tick();
  source.tick();
  set(101);
  strictEqual(asString(source.tick()), "0000006500000000");
});

test("tick() goes on rising when the clock goes back an hour", () => {
  const { source, set } = clockAt(10_000);
  const before = source.tick();
  set(10_000 - 3_600);
  const after = source.tick();
  ok(compareTimestamps(after, before) > 0);
  strictEqual(after.wallTime, before.wallTime);
});

test("tick() goes to the next second when the count within one is used up", () => {
  const { source } = clockAt(100);
  source.restore(timestamp(100, 0xffff_ffff));
  strictEqual(asString(source.tick()), "0000006500000000");
});

test("tick() is later than what was observed", () => {
  const { source } = clockAt(100);
  const seen = timestamp(100 + DRIFT_SECONDS_MAX, 7);
  ok(Result.isSuccess(source.observe(seen)));
  ok(compareTimestamps(source.tick(), seen) > 0);
});

test("observe() takes nothing over from further ahead than the drift allowed", () => {
  const { source } = clockAt(100);
  ok(Result.isFailure(source.observe(timestamp(101 + DRIFT_SECONDS_MAX, 0))));
  strictEqual(asString(source.tick()), "0000006400000000");
});

test("observe() of something older changes nothing", () => {
  const { source } = clockAt(100);
  source.tick();
  ok(Result.isSuccess(source.observe(timestamp(50, 9))));
  strictEqual(asString(source.tick()), "0000006400000001");
});

test("restore() takes over the log's own timestamps, however far ahead", () => {
  const { source } = clockAt(100);
  source.restore(timestamp(1_000_000, 3));
  strictEqual(asString(source.tick()), asString(timestamp(1_000_000, 4)));
});

for (const seed of [1, 2, 3]) {
  test(`the three properties hold under a clock that jumps and peers that are ahead (seed ${seed})`, () => {
    const random = new SeededRandom(seed);
    const { source, set, now } = clockAt(1_000);
    let newest = timestamp(0, 0);
    let aheadMax = 0;
    for (let step = 0; step < 5_000; step++) {
      if (random.chance(0.1)) set(Math.max(1, now() + random.below(240) - 120));
      aheadMax = Math.max(aheadMax, now());
      if (random.chance(0.2)) {
        const seen = timestamp(Math.max(0, now() + random.below(200) - 80), random.below(5));
        const taken = Result.isSuccess(source.observe(seen));
        strictEqual(taken, seen.wallTime - now() <= DRIFT_SECONDS_MAX); // bounded drift
        if (taken && compareTimestamps(seen, newest) > 0) newest = seen;
      }
      const drawn = source.tick();
      ok(compareTimestamps(drawn, newest) > 0); // monotonic, and never behind what was seen
      ok(drawn.wallTime <= aheadMax + DRIFT_SECONDS_MAX);
      newest = drawn;
    }
  });
}

test("tick() never draws in one lane what another draws, not even on another node", () => {
  const lanes = [0, 1, 2].map((lane) => clockAt(100).source.lane(lane, 3));
  const drawn = lanes.flatMap((source) => Array.from({ length: 5 }, () => asString(source.tick())));
  strictEqual(new Set(drawn).size, drawn.length);
});

test("tick() rises over all lanes of a node", () => {
  const { source } = clockAt(100);
  const lanes = [source.lane(0, 3), source.lane(1, 3), source.lane(2, 3)];
  const random = new SeededRandom(7);
  let before = source.last;
  for (let count = 0; count < 200; count++) {
    const lane = random.below(3);
    const drawn = lanes[lane]?.tick() ?? before;
    ok(compareTimestamps(drawn, before) > 0);
    strictEqual(drawn.logical % 3, lane);
    before = drawn;
  }
});

test("tick() of a lane goes to the next second when the count within one is used up", () => {
  const { source } = clockAt(100);
  source.restore(timestamp(100, 0xffff_fffe));
  strictEqual(asString(source.lane(2, 4).tick()), "0000006500000002");
});
