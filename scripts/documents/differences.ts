/** The document of what differs from AWS Step Functions: a row for each, which a test proves where there is something to run. */

import { amendments } from "../conformance/amendments.ts";

/** One thing that is not as it is at AWS. */
interface Difference {
  readonly what: string;
  readonly aws: string;
  readonly weft: string;
  readonly why: string;
  /** File of the test that shows Weft's side, and a piece of the test's title as it stands in the file. */
  readonly shownBy?: { readonly file: string; readonly title: string };
}

const UNIT = "tests/unit/";

/** All that are known. What is not here and differs is a defect. */
export const differences: readonly Difference[] = [
  {
    what: "A word without quotes in a filter: `[?(@.Name==Receipt)]`",
    aws: "accepted at creation; what it selects is not documented",
    weft: "the word is a text",
    why: "Published definitions are written that way and mean it so",
    shownBy: { file: `${UNIT}language/paths/paths_test.ts`, title: "A word is read whole" },
  },
  {
    what: "`$$.Task.Token`",
    aws: "in tasks with `.waitForTaskToken` alone",
    weft: "in tasks of your own workers as well",
    why: "A worker may hand its work on",
    shownBy: { file: `${UNIT}actors/state_types_test.ts`, title: "a request of a service has no token" },
  },
  {
    what: "`$$.Map.Item.Source`, `$$.Map.Item.Key`",
    aws: "in Map states",
    weft:
      "`Source` in distributed Maps, but for items that a manifest or `LOAD_AND_FLATTEN` leads to; no `Key`: an object's members are items `{ Key, Value }`",
    why: "Not built yet",
    shownBy: {
      file: "tests/system/integrations/map_run_datasets_test.ts",
      title: "an item knows where it comes from",
    },
  },
  {
    what: "Inventories of S3 in Parquet or ORC",
    aws: "read",
    weft: "`States.ItemReaderFailed`; inventories in CSV, and Parquet files themselves, are read",
    why: "Not built yet",
    shownBy: { file: "tests/system/integrations/map_run_datasets_test.ts", title: "the rows of a Parquet file" },
  },
  {
    what: "A log group that does not exist, in `loggingConfiguration`",
    aws: "`InvalidLoggingConfiguration: … Log Destination not found.`",
    weft: "accepted and kept",
    why: "There is no CloudWatch behind it",
  },
  {
    what: "An activity that does not exist (any more)",
    aws: "the execution fails when the state is entered: `The activity … does not exist.`",
    weft: "the task waits for a worker, as long as its timeout allows",
    why: "An execution's partition does not know the activities; a worker may come",
  },
  {
    what: "An action that an optimised integration does not have (`dynamodb:query`)",
    aws: "refused at creation",
    weft: "let through: the task fails, or the service answers",
    why: "Only what is sure is refused; which actions AWS has is not listed here",
  },
  {
    what: "Mocked results in TestState (`STRICT`, `PRESENT`)",
    aws: "checks `lambda:invoke` and values of enumerations as well",
    weft: "checks types, lengths and required fields; results of functions may be anything",
    why: "The shapes that it has know no enumerations",
    shownBy: { file: `${UNIT}interfaces/http_api/test_state_mock_test.ts`, title: "as a mocked result of" },
  },
  {
    what: "`MapStateExited` after `MapRunSucceeded`, in histories that AWS recorded before November 2024",
    aws: "follows `MapRunStarted` since then",
    weft: "follows `MapRunStarted`",
    why: "AWS's present form",
    shownBy: {
      file: `${UNIT}interfaces/http_api/map_runs_test.ts`,
      title: 'type === "MapStateExited")?.previousEventId',
    },
  },
  {
    what: "`RedriveCount` and the like in the results of nested executions, `encryptionConfiguration` in descriptions",
    aws: "since November 2023 and July 2024",
    weft: "always",
    why: "AWS's present form: recordings that are older have none",
    shownBy: {
      file: "tests/system/integrations/nested_test.ts",
      title: "Execution is SUCCEEDED and cannot be redriven",
    },
  },
];

const INTRODUCTION = `# What differs from AWS Step Functions

<!-- Made by \`npm run docs\` from scripts/documents/differences.ts: change that, not this. -->

For those who come from AWS: behaviour of the language and of the API that is not as it is there. What is not in this table is meant to be the same, down to the texts of
causes; where it is not, that is a defect. What is not part of the language (IAM, CloudWatch, KMS) is described in [aws.md](aws.md), what calls of services need in
[integrations.md](integrations.md).

| what | AWS | Weft | why |
|---|---|---|---|
`;

const RECORDINGS = `
## Recordings of AWS that do not say what AWS answers today

Weft is held to recorded answers of AWS (\`scripts/conformance.ts\` plays them). These are put right before they are played, or left out:

| what was recorded | why it is put right | played |
|---|---|---|
`;

/** The text of `docs/differences.md`. */
export function differencesDocument(): string {
  const rows = differences.map(({ what, aws, weft, why }) => `| ${what} | ${aws} | ${weft} | ${why} |\n`);
  const recordings = amendments.map(({ recorded, reason, amend }) =>
    `| ${recorded} | ${reason} | ${amend === undefined ? "no" : "as AWS answers today"} |\n`
  );
  return INTRODUCTION + rows.join("") + RECORDINGS + recordings.join("");
}
