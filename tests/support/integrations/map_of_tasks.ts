import type { Json } from "../../../src/values/mod.ts";

/** A distributed Map over the input, whose children have a task `echo` done. */
export const mapOfTasks: Json = {
  StartAt: "Map",
  States: {
    Map: {
      Type: "Map",
      Label: "Each",
      MaxConcurrency: 20,
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Echo",
        States: { Echo: { Type: "Task", Resource: "echo", End: true } },
      },
      End: true,
    },
  },
};
