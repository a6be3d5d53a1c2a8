/** The document for those who move from AWS: what is the same, with the test that shows each, what differs, and what is not there. */
import { differences } from "./differences.ts";

/** What works as at AWS. */
interface Same {
  readonly what: string;
  readonly weft: string;
  /** File of a test that shows it, and a piece of its title as it stands in the file. */
  readonly shownBy: { readonly file: string; readonly title: string };
}

const API = "tests/unit/interfaces/http_api/";
const INTEGRATIONS = "tests/system/integrations/";

/** Each row is held against its test's title by a test of the architecture. */
export const same: readonly Same[] = [
  {
    what: "Definitions, JSONPath and JSONata",
    weft: "run unchanged; [each field](language.md) is checked with AWS's codes and places",
    shownBy: { file: `${API}state_machines_test.ts`, title: "names every error of the definition in one text" },
  },
  {
    what: "Names of executions",
    weft: "the same name and input is the same execution while it runs",
    shownBy: { file: `${API}executions_test.ts`, title: "StartExecution is the same while it runs" },
  },
  {
    what: "Histories",
    weft: "AWS's events, ids, texts and pages",
    shownBy: { file: `${API}executions_test.ts`, title: "GetExecutionHistory pages in both directions" },
  },
  {
    what: "EXPRESS machines, `StartSyncExecution`",
    weft: "answer with their outcome, end after five minutes, are not listed",
    shownBy: { file: `${API}executions_test.ts`, title: "an EXPRESS machine answers with its outcome" },
  },
  {
    what: "Versions and aliases with weights",
    weft: "the same calls and refusals",
    shownBy: { file: `${API}versions_test.ts`, title: "an alias sends starts to its versions by weight" },
  },
  {
    what: "Redrive",
    weft: "goes on where it failed; of Parallel and Map only what did not succeed",
    shownBy: { file: `${API}redrive_test.ts`, title: "RedriveExecution goes on from the state that failed" },
  },
  {
    what: "Activities, heartbeats",
    weft: "workers ask by `GetActivityTask`",
    shownBy: { file: `${API}activities_test.ts`, title: "a worker gets the task's input and token" },
  },
  {
    what: "Distributed Map, Map Runs",
    weft:
      "S3 (any that speaks its protocol), a folder or NATS's object store; CSV, JSON, JSON Lines, Parquet, manifests",
    shownBy: { file: `${API}map_runs_test.ts`, title: "a Map Run is described, listed and changed while it runs" },
  },
  {
    what: "Nested executions, `.sync`, `.sync:2`",
    weft: "Weft's own; a parent that is stopped stops its children",
    shownBy: { file: `${INTEGRATIONS}nested_test.ts`, title: ".sync gives the child's description" },
  },
  {
    what: "`.waitForTaskToken`",
    weft: "of each integration and of workers; the token stays good over restarts",
    shownBy: {
      file: `${INTEGRATIONS}callback_test.ts`,
      title: "a request that was answered is not made again after a restart",
    },
  },
  {
    what: "Lambda",
    weft: "any endpoint of its Invoke API, AWS's included (`LAMBDA_ENDPOINT`)",
    shownBy: { file: `${INTEGRATIONS}lambda_test.ts`, title: "a function's ARN gives its result as it is" },
  },
  {
    what: "HTTP tasks with connections",
    weft: "connections stand in a file; internal addresses are shut",
    shownBy: { file: `${INTEGRATIONS}http_test.ts`, title: "authorizes the request, and its secrets stay out of" },
  },
  {
    what: "DynamoDB, SQS, SNS, `aws-sdk:…` and the rest",
    weft: "once the door is opened (`WEFT_AWS`): AWS's own endpoints or others, by AWS's SDK",
    shownBy: { file: `${INTEGRATIONS}aws_test.ts`, title: "what it refuses is named as AWS does" },
  },
  {
    what: "The same without AWS",
    weft:
      "a [mapping file](integrations.md#mapped-resources) says what serves a resource instead, with the same shapes",
    shownBy: { file: `${INTEGRATIONS}mapped_test.ts`, title: "the result has the form of SQS's" },
  },
  {
    what: "`TestState`",
    weft: "with mocks and inspection",
    shownBy: { file: `${API}test_state_test.ts`, title: "TestState" },
  },
  {
    what: "CDK, SAM, Serverless",
    weft: "`weft import` reads the template that they make, and shows a plan before anything is changed",
    shownBy: { file: "tests/unit/interfaces/cli/import_test.ts", title: "is imported as its plan says, and runs" },
  },
];

/** What is AWS's and not Weft's, and what stands in its place. */
const absent: readonly (readonly [what: string, instead: string])[] = [
  [
    "IAM: roles are checked in form and not assumed",
    "who may call is decided in front of the HTTP port, or by NATS's users and permissions",
  ],
  [
    "CloudWatch logs, metrics and alarms",
    "the node's log on stderr, `weft doctor`, `weft monitor`, the feed of events on NATS",
  ],
  ["X-Ray", "each step is in the history; the [console](console.md) draws it over time"],
  ["KMS keys of one's own", "the disk's encryption; what NATS and SQLite keep is not encrypted by Weft"],
  [
    "CloudFormation as a service",
    "`weft import` for the state machines of a template; Terraform's provider works against the API",
  ],
  ["Throttling by AWS's quotas", "limits of size and number are AWS's by default, and each is a [setting](limits.md)"],
  [
    "Running functions",
    "Lambda, an emulator of it, or a [worker](getting_started.md#a-worker-of-its-own) in your own process",
  ],
];

const INTRODUCTION = `# From AWS Step Functions

<!-- Made by \`npm run docs\` from scripts/documents/from_aws.ts: change that, not this. -->

What speaks to AWS speaks to Weft when it is told another endpoint ([how, for each SDK](aws.md#point-a-client-at-it)); what CDK, SAM or Serverless has made is brought in by [\`weft import\`](cli.md#import).
What a definition calls is done by the service itself, by something of your own, or by a worker ([integrations](integrations.md)).

1. \`weft validate\` each definition; what AWS accepts and it refuses is a defect.
2. \`weft dev\`, and the tests that you have with \`AWS_ENDPOINT_URL_SFN\` set.
3. For each \`Resource\`: open the door to AWS, map it, or write its worker.
4. [Deploy](deployment.md), import the template, and start there what is new; executions that run at AWS end at AWS.
`;

/** The text of `docs/from_aws.md`. */
export function fromAwsDocument(): string {
  const sameRows = same.map(({ what, weft, shownBy: { file } }) =>
    `| ${what} | ${weft} | [${file.split("/").at(-1)}](../${file}) |\n`
  );
  const differentRows = differences.map(({ what, weft }) => `| ${what} | ${weft} |\n`);
  const absentRows = absent.map(([what, instead]) => `| ${what} | ${instead} |\n`);
  return `${INTRODUCTION}
## What is the same

Each row is shown by a test.

| at AWS | in Weft | test |
|---|---|---|
${sameRows.join("")}
## What differs

With AWS's side and the reason: [differences.md](differences.md).

| what | in Weft |
|---|---|
${differentRows.join("")}
## What is not there

| what | instead |
|---|---|
${absentRows.join("")}`;
}
