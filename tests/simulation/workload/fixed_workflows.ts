/** Workflows that every simulation may draw beside the generated ones: shapes that chance seldom gives. */
import type { ScopeJson } from "../reference/definition.ts";

/** A Map whose start alone is longer than one turn may be. */
const wideMap: ScopeJson = {
  StartAt: "Widen",
  States: {
    Widen: {
      Type: "Pass",
      Result: { n: 1, list: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], tag: "red" },
      Next: "Each",
    },
    Each: {
      Type: "Map",
      ItemsPath: "$.list",
      ItemSelector: { "n.$": "$$.Map.Item.Value", "list.$": "$.list", "tag.$": "$.tag" },
      ItemProcessor: { StartAt: "Copy", States: { Copy: { Type: "Pass", End: true } } },
      End: true,
    },
  },
};

/** A chain that is done in the turn of its start. */
const chain: ScopeJson = {
  StartAt: "One",
  States: {
    One: { Type: "Pass", Next: "Two" },
    Two: { Type: "Choice", Choices: [{ Variable: "$.n", NumericGreaterThan: 4, Next: "Three" }], Default: "Four" },
    Three: { Type: "Pass", Result: { n: 0, list: [], tag: "high" }, Next: "Four" },
    Four: { Type: "Succeed" },
  },
};

/** One branch fails in the very round in which the last of the others succeeds. */
const closeFailure: ScopeJson = {
  StartAt: "Race",
  States: {
    Race: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "Pause",
          States: {
            Pause: { Type: "Pass", Next: "Lose" },
            Lose: { Type: "Fail", Error: "Doomed", Cause: "as written" },
          },
        },
        { StartAt: "Win1", States: { Win1: { Type: "Pass", End: true } } },
        { StartAt: "Win2", States: { Win2: { Type: "Pass", End: true } } },
      ],
      Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 }],
      Catch: [{ ErrorEquals: ["Doomed"], Next: "Over", ResultPath: "$.caught" }],
      Next: "Over",
    },
    Over: { Type: "Succeed" },
  },
};

/** A timer of days to come beside one of now. */
const longWait: ScopeJson = {
  StartAt: "Short",
  States: {
    Short: { Type: "Wait", Seconds: 1, Next: "Long" },
    Long: { Type: "Wait", Seconds: 130, Next: "Work" },
    Work: { Type: "Task", Resource: "work:a", End: true },
  },
};

/** By name. */
export const fixedWorkflows: readonly (readonly [name: string, definition: ScopeJson])[] = [
  ["wide_map", wideMap],
  ["chain", chain],
  ["close_failure", closeFailure],
  ["long_wait", longWait],
];
