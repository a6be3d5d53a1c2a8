/**
 * What is asked of a node so that it writes and answers everything that it can: the requests of the golden files, in order.
 *
 * Texts such as `$start.executionId` stand for a field of the answer to the step of that name. A later Weft asks the same and must
 * be answered with no less. Steps are added at the end; those that are there belong to golden files.
 */
import type { Json, JsonObject } from "../../../src/values/mod.ts";

/** One step of the story; `as` names its answer for those after it. */
export type Step =
  & { readonly as?: string }
  & (
    | { readonly nats: string; readonly body: JsonObject }
    | { readonly aws: string; readonly body: JsonObject }
    /** Takes the next task of a resource: its message is the answer. */
    | { readonly task: string }
    /** Puts or deletes a value in the registry. */
    | { readonly resource: "put" | "delete"; readonly name: string; readonly value?: Json }
    /** Waits until an execution has an event of this type. */
    | { readonly until: string; readonly executionId: string }
    /** Forgets the definitions that nobody needs: how many is the answer. */
    | { readonly forget: "definitions" }
    /** Lets time pass, milliseconds. */
    | { readonly advance: number }
    /** A new leader, whose turns are cut short after so many records. */
    | { readonly reopen: number }
  );

const ends = { End: true } as const;
const work = { Type: "Task", Resource: "work" } as const;
const fails = { Type: "Fail", Error: "Broken", Cause: "on purpose" } as const;

const workflows: Readonly<Record<string, Json>> = {
  pass: { StartAt: "P", States: { P: { Type: "Pass", Result: { a: [1, null, "€"] }, Assign: { seen: 1 }, ...ends } } },
  order: {
    StartAt: "Charge",
    States: {
      Charge: {
        ...work,
        TimeoutSeconds: 60,
        HeartbeatSeconds: 30,
        Retry: [{ ErrorEquals: ["Again"], IntervalSeconds: 1, MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ["Broken"], ResultPath: "$.error", Next: "Choose" }],
        Next: "Done",
      },
      Choose: { Type: "Choice", Choices: [{ Variable: "$.error", IsPresent: true, Next: "Done" }], Default: "Done" },
      Done: { Type: "Succeed" },
    },
  },
  wait: { StartAt: "W", States: { W: { Type: "Wait", Seconds: 5, ...ends } } },
  jsonata: {
    QueryLanguage: "JSONata",
    StartAt: "J",
    States: {
      J: {
        Type: "Pass",
        Output: "{% $states.input.a.b.c + 1 %}",
        Assign: { total: "{% $undefinedFunction() %}" },
        ...ends,
      },
    },
  },
  parallel: {
    StartAt: "Both",
    States: {
      Both: {
        Type: "Parallel",
        Branches: [
          { StartAt: "Left", States: { Left: { ...work, ...ends } } },
          { StartAt: "Right", States: { Right: { Type: "Task", Resource: "right", ...ends } } },
        ],
        ...ends,
      },
    },
  },
  map: {
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        ItemProcessor: { StartAt: "Item", States: { Item: { ...work, ...ends } } },
        MaxConcurrency: 2,
        ...ends,
      },
    },
  },
  limited: { TimeoutSeconds: 10, StartAt: "T", States: { T: { ...work, ...ends } } },
  failing: { StartAt: "F", States: { F: fails } },
  callback: {
    StartAt: "Ask",
    States: {
      Ask: {
        Type: "Task",
        Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        Parameters: { QueueUrl: "https://sqs", MessageBody: { "token.$": "$$.Task.Token" } },
        ...ends,
      },
    },
  },
  distributed: {
    StartAt: "Many",
    States: {
      Many: {
        Type: "Map",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "P",
          States: { P: { Type: "Pass", ...ends } },
        },
        ...ends,
      },
    },
  },
};

const nats = (subject: string, body: JsonObject, as?: string): Step => ({
  nats: subject,
  body,
  ...(as === undefined ? {} : { as }),
});
const start = (workflow: string, as: string, input: Json = { n: 1 }, more: JsonObject = {}): Step =>
  nats("executions.start", { workflow, input, ...more }, as);
