/**
 * A worker of a run, a process of its own. Arguments: servers with commas between them, its name. On stdout: what it was told of
 * each outcome that it brought.
 */
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { Msg } from "@nats-io/transport-node";
import { type RunningTask, TaskFailure, WeftClient, WeftWorker } from "../../../src/sdk/mod.ts";
import { refusalOf } from "../../../src/sdk/weft_error.ts";
import type { Json } from "../../../src/values/mod.ts";
import { completionLine, TOKEN_SUBJECT, type TokenWord } from "../load/worker_words.ts";
import { resources, stepped } from "../load/workloads.ts";

const CONCURRENCY = 64;
const TOKEN_TIMEOUT_MS = 1_000;
const TOKEN_AGAIN_MS = 100;
/** Answers after which the same outcome is brought again. */
const unsettled = new Set(["none", "Unavailable", "Internal"]);

const [servers = "", name = ""] = process.argv.slice(2);
const client = await WeftClient.connect({ servers: servers.split(",") });
/** Tries whose outcome is not known yet, by `by`. */
const open = new Map<string, Pick<RunningTask, "taskId" | "executionId">>();
let tries = 0;

function begin({ taskId, executionId }: RunningTask): string {
  const by = `${name}-${process.pid}-${++tries}.`;
  open.set(by, { taskId, executionId });
  return by;
}

/** Listens to the requests of the workers, which settle their tasks by themselves, and prints what is answered. */
function listenToSettlements(): void {
  const { requests } = client;
  const request = requests.request.bind(requests);
  requests.request = (subject, body, timeoutMs, onReply) => {
    const by = /"(?:by|cause)":"([^"]+)"/.exec(String(body))?.[1] ?? "";
    const task = open.get(by);
    if (task === undefined) return request(subject, body, timeoutMs, onReply);
    const askedAtEpochMs = Date.now();
    request(subject, body, timeoutMs, (reply, noReply) => {
      const answer = answerOf(reply);
      console.log(completionLine({ ...task, by, askedAtEpochMs, answeredAtEpochMs: Date.now(), answer }));
      if (!unsettled.has(answer)) open.delete(by);
      onReply(reply, noReply);
    });
  };
}

function answerOf(reply: Msg | undefined): string {
  return reply === undefined ? "none" : refusalOf(reply)?.code ?? "accepted";
}

const handlers: Readonly<Record<string, (input: Json, task: RunningTask) => unknown>> = {
  [resources.step]: (input, task) => ({ value: stepped(input), by: begin(task) }),
  [resources.flaky]: (input, task) => {
    const { failures } = input as { readonly failures: number };
    if (task.attempt <= failures) throw new TaskFailure("Flaky", begin(task));
    return { value: stepped(input), by: begin(task) };
  },
  [`${resources.ask}.waitForTaskToken`]: async (input, { taskId, executionId }) => {
    const { key, token } = input as { readonly key: string; readonly token: string };
    await handOver({ key, token, taskId, executionId });
    return { asked: key };
  },
};

/** Until the harness has the token: whoever answers the request without that leaves the callback to nobody. */
async function handOver(word: TokenWord): Promise<void> {
  for (;;) {
    try {
      await client.connection.request(TOKEN_SUBJECT, JSON.stringify(word), { timeout: TOKEN_TIMEOUT_MS });
      return;
    } catch {
      if (client.connection.isClosed()) return;
      await delay(TOKEN_AGAIN_MS); // no server, or nobody who answers: asked again, as often as it takes
    }
  }
}

listenToSettlements();
const running = Object.entries(handlers).map(([resource, handler]) =>
  new WeftWorker({
    client,
    resource,
    handler,
    concurrency: CONCURRENCY,
    onTrouble: (problem, cause) => console.error(new Date().toISOString(), problem, String(cause ?? "")),
  }).run()
);
console.log("ready");
await Promise.all(running);
