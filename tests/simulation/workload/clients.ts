/** Clients: they start, ask, wait, cancel and delete, and ask again until they know. */
import type { ExecutionDescription, StartExecutionRequest } from "../../../src/runtime/mod.ts";
import type { ExecutionId, Json } from "../../../src/values/mod.ts";
import type { EffectChecks } from "../checks/effect_checks.ts";
import type { LogModel } from "../model/log_model.ts";
import type { ScopeJson } from "../reference/definition.ts";
import type { Answer, Gateway, Question } from "../world/gateway.ts";
import type { SimConfig } from "../world/sim_config.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";
import { drawPayload } from "./payloads.ts";
import { space } from "./space.ts";

/** A start that was acknowledged. */
export interface AcknowledgedStart {
  readonly executionId: ExecutionId;
  readonly key: string | undefined;
  readonly input: Json;
}

const AGAIN_MS = 600;
const WAITING_PATIENCE_MS = 40_000;
const KEYS = 12;
const finalStatuses = ["Succeeded", "Failed", "Canceled", "Deleting"];

/** What a client wants, and will ask for until it has an answer that stays. */
interface Wish<A> extends Pick<Question<A>, "what" | "ask" | "patienceMs"> {
  /** The engine says so now: what it says must be durable. */
  readonly onOk: (value: A) => void;
  readonly then: (answer: Answer<A>) => void;
  /** No answer is an answer too. */
  readonly isAskedOnce?: boolean;
}

export class Clients {
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #gateway: Gateway;
  readonly #model: LogModel;
  readonly #checks: EffectChecks;
  readonly #config: SimConfig;
  readonly #workflows: readonly (readonly [name: string, definition: ScopeJson])[];
  readonly acknowledged: AcknowledgedStart[] = [];
  /** Cancelations that were acknowledged. */
  readonly canceled: ExecutionId[] = [];
  /** Redrives that were acknowledged. */
  redriven = 0;
  /** Wishes that have not come to their end. */
  open = 0;
  /** Draws redrives; absent: nobody redrives, and the seeds are what they were. */
  readonly #redrives: SimRandom | undefined;