const describe = (name: string, wait = true): Step =>
  nats("executions.describe", { executionId: `$${name}.executionId`, wait });
const history = (name: string): Step => nats("executions.history", { executionId: `$${name}.executionId` });
const take = (as: string, task = "work"): Step => ({ task, as });
const complete = (name: string, output: Json = { ok: true }): Step =>
  nats("tasks.complete", { token: `$${name}.token`, output });
const fail = (name: string, error = "Broken"): Step =>
  nats("tasks.fail", { token: `$${name}.token`, error, cause: "a test" });

const natsSteps: readonly Step[] = [
  ...Object.entries(workflows).map(([name, definition]) => nats("workflows.put", { name, definition })),
  nats("workflows.put", { name: "pass", definition: workflows["wait"] ?? null }),
  nats("workflows.put", { name: "pass", definition: workflows["pass"] ?? null }),
  nats("workflows.put", { name: "bad", definition: { StartAt: "Nowhere", States: {} } }),
  nats("workflows.validate", { definition: { StartAt: "P", States: { P: { Type: "Pass" }, Q: { Type: "Nothing" } } } }),
  nats("workflows.describe", { name: "order" }),
  nats("workflows.describe", { name: "nobody" }),
  nats("workflows.list", { limit: 3 }),
  start("order", "keyed", { n: 1 }, { key: "k-1" }),
  start("order", "again", { n: 1 }, { key: "k-1" }),
  start("order", "other", { n: 2 }, { key: "k-1" }),
  take("t1"),
  nats("tasks.activate", { token: "$t1.token" }),
  nats("tasks.heartbeat", { token: "$t1.token" }),
  complete("t1"),
  complete("t1"),
  nats("tasks.complete", { token: "none", output: null }),
  nats("tasks.complete", { token: 7 }),
  describe("keyed"),
  history("keyed"),
  nats("executions.history", { executionId: "$keyed.executionId", after: 2, limit: 2 }),
  start("order", "retried"),
  take("t2"),
  fail("t2", "Again"),
  { until: "StateRetryScheduledEvent", executionId: "$retried.executionId" },
  { advance: 1_500 },
  take("t3"),
  fail("t3"),
  describe("retried"),
  history("retried"),
  start("order", "late"),
  take("t4"),
  nats("tasks.activate", { token: "$t4.token" }),
  { advance: 61_000 },
  describe("late"),
  start("order", "canceled"),
  take("t5"),
  nats("executions.cancel", { executionId: "$canceled.executionId", error: "Stop", cause: "enough" }),
  nats("executions.cancel", { executionId: "$canceled.executionId" }),
  nats("executions.redrive", { executionId: "$canceled.executionId", clientToken: "c-1" }),
  nats("executions.redrive", { executionId: "$canceled.executionId" }),
  take("t6"),
  complete("t6"),
  describe("canceled"),
  history("canceled"),
  start("pass", "delayed", { n: 3 }, { startAt: "2030-01-01T00:02:00Z" }),
  describe("delayed", false),
  { advance: 120_000 },
  describe("delayed"),
  start("wait", "waiting"),
  { advance: 5_000 },
  describe("waiting"),
  start("jsonata", "failed", { a: "x" }),
  describe("failed"),
  history("failed"),
  start("parallel", "both"),
  take("left"),
  take("right", "right"),
  fail("right"),
  describe("both"),
  history("both"),
  nats("executions.redrive", { executionId: "$both.executionId" }),
  take("left2"),
  take("right2", "right"),
  complete("left2"),
  complete("right2"),
  describe("both"),
  start("map", "each", [1, 2, 3]),
  take("item1"),
  take("item2"),
  complete("item1"),
  take("item3"),
  fail("item2"),
  describe("each"),
  history("each"),
  nats("executions.redrive", { executionId: "$each.executionId" }),
  take("item4"),
  complete("item4"),
  take("item5"),
  complete("item5"),
  describe("each"),
  start("limited", "limited"),
  take("t7"),
  { advance: 11_000 },
  describe("limited"),
  start("callback", "callback"),
  take("asked", "arn:aws:states:::sqs:sendMessage.waitForTaskToken"),
  complete("asked", { MessageId: "m-1" }),
  nats("tasks.complete", { token: "$asked.input.MessageBody.token", output: "answered" }),
  describe("callback"),
  history("callback"),
  start("distributed", "many", [1, 2]),
  take("run", "weft:mapRun"),
  nats("executions.cancel", { executionId: "$many.executionId" }),
  take("reclaimed", "weft:mapRun"),
  fail("reclaimed"),
  describe("many"),
  start("order", "timed", { n: 4 }, { wait: false }),
  nats("executions.list", { limit: 5 }),
  nats("executions.list", { status: "Succeeded", workflow: "order" }),
  nats("executions.delete", { executionId: "$timed.executionId" }),
  take("t8"),
  complete("t8"),
  describe("timed"),
  nats("executions.delete", { executionId: "$keyed.executionId" }),
  nats("executions.describe", { executionId: "nonsense" }),
  start("nobody", "nobody"),
  nats("workflows.delete", { name: "wait" }),
  { resource: "put", name: "kept", value: { a: 1 } },
  { resource: "put", name: "gone", value: [1] },
  { resource: "delete", name: "gone" },
];

