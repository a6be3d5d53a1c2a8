/** Valid definitions of every shape, from a seed. Their input and every task's output is `{ "n": 0, "items": [...] }`. */
import type { Json, JsonObject } from "../../src/values/mod.ts";
import type { SeededRandom } from "./seeded_random.ts";

/** Input and outputs that every state of a random workflow can go on with. */
export const randomWorkflowPayload: Json = {
  n: 0,
  items: [{ n: 1, items: [] }, { n: 2, items: [{ n: 3, items: [] }] }],
};

interface Growing {
  readonly random: SeededRandom;
  /** States made so far: their names are unique in the definition. */
  count: number;
}

/** A state machine of nested states, at most `depth` levels of children deep. */
export function randomWorkflow(random: SeededRandom, depth = 3): JsonObject {
  const machine = chain({ random, count: 0 }, depth);
  return random.chance(0.2) ? { ...machine, TimeoutSeconds: 5 + random.below(60) } : machine;
}

function chain(growing: Growing, depth: number): JsonObject {
  const length = 1 + growing.random.below(3);
  const names = Array.from({ length }, () => `S${++growing.count}`);
  const States: Record<string, Json> = {};
  names.forEach((name, index) => {
    const next = names[index + 1];
    Object.assign(States, stateOf(growing, name, next, depth));
  });
  return { StartAt: names[0] ?? "", States };
}

function stateOf(growing: Growing, name: string, next: string | undefined, depth: number): JsonObject {
  const { random } = growing;
  const go: JsonObject = next === undefined ? { End: true } : { Next: next };
  switch (random.below(depth > 0 ? 9 : 5)) {
    case 0:
      return { [name]: { Type: "Pass", ...assigning(random, depth), ...go } };
    case 1:
      return { [name]: { Type: "Wait", Seconds: random.below(4), ...go } };
    case 2:
      return choice(growing, name, go);
    case 3:
    case 4:
    case 5:
      return handled(growing, name, go, {
        Type: "Task",
        Resource: random.pick(["charge", "ship"]),
        ...(random.chance(0.3) ? { TimeoutSeconds: 3 + random.below(9), HeartbeatSeconds: 2 } : {}),
        ...assigning(random, depth),
      });
    case 6:
    case 7:
      return handled(growing, name, go, {
        Type: "Parallel",
        Branches: Array.from({ length: 1 + random.below(3) }, () => chain(growing, depth - 1)),
        ResultPath: null,
      });
    default:
      return handled(growing, name, go, {
        Type: "Map",
        ItemsPath: "$.items",
        MaxConcurrency: random.below(3),
        ItemProcessor: chain(growing, depth - 1),
        ResultPath: null,
        ...(random.chance(0.3) ? { ItemSelector: { "n.$": "$.n", "items.$": "$$.Map.Item.Value.items" } } : {}),
      });
  }
}

function assigning(random: SeededRandom, depth: number): JsonObject {
  return random.chance(0.3) ? { Assign: { [`${random.pick(["a", "b"])}${depth}`]: random.below(10) } } : {};
}

function choice(growing: Growing, name: string, go: JsonObject): JsonObject {
  const other = `S${++growing.count}`;
  const last = growing.random.chance(0.3) ? { Type: "Fail", Error: "Chosen" } : { Type: "Succeed" };
  const end = `S${++growing.count}`;
  return {
    [name]: {
      Type: "Choice",
      Choices: [{ Variable: "$.n", NumericGreaterThan: growing.random.below(3), Next: other }],
      Default: end,
    },
    [other]: { Type: "Pass", ...go },
    [end]: last,
  };
}

/** With retriers and catchers, now and then. */
function handled(growing: Growing, name: string, go: JsonObject, state: JsonObject): JsonObject {
  const { random } = growing;
  const Retry = { ErrorEquals: ["E"], IntervalSeconds: 1, MaxAttempts: random.below(3), JitterStrategy: "FULL" };
  const caught = `S${++growing.count}`;
  const isCaught = random.chance(0.4);
  return {
    [name]: {
      ...state,
      ...(random.chance(0.4) ? { Retry: [Retry, { ErrorEquals: ["States.ALL"], MaxAttempts: 1 }] } : {}),
      ...(isCaught ? { Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: caught }] } : {}),
      ...go,
    },
    ...(isCaught ? { [caught]: { Type: "Pass", ...go } } : {}),
  };
}
