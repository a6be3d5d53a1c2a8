/** Workers: they do tasks, fail, fall silent, beat, answer twice and answer late. */
import type { TaskMessage } from "../../../src/tasks/port.ts";
import type { Json, Space } from "../../../src/values/mod.ts";
import type { Answer, Answerer, Gateway, Question } from "../world/gateway.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";
import type { TaskQueue } from "./task_queue.ts";
import { drawTaskOutput } from "./payloads.ts";
import { spaceOf, spaces } from "./space.ts";
import type { TaskAnswer } from "../../../src/runtime/mod.ts";

/** What a worker said of a task, and how the engine answered it. */
export interface TaskCall {
  readonly taskId: string;
  readonly kind: "complete" | "fail" | "heartbeat" | "activate";
  readonly output?: Json;
  readonly error?: string;
}

const AGAIN_MS = 400;
const REDELIVERY_MS = 6_000;
const WORK_MS = 3_000;
const errors = ["Boom", "Broken", "States.TaskFailed"] as const;

export class Workers {
  readonly #world: World;
  readonly #random: SimRandom;
  /** Draws what is forged. */
  readonly #forging: SimRandom;
  #lastToken: string | undefined;
  readonly #gateway: Gateway;
  readonly #queue: () => TaskQueue;
  readonly #onAnswered: (call: TaskCall, answer: Answer<TaskAnswer>, by: Answerer) => void;

  constructor(
    world: World,
    gateway: Gateway,
    queue: () => TaskQueue,
    onAnswered: (call: TaskCall, answer: Answer<TaskAnswer>, by: Answerer) => void,
  ) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#forging = world.random.fork();
    this.#gateway = gateway;
    this.#queue = queue;
    this.#onAnswered = onAnswered;
  }

  /** A worker gets this message. */
  take(message: TaskMessage): void {
    const random = this.#random;
    const { loop } = this.#world;
    this.#forge(message);
    if (random.chance(0.3)) this.#ask(message, { taskId: message.taskId, kind: "activate" }, () => {});
    if (this.#world.strikes("workerSilent", random)) {
      this.#world.note(() => `worker: falls silent with ${message.taskId}`);
      loop.after(random.between(1_000, REDELIVERY_MS), () => this.#queue().redeliver(message));
      return;
    }
    const workMs = random.between(0, random.chance(0.2) ? WORK_MS * 4 : WORK_MS);
    this.#beat(message, workMs);
    loop.after(workMs, () => this.#answer(message));
    if (this.#world.strikes("answerTwice", random)) {
      loop.after(workMs + random.between(0, WORK_MS), () => this.#answer(message));
    }
  }

  /** Somebody tries a token that nobody was given, or one in a space that is not its own. */
  #forge(message: TaskMessage): void {
    const random = this.#forging;
    const before = this.#lastToken;
    const own = spaceOf(message.executionId);
    this.#lastToken = message.token;
    if (!random.chance(0.1)) return;
    const [body = "", signature = ""] = message.token.split(".");
    const other = spaces.find(({ tenant, namespace }) => tenant !== own.tenant || namespace !== own.namespace) ?? own;
    const [space, token] = random.oneOf<readonly [Space, string]>([
      [own, `${body}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`],
      [own, `${body}.`],
      [own, before === undefined ? body : `${body}.${before.split(".")[1]}x`],
      [own, before === undefined || before === message.token ? body : `${before.split(".")[0]}.${signature}`],
      [other, message.token],
    ]);
    this.#gateway.ask<TaskAnswer>({
      what: `a forged token for ${message.taskId}`,
      ask: random.chance(0.5)
        ? (engine) => engine.completeTask({ ...space, token, output: "forged" })
        : (engine) => engine.heartbeatTask({ ...space, token }),
      onAnswered: (answer) => {
        if (answer.kind === "refused" && ["InvalidToken", "Unavailable"].includes(answer.code)) return;
        const how = answer.kind === "refused" ? `is refused as ${answer.code}` : "is accepted";
        this.#world.violate("tokens", `A forged token for task "${message.taskId}" ${how}`);
      },
      then: () => {},
    });
  }

  /** Heartbeats in time, until the work is done; a silent one has none. */
  #beat(message: TaskMessage, workMs: number): void {
    const { heartbeatSeconds } = message;
    if (heartbeatSeconds === undefined) return;
    for (let atMs = 0; atMs < workMs; atMs += heartbeatSeconds * 600) {
      this.#world.loop.after(atMs, () => {
        if (this.#random.chance(0.9)) this.#ask(message, { taskId: message.taskId, kind: "heartbeat" }, () => {});
      });
    }
  }

  #answer(message: TaskMessage): void {
    const random = this.#random;
    const { taskId } = message;
    const call: TaskCall = this.#world.strikes("workerFails", random)
      ? { taskId, kind: "fail", error: random.oneOf(errors) }
      : { taskId, kind: "complete", output: drawTaskOutput(random) };
    this.#insist(message, call);
  }

  /** Asks until the engine has said something that stays. */
  #insist(message: TaskMessage, call: TaskCall): void {
    this.#ask(message, call, (answer) => {
      if (!this.#gateway.isPassing(answer)) return this.#queue().acknowledge(message.taskId);
      this.#world.loop.after(this.#random.between(1, AGAIN_MS), () => this.#insist(message, call));
    });
  }

  #ask(message: TaskMessage, call: TaskCall, then: (answer: Answer<TaskAnswer>) => void): void {
    const request: Space & { readonly token: string } = { ...spaceOf(message.executionId), token: message.token };
    const ask: Question<TaskAnswer>["ask"] = (engine) => {
      switch (call.kind) {
        case "activate":
          return engine.activateTask(request);
        case "heartbeat":
          return engine.heartbeatTask(request);
        case "complete":
          return engine.completeTask({ ...request, output: call.output ?? null });
        case "fail":
          return engine.failTask({ ...request, error: call.error ?? "Boom", cause: "as drawn" });
      }
    };
    this.#gateway.ask({
      what: `${call.kind} ${call.taskId}`,
      home: message.executionId,
      ask,
      onAnswered: (answer, by) => this.#onAnswered(call, answer, by),
      then,
    });
  }
}
