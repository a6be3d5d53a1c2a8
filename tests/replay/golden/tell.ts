/** Tells the story to a node, and takes down what it answers. */
import { anonymous } from "../../../src/access/mod.ts";
import { Effect, Result } from "effect";
import { KeptHistories, noActivityTasks } from "../../../src/aws/mod.ts";
import { answerCall } from "../../../src/interfaces/http_api/answer_call.ts";
import { endpoints } from "../../../src/interfaces/nats_api/endpoints.ts";
import type { FeedMessage } from "../../../src/runtime/mod.ts";
import { defaultLimits, type Json, type JsonObject } from "../../../src/values/mod.ts";
import { space, TestNode, type TestNodeOptions } from "../../support/test_node.ts";
import type { Step } from "./story.ts";

/** A step and its answer. */
export interface Told {
  readonly step: Step;
  /** `null` where there is none. */
  readonly answer: Json;
}

/** How the story's nodes are opened. */
export const nodeOptions: TestNodeOptions = { snapshotMs: 10_000, secret: "a secret of the golden files" };
const DESCRIBE_WAIT_MS = 30_000;

/** Tells `steps`; the node goes on with what is left of it. */
export async function tell(first: TestNode, steps: readonly Step[], options = nodeOptions) {
  const told: Told[] = [];
  const answers = new Map<string, Json>();
  let node = first;
  for (const step of steps) {
    if ("reopen" in step) node = await node.reopen({ ...options, limits: { turnRecordsMax: step.reopen } });
    const answer = await answerOf(node, filled(step, answers));
    if (step.as !== undefined) answers.set(step.as, answer);
    told.push({ step, answer });
  }
  return { node, told };
}

async function answerOf(node: TestNode, step: Step): Promise<Json> {
  if ("nats" in step) return await askNats(node, step.nats, step.body);
  if ("aws" in step) return await askAws(node, step.aws, step.body);
  if ("task" in step) return plain(await node.task(step.task));
  if ("resource" in step) {
    const named = { ...space, kind: "golden", names: [step.name] };
    const { registry } = node.node;
    return plain(
      await Effect.runPromise(
        step.resource === "put"
          ? registry.putResource({ ...named, value: step.value ?? null })
          : registry.deleteResource(named),
      ),
    );
  }
  if ("forget" in step) return await node.forgetDefinitions();
  if ("until" in step) await seen(node, step.until, step.executionId);
  if ("advance" in step) node.clock.advance(step.advance);
  return null;
}

async function seen({ engine }: TestNode, type: string, executionId: string): Promise<void> {
  for (;;) {
    const { events } = await Effect.runPromise(engine.executionHistory({ ...space, executionId, limit: 100 }));
    if (events.some((event) => event.type === type)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function askNats(node: TestNode, subject: string, body: JsonObject): Promise<Json> {
  const table = endpoints(node.engine, defaultLimits, DESCRIBE_WAIT_MS);
  const endpoint = table.find((one) => one.subject === `weft.api.*.*.${subject}`);
  if (endpoint === undefined) throw new RangeError(`There is no endpoint "${subject}" any more`);
  const accepted = endpoint.accept(space, new TextEncoder().encode(JSON.stringify(body)));
  if (Result.isFailure(accepted)) return refused(accepted.failure);
  const answer = await Effect.runPromise(Effect.result(accepted.success.answer));
  return Result.isSuccess(answer) ? plain(answer.success) : refused(answer.failure);
}

function refused({ code, message }: { readonly code: string; readonly message: string }): Json {
  return { error: { code, message } };
}

async function askAws({ engine, node: { registry }, clock }: TestNode, operation: string, body: JsonObject) {
  let drawn = 0;
  const call = {
    engine,
    registry,
    activities: noActivityTasks,
    draws: {
      uuid: () => `00000000-0000-4000-8000-${String(++drawn).padStart(12, "0")}`,
      random: () => 0.5,
      nowEpochMs: () => clock.nowEpochMs(),
    },
    histories: new KeptHistories(registry),
    traceHttp: undefined,
    limits: defaultLimits,
    scope: { account: "123456789012", region: "us-east-1" },
    caller: { ...anonymous, tenant: "123456789012" },
    ifUndelivered: () => {},
    stopping: Effect.never,
  };
  return plain(await Effect.runPromise(answerCall(call, `AWSStepFunctions.${operation}`, JSON.stringify(body))));
}

/** A message of the feed as subscribers get it. */
export function toldByFeed({ executionId, sequence, events }: FeedMessage): Json {
  return plain({ executionId, sequence, events });
}

/** As it would go over the wire. */
export function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null));
}

/** The step with every `$name.field` in it replaced. */
function filled(step: Step, answers: ReadonlyMap<string, Json>): Step {
  const replaced = JSON.stringify(step, (_, value) => {
    if (typeof value !== "string" || !/^\$[a-z]\w*\./i.test(value)) return value;
    const [name = "", ...path] = value.slice(1).split(".");
    let found: Json | undefined = answers.get(name);
    for (const field of path) found = (found as JsonObject | undefined)?.[field];
    if (found === undefined) throw new RangeError(`"${value}" of ${JSON.stringify(step)} has no answer`);
    return found;
  });
  return JSON.parse(replaced) as Step;
}
