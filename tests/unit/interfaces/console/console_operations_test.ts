// Goal: what the console's page asks is answered, decoded and limited as everything from outside.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import type { EventPage, RunDetail, RunEvent, RunPage, StatusCounts } from "../../../../src/interfaces/console/wire.ts";
import { asked, passMachine, roleArn } from "../../../support/aws_api.ts";
import { serveConsole, type ServedConsole, space } from "../../../support/console/served_console.ts";

let served: ServedConsole;
before(async () => {
  served = await serveConsole();
  await createMachine("passes", passMachine);
  await createMachine(
    "fails",
    JSON.stringify({ StartAt: "Oops", States: { Oops: { Type: "Fail", Error: "Broken.Thing", Cause: "it fell" } } }),
  );
  const ask = "arn:aws:states:us-east-1:111111111111:activity:ask";
  await served.aws("CreateActivity", { name: "ask" });
  await createMachine(
    "asks",
    JSON.stringify({ StartAt: "Ask", States: { Ask: { Type: "Task", Resource: ask, End: true } } }),
  );
});
after(() => served.close());

const machineArn = (name: string) => `arn:aws:states:us-east-1:111111111111:stateMachine:${name}`;

async function createMachine(name: string, definition: string): Promise<void> {
  await served.aws("CreateStateMachine", { name, definition, roleArn });
}

async function started(machine: string, name: string, input: object = {}): Promise<string> {
  const { executionArn } = await served.aws("StartExecution", {
    stateMachineArn: machineArn(machine),
    name,
    input: JSON.stringify(input),
  });
  const { executionId } = await served.ask("executions/find", { arn: executionArn });
  return String(executionId);
}

function described(executionId: string): Promise<RunDetail> {
  return served.ask<RunDetail>("executions/describe", { executionId });
}

test("executions are listed by every filter", async () => {
  const passed = await started("passes", "first-one", { a: 1 });
  const failed = await started("fails", "second-one");
  await asked(() => described(failed), ({ status }) => status === "Failed");
  await asked(() => described(passed), ({ status }) => status === "Succeeded");
  const names = async (filters: object) =>
    (await served.ask<RunPage>("executions/list", filters)).executions.map(({ name }) => name);
  deepStrictEqual(await names({ workflow: "passes" }), ["first-one"]);
  deepStrictEqual(await names({ status: "Failed" }), ["second-one"]);
  deepStrictEqual(await names({ error: "broken" }), ["second-one"]);
  deepStrictEqual(await names({ prefix: "FIRST" }), ["first-one"]);
  deepStrictEqual(await names({ text: "one" }), ["second-one", "first-one"]);
  deepStrictEqual(await names({ since: "2999-01-01T00:00:00Z" }), []);
  deepStrictEqual(await names({ until: "1999-01-01T00:00:00Z" }), []);
  deepStrictEqual(await names({ since: "1999-01-01T00:00:00Z", until: "2999-01-01T00:00:00Z", text: "first" }), [
    "first-one",
  ]);
  deepStrictEqual(await names({ namespace: "elsewhere" }), []);
  const { counts } = await served.ask<StatusCounts>("executions/counts");
  deepStrictEqual([counts["Failed"], counts["Succeeded"]], [{ count: 1, atLeast: false }, {
    count: 1,
    atLeast: false,
  }]);
});

test("a history comes without payloads, one event with them", async () => {
  const executionId = await started("passes", "with-payload", { secret: "x".repeat(5_000) });
  await asked(() => described(executionId), ({ status }) => status === "Succeeded");
  const { events } = await served.ask<EventPage>("executions/history", { executionId, after: 0 });
  deepStrictEqual(events.map(({ id }) => id), events.map((_, index) => index + 1));
  ok(!JSON.stringify(events).includes("xxxxx"));
  const state = events.find(({ type }) => type === "StateStartedEvent");
  const whole = await served.ask<RunEvent>("executions/event", { executionId, event: state?.id });
  deepStrictEqual(whole["input"], { secret: "x".repeat(5_000) });
  const { events: later } = await served.ask<EventPage>("executions/history", { executionId, after: 1 });
  strictEqual(later.length, events.length - 1);
});

test("a task is answered by hand, once", async () => {
  const executionId = await started("asks", "answered");
  const { events } = await asked(
    () => served.ask<EventPage>("executions/history", { executionId, after: 0 }),
    ({ events }) => events.some(({ type }) => type === "TaskCreatedEvent"),
  );
  const created = events.find(({ type }) => type === "TaskCreatedEvent");
  const [taskId, activityId] = [created?.["taskId"], created?.["activityId"]];
  const other = await served.ask("tasks/complete", { executionId, activityId: `${activityId}0`, taskId, output: 1 });
  strictEqual(other["code"], "NotFound");
  await served.ask("tasks/complete", { executionId, activityId, taskId, output: { yes: true } });
  const { output } = await asked(() => described(executionId), ({ status }) => status === "Succeeded");
  deepStrictEqual(output, { yes: true });
  const again = await served.ask("tasks/fail", { executionId, activityId, taskId, error: "E" });
  ok(["NotFound", "InvalidStatus"].includes(String(again["code"])), JSON.stringify(again));
});

