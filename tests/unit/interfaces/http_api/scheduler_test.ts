// Goal: AWS's own client of EventBridge Scheduler makes schedules that start state machines, and is told of them as AWS tells.
// Method: the client before an embedded home; executions are waited for by the engine's feed.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import { type CreateScheduleCommandInput, Scheduler } from "@aws-sdk/client-scheduler";
import { account, roleArn, serveAwsApi, type ServedAwsApi } from "../../../support/aws_api.ts";

let api: ServedAwsApi;
let scheduler: Scheduler;
let machine: string;

before(async () => {
  api = await serveAwsApi();
  scheduler = new Scheduler({
    endpoint: api.address,
    region: "us-east-1",
    credentials: { accessKeyId: account, secretAccessKey: "none" },
    maxAttempts: 1,
  });
  const definition = JSON.stringify({ StartAt: "Pass", States: { Pass: { Type: "Pass", End: true } } });
  const created = await api.client.createStateMachine({ name: "scheduled", definition, roleArn });
  machine = created.stateMachineArn ?? "";
});
after(async () => {
  scheduler.destroy();
  await api.close();
});

const often = (Name: string): CreateScheduleCommandInput => ({
  Name,
  ScheduleExpression: "rate(1 hour)",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: { Arn: machine, RoleArn: roleArn, Input: '{"at":"<aws.scheduler.scheduled-time>"}' },
});

/** Resolves with the executions of the machine, as soon as there are so many that have ended. */
async function ended(count: number) {
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const forget = api.home.onEvents(() => {
        forget();
        resolve();
      });
    });
    const { executions = [] } = await api.client.listExecutions({
      stateMachineArn: machine,
      statusFilter: "SUCCEEDED",
    });
    if (executions.length >= count) return executions;
    await changed;
  }
}

test("a rate is due at once, and starts an execution under a name of its own with the scheduled time", async () => {
  const { ScheduleArn } = await scheduler.createSchedule(often("hourly"));
  strictEqual(ScheduleArn, `arn:aws:scheduler:us-east-1:${account}:schedule/default/hourly`);
  const [execution] = await ended(1);
  strictEqual(/^hourly-[0-9a-f]{7}-\d{8}T\d{6}-\d{3}Z$/.test(execution?.name ?? ""), true, execution?.name);
  const { input } = await api.client.describeExecution({ executionArn: execution?.executionArn ?? "" });
  const { at } = JSON.parse(input ?? "{}");
  strictEqual(at.replace(/[-:]/g, "").replace(/\.(\d+)Z|Z$/, "-$1Z").slice(0, 15), execution?.name?.slice(15, 30));
  await scheduler.deleteSchedule({ Name: "hourly" });
});

test("a schedule is told as it was made, listed, changed and deleted", async () => {
  const asked = {
    ...often("weekly"),
    ScheduleExpression: "cron(0 9 ? * MON *)",
    ScheduleExpressionTimezone: "Europe/Zurich",
    FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 15 },
    Description: "On Mondays",
    EndDate: new Date("2100-01-01T00:00:00Z"),
  } as const;
  await scheduler.createSchedule(asked);
  const told = await scheduler.getSchedule({ Name: "weekly" });
  const { $metadata: _, CreationDate, LastModificationDate, ...rest } = told;
  strictEqual(CreationDate instanceof Date && LastModificationDate instanceof Date, true);
  deepStrictEqual(rest, {
    ...asked,
    Arn: `arn:aws:scheduler:us-east-1:${account}:schedule/default/weekly`,
    GroupName: "default",
    State: "ENABLED",
    ActionAfterCompletion: "NONE",
  });
  await scheduler.updateSchedule({ ...often("weekly"), ScheduleExpression: "rate(7 days)", State: "DISABLED" });
  const { Schedules: [listed] = [] } = await scheduler.listSchedules({ NamePrefix: "week", State: "DISABLED" });
  strictEqual(listed?.Name, "weekly");
  strictEqual(listed?.Target?.Arn, machine);
  deepStrictEqual((await scheduler.listSchedules({ NamePrefix: "week", State: "ENABLED" })).Schedules, []);
  await scheduler.deleteSchedule({ Name: "weekly" });
  await rejects(scheduler.getSchedule({ Name: "weekly" }), { name: "ResourceNotFoundException" });
});

test("what cannot be a schedule is refused by AWS's names", async () => {
  await scheduler.createSchedule({ ...often("once"), State: "DISABLED" });
  await rejects(scheduler.createSchedule(often("once")), { name: "ConflictException" });
  await scheduler.deleteSchedule({ Name: "once" });
  await rejects(scheduler.updateSchedule(often("nobody")), { name: "ResourceNotFoundException" });
  await rejects(scheduler.deleteSchedule({ Name: "nobody" }), { name: "ResourceNotFoundException" });
  await rejects(scheduler.createSchedule({ ...often("x"), GroupName: "mine" }), { name: "ResourceNotFoundException" });
  for (
    const bad of [
      { ScheduleExpression: "rate(0 minutes)" },
      { ScheduleExpression: "cron(* * * * * *)" },
      { ScheduleExpressionTimezone: "Mars/Olympus" },
      { FlexibleTimeWindow: { Mode: "FLEXIBLE" } },
      { Target: { Arn: "arn:aws:lambda:us-east-1:111111111111:function:f", RoleArn: roleArn } },
      { Target: { Arn: "arn:aws:states:us-east-1:222222222222:stateMachine:theirs", RoleArn: roleArn } },
      { Target: { Arn: machine, RoleArn: roleArn, Input: "{" } },
      { StartDate: new Date("2100-01-01"), EndDate: new Date("2099-01-01") },
    ] as const
  ) {
    await rejects(
      scheduler.createSchedule({ ...often("bad"), ...bad }),
      { name: "ValidationException" },
      JSON.stringify(bad),
    );
  }
});

test("a schedule of one time deletes itself, by the target that names the machine in its input", async () => {
  const soon = new Date(Math.ceil((Date.now() + 100) / 1_000) * 1_000);
  const count = (await ended(1)).length;
  await scheduler.createSchedule({
    ...often("single"),
    ScheduleExpression: `at(${soon.toISOString().slice(0, 19)})`,
    ActionAfterCompletion: "DELETE",
    Target: {
      Arn: "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
      RoleArn: roleArn,
      Input: JSON.stringify({ StateMachineArn: machine, Input: '{"n":1}' }),
    },
  });
  const executions = await ended(count + 1);
  const single = executions.find(({ name }) => name?.startsWith("single-"));
  const { input } = await api.client.describeExecution({ executionArn: single?.executionArn ?? "" });
  strictEqual(input, '{"n":1}');
  const deadline = Date.now() + 5_000;
  while ((await scheduler.listSchedules({ NamePrefix: "single" })).Schedules?.length !== 0) {
    if (Date.now() > deadline) throw new Error("The schedule did not delete itself");
  }
});
