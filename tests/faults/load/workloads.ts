/**
 * What runs while things break. Of each execution it is known before its start how it must end, and when at the earliest.
 *
 * Workers answer `{ value, by }`: `value` by the rules here, `by` a text of which no two tries have the same. `by` stays in the
 * history, for the checks, and is left out of outputs.
 */
import type { SeededRandom } from "../../support/seeded_random.ts";
import type { Json } from "../../../src/values/mod.ts";

/** Resources of the workers. */
export const resources = {
  /** Counts `steps` of its input up by one. */
  step: "faults-step",
  /** Fails as long as `attempt` is at most `failures` of its input, then steps. */
  flaky: "faults-flaky",
  /** Hands its token over to the harness, which answers later. */
  ask: "faults-ask",
  /** Nobody works on it. */
  nobody: "faults-nobody",
} as const;

/** One execution to be started. */
export interface Drawn {
  readonly input: Json;
  readonly output?: Json;
  /** Milliseconds from its start on that it takes at least: waits, retries, time-outs. */
  readonly takesMs?: number;
  /** It is started so many milliseconds later, by `startAt`. */
  readonly startsInMs?: number;
  /** It is canceled as soon as its start has been acknowledged. */
  readonly isCanceled?: boolean;
}

/** A workflow and its executions. */
export interface Workload {
  readonly definition: Json;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  draw(random: SeededRandom, key: string): Drawn;
}

const TIMEOUT_SECONDS = 2;
const FOREVER_SECONDS = 86_400;

const step = (more: Record<string, Json>): Json => ({
  Type: "Task",
  Resource: resources.step,
  OutputPath: "$.value",
  ...more,
});
const steps = (count: number, name = "T"): Json => ({
  StartAt: `${name}1`,
  States: Object.fromEntries(
    Array.from(
      { length: count },
      (_, i) => [`${name}${i + 1}`, step(i < count - 1 ? { Next: `${name}${i + 2}` } : { End: true })],
    ),
  ),
});
const oneState = (state: Json): Json => ({ StartAt: "S", States: { S: state } });
const items = (count: number, steps: number): Json => Array.from({ length: count }, (_, index) => ({ index, steps }));
const eachStep = (mode: Record<string, Json>): Json =>
  oneState({
    Type: "Map",
    ItemProcessor: { ProcessorConfig: mode, StartAt: "T1", States: { T1: step({ End: true }) } },
    End: true,
  });

/** By name of their workflow. */
export const workloads = {
  w1: {
    weight: 6,
    definition: steps(1),
    draw: (_, key) => ({ input: { key, steps: 0 }, output: { key, steps: 1 } }),
  },
  w2: {
    weight: 3,
    definition: steps(10),
    draw: (_, key) => ({ input: { key, steps: 0 }, output: { key, steps: 10 } }),
  },
  map: {
    weight: 2,
    definition: eachStep({ Mode: "INLINE" }),
    draw(random) {
      const count = 1 + random.below(12);
      return { input: items(count, 0), output: items(count, 1) };
    },
  },
  distributed: {
    weight: 1,
    definition: eachStep({ Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }),
    draw(random) {
      const count = 5 + random.below(20);
      return { input: items(count, 0), output: items(count, 1) };
    },
  },
  nested: {
    weight: 2,
    definition: oneState({
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: "w1", "Input.$": "$" },
      OutputPath: "$.Output",
      End: true,
    }),
    draw: (_, key) => ({ input: { key, steps: 0 }, output: { key, steps: 1 } }),
  },
  parallel: {
    weight: 2,
    definition: oneState({ Type: "Parallel", Branches: [steps(1, "A"), steps(2, "B"), steps(1, "C")], End: true }),
    draw: (_, key) => ({
      input: { key, steps: 0 },
      output: [1, 2, 1].map((steps) => ({ key, steps })),
    }),
  },
  callback: {
    weight: 2,
    definition: oneState({
      Type: "Task",
      Resource: `${resources.ask}.waitForTaskToken`,
      Parameters: { "token.$": "$$.Task.Token", "key.$": "$.key" },
      OutputPath: "$.value",
      End: true,
    }),
    draw: (_, key) => ({ input: { key }, output: { answered: key } }),
  },
  wait: {
    weight: 2,
    definition: oneState({ Type: "Wait", SecondsPath: "$.seconds", End: true }),
    draw(random, key) {
      const seconds = 1 + random.below(6);
      return { input: { key, seconds }, output: { key, seconds }, takesMs: seconds * 1_000 };
    },
  },
  retry: {
    weight: 1,
    definition: oneState({
      Type: "Task",
      Resource: resources.flaky,
      Retry: [{ ErrorEquals: ["Flaky"], IntervalSeconds: 1, MaxAttempts: 5, BackoffRate: 2 }],
      OutputPath: "$.value",
      End: true,
    }),
    draw(random, key) {
      const failures = 1 + random.below(2);
      return {
        input: { key, failures, steps: 0 },
        output: { key, failures, steps: 1 },
        takesMs: (2 ** failures - 1) * 1_000,
      };
    },
  },
  timeout: {
    weight: 1,
    definition: {
      StartAt: "S",
      States: {
        S: {
          Type: "Task",
          Resource: resources.nobody,
          TimeoutSeconds: TIMEOUT_SECONDS,
          Catch: [{ ErrorEquals: ["States.Timeout"], ResultPath: null, Next: "Late" }],
          End: true,
        },
        Late: { Type: "Pass", Result: "timed out", ResultPath: "$.late", End: true },
      },
    },
    draw: (_, key) => ({
      input: { key },
      output: { key, late: "timed out" },
      takesMs: TIMEOUT_SECONDS * 1_000,
    }),
  },
  later: {
    weight: 1,
    definition: oneState({ Type: "Pass", End: true }),
    draw: (random, key) => ({ input: { key }, output: { key }, startsInMs: 1_000 + random.below(3_000) }),
  },
  canceled: {
    weight: 1,
    definition: oneState({ Type: "Wait", Seconds: FOREVER_SECONDS, End: true }),
    draw: (_, key) => ({ input: { key }, isCanceled: true }),
  },
} satisfies Record<string, Workload>;

/** A workload's name, which is its workflow's too. */
export type WorkloadName = keyof typeof workloads;

/** All names. */
export const workloadNames = Object.keys(workloads) as readonly WorkloadName[];

/** What a worker makes of a step's input. */
export function stepped(input: Json): Json {
  const { steps, ...more } = input as { readonly steps: number };
  return { ...more, steps: steps + 1 };
}