test("executions are stopped, redriven and deleted", async () => {
  const executionId = await started("asks", "stopped");
  await served.ask("executions/stop", { executionId, error: "Enough" });
  const stopped = await asked(() => described(executionId), ({ status }) => status === "Canceled");
  strictEqual(stopped.notRedrivable, undefined);
  await served.ask("executions/redrive", { executionId });
  strictEqual((await described(executionId)).redriveCount, 1);
  await served.ask("executions/stop", { executionId });
  await asked(() => described(executionId), ({ status }) => status === "Canceled");
  await served.ask("executions/delete", { executionId });
  await asked(() => served.ask("executions/describe", { executionId }), ({ code }) => code === "NotFound");
});

test("a stream tells the events of an execution in order, and ends with its reader", async () => {
  const executionId = await started("asks", "streamed");
  const control = new AbortController();
  const { tenant, namespace } = space;
  const query = new URLSearchParams({ execution: executionId, tenant, namespace });
  const response = await fetch(`${served.address}/weft/stream?${query}`, { signal: control.signal });
  strictEqual(response.headers.get("content-type"), "text/event-stream");
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const until = async (wanted: string) => {
    while (!text.includes(wanted)) text += (await reader.read()).value ?? "";
  };
  await until(": open");
  await served.ask("executions/stop", { executionId });
  await until("ExecutionCompletedEvent");
  const events = text.split("\n").filter((line) => line.startsWith("data: ")).flatMap((line): readonly RunEvent[] =>
    JSON.parse(line.slice(6)).events
  );
  const ids = events.map(({ id }) => id);
  deepStrictEqual(ids, ids.map((_, index) => (ids[0] ?? 0) + index));
  control.abort();
});

test("requests that a page elsewhere could send are refused", async () => {
  const post = (headers: Record<string, string>, body = "{}") =>
    fetch(`${served.address}/weft/executions/list`, { method: "POST", headers, body });
  strictEqual((await post({ "content-type": "text/plain" })).status, 415);
  strictEqual((await post({ "content-type": "application/x-www-form-urlencoded" })).status, 415);
  strictEqual((await post({ "content-type": "application/json", origin: "https://evil.example" })).status, 403);
  strictEqual((await post({ "content-type": "application/json", "sec-fetch-site": "cross-site" })).status, 403);
  strictEqual((await fetch(`${served.address}/weft/executions/list`)).status, 405);
  const aws = { "x-amz-target": "AWSStepFunctions.ListStateMachines", origin: "https://evil.example" };
  strictEqual((await fetch(served.address, { method: "POST", headers: aws, body: "{}" })).status, 403);
  strictEqual(await statusForHost("evil.example", "/console/"), 403);
  strictEqual(await statusForHost("evil.example", "/weft/stream"), 403);
  strictEqual(await statusForHost("localhost", "/console/"), 200);
});

function statusForHost(host: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(served.address + path, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", reject);
    request.end();
  });
}

test("what cannot be is refused by name", async () => {
  const codes = async (operation: string, request: object) => (await served.ask(operation, request))["code"];
  strictEqual(await codes("executions/list", { status: "failed" }), "InvalidArgument");
  strictEqual(await codes("executions/list", { limit: 100_000 }), "InvalidArgument");
  strictEqual(await codes("executions/list", { tenant: "a/b" }), "InvalidArgument");
  strictEqual(await codes("executions/list", { next: "x" }), "InvalidArgument");
  strictEqual(await codes("executions/describe", { executionId: "/x/y/e0000000/0000000000000000" }), "NotFound");
  strictEqual(await codes("executions/history", { executionId: "x", after: -1 }), "InvalidArgument");
  strictEqual(await codes("nothing", {}), "NotFound");
  const deep = `{"a":${"[".repeat(2_000)}${"]".repeat(2_000)}}`;
  const headers = { "content-type": "application/json" };
  strictEqual((await fetch(`${served.address}/weft/overview`, { method: "POST", headers, body: deep })).status, 400);
  strictEqual((await fetch(`${served.address}/weft/overview`, { method: "POST", headers, body: "{" })).status, 400);
  const large = JSON.stringify({ a: "x".repeat(3_000_000) });
  strictEqual((await fetch(`${served.address}/weft/overview`, { method: "POST", headers, body: large })).status, 413);
});

test("the page comes with a policy that lets nothing inline run, compressed, and only its own files", async () => {
  const page = await fetch(`${served.address}/console/`);
  const policy = page.headers.get("content-security-policy") ?? "";
  ok(policy.includes("default-src 'none'") && policy.includes("frame-ancestors 'none'"));
  ok(!policy.includes("unsafe"), policy);
  const text = await page.text();
  ok(!/<script(?![^>]*src=)|style=|\son\w+=/.test(text), text);
  const script = await fetch(`${served.address}/console/console.js`, { headers: { "accept-encoding": "gzip" } });
  strictEqual(script.headers.get("content-encoding"), "gzip");
  await script.text();
  const etag = script.headers.get("etag") ?? "";
  const again = await fetch(`${served.address}/console/console.js`, { headers: { "if-none-match": etag } });
  strictEqual(again.status, 304);
  for (const path of ["../mod.ts", "..%2fmod.ts", "constructor", "nothing.js"]) {
    strictEqual((await fetch(`${served.address}/console/${path}`)).status, 404, path);
  }
  const visit = await fetch(served.address, { headers: { accept: "text/html" }, redirect: "manual" });
  deepStrictEqual([visit.status, visit.headers.get("location")], [302, "/console/"]);
  strictEqual((await fetch(served.address, { headers: { accept: "application/json" } })).status, 200);
});
