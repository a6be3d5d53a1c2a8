import type { Json } from "../../../src/values/mod.ts";
import type { SimRandom } from "../world/sim_random.ts";

/** What every state of a generated workflow can rely on: `n`, `list` and `tag` are there. */
export interface Payload {
  readonly [field: string]: Json;
  readonly n: number;
  readonly list: readonly number[];
  readonly tag: string;
}

const tags = ["red", "green", "blue", "größer ☃"];

/** A payload of the common shape. */
export function drawPayload(random: SimRandom, listMax = 4): Payload {
  return {
    n: random.between(0, 9),
    list: Array.from({ length: random.between(0, listMax) }, () => random.between(0, 9)),
    tag: random.oneOf(tags),
  };
}

/** What a worker gives back: the common shape, and at times something that is large. */
export function drawTaskOutput(random: SimRandom): Json {
  const payload = drawPayload(random, 3);
  return random.chance(0.1) ? { ...payload, text: "x".repeat(random.between(100, 900)) } : { ...payload };
}