const arn = (kind: string, name: string) => `arn:aws:states:us-east-1:123456789012:${kind}:${name}`;
const roleArn = "arn:aws:iam::123456789012:role/worker";
const aws = (operation: string, body: JsonObject, as?: string): Step => ({
  aws: operation,
  body,
  ...(as === undefined ? {} : { as }),
});
const text = (name: string) => JSON.stringify(workflows[name]);
const machine = (name: string) => ({ stateMachineArn: arn("stateMachine", name) });

const awsSteps: readonly Step[] = [
  aws("CreateStateMachine", { name: "order", definition: text("order"), roleArn, tags: [{ key: "k", value: "v" }] }),
  aws("CreateStateMachine", { name: "quick", definition: text("pass"), roleArn, type: "EXPRESS", publish: true }),
  aws("CreateStateMachine", { name: "bad", definition: "{", roleArn }),
  aws("ListStateMachines", {}),
  aws("DescribeStateMachine", machine("order")),
  aws("DescribeStateMachine", machine("nobody")),
  aws("UpdateStateMachine", { ...machine("order"), definition: text("order"), publish: true }),
  aws("PublishStateMachineVersion", machine("order")),
  aws("ListStateMachineVersions", machine("order")),
  aws("CreateStateMachineAlias", {
    name: "live",
    routingConfiguration: [{ stateMachineVersionArn: `${arn("stateMachine", "order")}:1`, weight: 100 }],
  }),
  aws("DescribeStateMachineAlias", { stateMachineAliasArn: `${arn("stateMachine", "order")}:live` }),
  aws("ListStateMachineAliases", machine("order")),
  aws("StartExecution", { ...machine("order"), name: "one", input: '{"n":1}' }, "one"),
  aws("StartExecution", { ...machine("order"), name: "one", input: '{"n":2}' }),
  aws("DescribeExecution", { executionArn: "$one.body.executionArn" }),
  take("a1"),
  aws("SendTaskHeartbeat", { taskToken: "$a1.token" }),
  aws("SendTaskSuccess", { taskToken: "$a1.token", output: '{"ok":true}' }),
  aws("SendTaskSuccess", { taskToken: "$a1.token", output: '{"ok":true}' }),
  aws("DescribeExecution", { executionArn: "$one.body.executionArn" }),
  aws("GetExecutionHistory", { executionArn: "$one.body.executionArn" }),
  aws("DescribeStateMachineForExecution", { executionArn: "$one.body.executionArn" }),
  aws("StartExecution", { stateMachineArn: `${arn("stateMachine", "order")}:live`, name: "two" }, "two"),
  take("a2"),
  aws("SendTaskFailure", { taskToken: "$a2.token", error: "Other", cause: "a test" }),
  aws("GetExecutionHistory", { executionArn: "$two.body.executionArn", reverseOrder: true, maxResults: 3 }),
  aws("RedriveExecution", { executionArn: "$two.body.executionArn" }),
  take("a3"),
  aws("StopExecution", { executionArn: "$two.body.executionArn", error: "Stop", cause: "enough" }),
  aws("DescribeExecution", { executionArn: "$two.body.executionArn" }),
  aws("ListExecutions", machine("order")),
  aws("StartSyncExecution", { ...machine("quick"), input: "{}" }),
  aws("ListMapRuns", { executionArn: "$one.body.executionArn" }),
  aws("TagResource", { resourceArn: arn("stateMachine", "order"), tags: [{ key: "l", value: "w" }] }),
  aws("UntagResource", { resourceArn: arn("stateMachine", "order"), tagKeys: ["k"] }),
  aws("ListTagsForResource", { resourceArn: arn("stateMachine", "order") }),
  aws("CreateActivity", { name: "hands" }),
  aws("DescribeActivity", { activityArn: arn("activity", "hands") }),
  aws("ListActivities", {}),
  aws("DeleteActivity", { activityArn: arn("activity", "hands") }),
  aws("ValidateStateMachineDefinition", { definition: '{"StartAt":"P","States":{"P":{"Type":"Pass"}}}' }),
  aws("TestState", { definition: '{"Type":"Pass","Result":1,"End":true}', input: "{}", inspectionLevel: "DEBUG" }),
  aws("DeleteStateMachineAlias", { stateMachineAliasArn: `${arn("stateMachine", "order")}:live` }),
  aws("DeleteStateMachineVersion", { stateMachineVersionArn: `${arn("stateMachine", "order")}:1` }),
  aws("DeleteStateMachine", machine("quick")),
  aws("StartExecution", { ...machine("quick"), input: "{}" }),
  aws("Nonsense", {}),
];

