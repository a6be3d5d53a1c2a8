/** Workflows whose executions have children: nested ones, and those of Map Runs. Their data has the common shape. */
import type { Json, JsonObject } from "../../../src/values/mod.ts";

const Catch = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.caught", Next: "Over" }];
const over = { Over: { Type: "Succeed" } };

function nesting(child: string, fields: JsonObject = {}): JsonObject {
  return {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync:2",
    Parameters: { StateMachineArn: child, "Input.$": "$" },
    OutputPath: "$.Output",
    ...fields,
  };
}

function spreading(states: JsonObject, fields: JsonObject): JsonObject {
  const config = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
  return {
    Type: "Map",
    Label: "Each",
    ItemsPath: "$.list",
    ItemSelector: { "n.$": "$$.Map.Item.Value", list: [1], "tag.$": "$.tag" },
    ItemProcessor: { ProcessorConfig: config, StartAt: "Do", States: states },
    ...fields,
  };
}

const working = { Type: "Task", Resource: "work:a", End: true };

/** By name. */
export const familyWorkflows: readonly (readonly [name: string, definition: Json])[] = [
  ["child", {
    StartAt: "Pause",
    States: { Pause: { Type: "Wait", Seconds: 1, Next: "Do" }, Do: working },
  }],
  ["parent", {
    StartAt: "Nest",
    States: { Nest: nesting("child", { End: true }) },
  }],
  ["retrying_parent", {
    StartAt: "Nest",
    States: {
      Nest: nesting("child", {
        TimeoutSeconds: 6,
        Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 2 }],
        Catch,
        Next: "Over",
      }),
      ...over,
    },
  }],
  ["spread", {
    StartAt: "Each",
    States: {
      Each: spreading({ Do: working }, { MaxConcurrency: 2, ToleratedFailurePercentage: 40, Catch, End: true }),
      ...over,
    },
  }],
  ["strict_spread", {
    StartAt: "Each",
    States: { Each: spreading({ Do: working }, { MaxConcurrency: 3, End: true }) },
  }],
  ["spread_of_parents", {
    StartAt: "Each",
    States: {
      Each: spreading({ Do: nesting("child", { End: true }) }, { ToleratedFailurePercentage: 100, End: true }),
    },
  }],
  ["parent_of_spread", {
    StartAt: "Nest",
    States: { Nest: nesting("spread", { Catch, End: true }), ...over },
  }],
];

/** Those that clients start. */
export const startedWorkflows: readonly string[] = familyWorkflows.map(([name]) => name).filter((name) =>
  name !== "child"
);