  constructor(
    world: World,
    gateway: Gateway,
    model: LogModel,
    checks: EffectChecks,
    config: SimConfig,
    workflows: readonly (readonly [name: string, definition: ScopeJson])[],
    hasRedrives: boolean,
  ) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#redrives = hasRedrives ? world.random.fork() : undefined;
    this.#gateway = gateway;
    this.#model = model;
    this.#checks = checks;
    this.#config = config;
    this.#workflows = workflows;
  }

  /** Plans all that clients will ask for. */
  plan(): void {
    const random = this.#random;
    const { chaosMs, startCount } = this.#config;
    for (const [name, definition] of this.#workflows) {
      this.#put(name, definition);
      if (random.chance(0.4)) this.#after(random.below(chaosMs), () => this.#put(name, definition));
    }
    for (let count = 0; count < startCount; count++) {
      const atMs = random.below(chaosMs);
      const request = this.#drawStart();
      this.#after(atMs, () => this.#start(request, random.chance(0.3)));
      if (random.chance(0.3)) this.#after(atMs + random.between(0, 50), () => this.#start(request, random.chance(0.3)));
      if (random.chance(0.3)) this.#after(random.below(chaosMs), () => this.#start(request, random.chance(0.3)));
    }
    for (let atMs = 2_000; atMs < chaosMs; atMs += random.between(500, 4_000)) this.#after(atMs, () => this.#look());
  }

  #after(ms: number, act: () => void): void {
    this.open += 1;
    this.#world.loop.after(ms, () => {
      this.open -= 1;
      act();
    });
  }

  #drawStart(): StartExecutionRequest {
    const random = this.#random;
    const key = random.chance(0.75) ? `key ${random.below(KEYS)}` : undefined;
    const [workflow] = random.oneOf(this.#workflows);
    const delayMs = random.between(0, 15_000);
    const { wall } = this.#world;
    return {
      ...space,
      workflow,
      input: { ...drawPayload(random) },
      ...(key === undefined ? {} : { key }),
      ...(random.chance(0.15) ? { startAt: new Date(wall.nowEpochMs + delayMs).toISOString() } : {}),
    };
  }

  #put(name: string, definition: ScopeJson): void {
    this.#insist<{ readonly revision: number }>({
      what: `put ${name}`,
      ask: (engine) => engine.putWorkflow({ ...space, name, definition: JSON.parse(JSON.stringify(definition)) }),
      onOk: ({ revision }) => {
        if ([...this.#model.workflows.values()].some((states) => states.some((state) => state.revision === revision))) {
          return;
        }
        this.#world.violate("effectAfterLog", `Revision ${revision} of "${name}" is acknowledged but not in the log`);
      },
      then: (answer) => {
        if (answer.kind === "refused") this.#world.violate("noDefect", `put ${name}: ${answer.message}`);
      },
    });
  }

  #start(request: StartExecutionRequest, untilEnded: boolean): void {
    const { key, input } = request;
    if (untilEnded) {
      return this.#insist<ExecutionDescription>({
        what: `run ${request.workflow} ${key ?? ""}`,
        ask: (engine) => engine.runExecution(request),
        patienceMs: WAITING_PATIENCE_MS,
        onOk: (description) => this.#ended(description, 0),
        then: (answer) => this.#started(request, answer),
        // Without a key each repetition would start another one.
        isAskedOnce: key === undefined,
      });
    }
    this.#insist<{ readonly executionId: ExecutionId; readonly status: string }>({
      what: `start ${request.workflow} ${key ?? ""}`,
      ask: (engine) => engine.startExecution(request),
      onOk: ({ executionId, status }) => this.#checks.started(executionId, status, key, input),
      then: (answer) => this.#started(request, answer),
    });
  }

  #started(request: StartExecutionRequest, answer: Answer<{ readonly executionId: ExecutionId }>): void {
    const { key, input } = request;
    if (answer.kind === "refused") {
      if (answer.code === "NotFound" && answer.message.startsWith("Workflow")) {
        return this.#after(AGAIN_MS, () => this.#start(request, false));
      }
      const isKnown = key !== undefined && this.#model.keys.has(key);
      const isExpected = answer.code === "AlreadyExists" ? isKnown : answer.code === "NotFound" && isKnown;
      if (!isExpected) {
        this.#world.violate("startsExistAndEnd", `A start is refused: ${answer.code}, ${answer.message}`);
      }
      return;
    }
    if (answer.kind !== "ok") return;
    const { executionId } = answer.value;
    this.acknowledged.push({ executionId, key, input });
    this.#follow(executionId);
  }

  /** What a client does with an execution that it has started. */
  #follow(executionId: ExecutionId): void {
    const random = this.#random;
    if (random.chance(0.4)) this.#after(random.between(0, 3_000), () => this.#await(executionId));
    if (random.chance(0.4)) this.#after(random.between(0, 20_000), () => this.#describe(executionId));
    if (random.chance(0.3)) this.#after(random.between(0, 20_000), () => this.#history(executionId, 0));
    if (random.chance(0.15)) this.#after(random.between(0, 12_000), () => this.#cancel(executionId));
    if (random.chance(0.15)) this.#after(random.between(3_000, 40_000), () => this.#delete(executionId));
    const redrives = this.#redrives;
    if (redrives === undefined) return;
    for (let redrive = redrives.below(4); redrive > 0; redrive--) {
      this.#after(redrives.between(1_000, 40_000), () => this.#redrive(executionId, String(redrive)));
    }
  }

  /** A look at whatever there is. */
  #look(): void {
    const random = this.#random;
    const known = this.acknowledged[random.below(Math.max(1, this.acknowledged.length))];
    const draw = random.next();
    if (draw < 0.3 || known === undefined) return this.#list();
    if (draw < 0.6) return this.#describe(known.executionId);
    if (draw < 0.8) return this.#history(known.executionId, 0);
    this.#await(known.executionId);
  }

  #await(executionId: ExecutionId): void {
    this.#insist<ExecutionDescription>({
      what: `await ${executionId}`,
      ask: (engine) => engine.awaitExecution({ ...space, executionId }),
      patienceMs: WAITING_PATIENCE_MS,
      onOk: (description) => this.#ended(description, 0),
      then: (answer) => this.#refusedOnlyWhenDeleted(executionId, answer),
    });
  }

  #ended(description: ExecutionDescription, turnsBefore: number): void {
    this.#checks.described(description, turnsBefore);
    if (finalStatuses.includes(description.status)) return;
    this.#world.violate(
      "effectAfterLog",
      `"${description.executionId}" is said to have ended as ${description.status}`,
    );
  }

  #describe(executionId: ExecutionId): void {
    const turnsBefore = this.#config.hasSecondNode ? 0 : this.#turnsOf(executionId);
    this.#insist<ExecutionDescription>({
      what: `describe ${executionId}`,
      ask: (engine) => engine.describeExecution({ ...space, executionId }),
      onOk: (description) => this.#checks.described(description, turnsBefore),
      then: (answer) => this.#refusedOnlyWhenDeleted(executionId, answer),
    });
  }

  #history(executionId: ExecutionId, after: number): void {
    const limit = this.#random.between(1, 60);
    this.#insist({
      what: `history of ${executionId} after ${after}`,
      ask: (engine) => engine.executionHistory({ ...space, executionId, after, limit }),
      onOk: ({ events, next }) => this.#checks.told(executionId, after, events, next),
      then: (answer) => {
        this.#refusedOnlyWhenDeleted(executionId, answer);
        if (answer.kind === "ok" && answer.value.next !== undefined) this.#history(executionId, answer.value.next);
      },
    });
  }

  #list(): void {
    this.#insist({
      what: "list",
      ask: (engine) => engine.listExecutions({ ...space, limit: this.#random.between(1, 1_000) }),
      onOk: ({ executions }) => this.#checks.listed(executions),
      then: () => {},
    });
  }

  #cancel(executionId: ExecutionId): void {
    this.#insist({
      what: `cancel ${executionId}`,
      ask: (engine) => engine.cancelExecution({ ...space, executionId, error: "Stopped" }),
      onOk: (answer) => this.#checks.commanded(answer.executionId, answer.status),
      then: (answer) => {
        if (answer.kind === "ok") this.canceled.push(executionId);
        else if (answer.kind === "refused" && answer.code !== "InvalidStatus") {
          this.#refusedOnlyWhenDeleted(executionId, answer);
        }
      },
    });
  }

  #redrive(executionId: ExecutionId, clientToken: string): void {
    this.#insist({
      what: `redrive ${executionId}`,
      ask: (engine) => engine.redriveExecution({ ...space, executionId, clientToken }),
      onOk: (answer) => this.#checks.commanded(answer.executionId, answer.status),
      then: (answer) => {
        if (answer.kind === "ok") this.redriven += 1;
        else if (answer.kind === "refused" && answer.code !== "InvalidStatus") {
          this.#refusedOnlyWhenDeleted(executionId, answer);
        }
      },
    });
  }

  #delete(executionId: ExecutionId): void {
    this.#insist({
      what: `delete ${executionId}`,
      ask: (engine) => engine.deleteExecution({ ...space, executionId }),
      onOk: (answer) => this.#checks.commanded(answer.executionId, answer.status),
      then: (answer) => {
        if (answer.kind !== "refused" || answer.code !== "InvalidStatus") {
          this.#refusedOnlyWhenDeleted(executionId, answer);
        }
      },
    });
  }

  #refusedOnlyWhenDeleted<A>(executionId: ExecutionId, answer: Answer<A>): void {
    if (answer.kind !== "refused") return;
    if (answer.code === "NotFound" && this.#model.executions.get(executionId)?.isDeleted === true) return;
    this.#world.violate("startsExistAndEnd", `"${executionId}" is refused: ${answer.code}, ${answer.message}`);
  }

  #turnsOf(executionId: ExecutionId): number {
    return this.#model.executions.get(executionId)?.turns.length ?? 0;
  }

  /** Asks until there is an answer that stays. */
  #insist<A>(wish: Wish<A>): void {
    this.open += 1;
    this.#gateway.ask<A>({
      what: wish.what,
      ask: wish.ask,
      ...(wish.patienceMs === undefined ? {} : { patienceMs: wish.patienceMs }),
      onAnswered: (answer) => {
        if (answer.kind === "ok") wish.onOk(answer.value);
      },
      then: (answer) => {
        this.open -= 1;
        const isGivenUp = wish.isAskedOnce === true && answer.kind === "none";
        if (!isGivenUp && this.#gateway.isPassing(answer)) {
          return this.#after(this.#random.between(20, AGAIN_MS), () => this.#insist(wish));
        }
        wish.then(answer);
      },
    });
  }
}