/** Turns that are cut short leave commands in the log, in whole: all of them, if each turn takes up one. */
const cutSteps: readonly Step[] = [
  { reopen: 1 },
  start("order", "cut"),
  take("c1"),
  nats("tasks.activate", { token: "$c1.token" }),
  fail("c1", "Again"),
  { until: "StateRetryScheduledEvent", executionId: "$cut.executionId" },
  { advance: 1_500 },
  take("c2"),
  nats("executions.cancel", { executionId: "$cut.executionId" }),
  describe("cut"),
  start("parallel", "cutBoth"),
  take("c3"),
  take("c4", "right"),
  fail("c4"),
  describe("cutBoth"),
  start("map", "cutEach", [1, 2, 3]),
  take("c5"),
  take("c6"),
  fail("c5"),
  describe("cutEach"),
  start("order", "cutLate"),
  take("c7"),
  { advance: 61_000 },
  describe("cutLate"),
  // What follows stays as it is: it is in the store, in the snapshot, and goes on from there.
  start("order", "open", { n: 9 }, { key: "open" }),
  take("open1"),
  start("map", "openMap", [1, 2, 3, 4]),
  take("open2"),
  take("open3"),
  complete("open2"),
  start("parallel", "openBoth"),
  start("pass", "later", { n: 5 }, { startAt: "2030-06-01T00:00:00Z" }),
];

/** A definition that nobody needs any more. */
const forgetSteps: readonly Step[] = [
  nats("workflows.put", { name: "brief", definition: { StartAt: "Brief", States: { Brief: { Type: "Succeed" } } } }),
  nats("workflows.delete", { name: "brief" }),
  { forget: "definitions" },
];

/** All steps, in order. */
export const story: readonly Step[] = [...natsSteps, ...awsSteps, ...cutSteps, ...forgetSteps];
