/** Clients: they start, ask, wait, cancel and delete, and ask again until they know. */
import type { ExecutionDescription, StartExecutionRequest, WorkflowDescription } from "../../../src/runtime/mod.ts";
import type { ExecutionId, Json, Space } from "../../../src/values/mod.ts";
import type { AnswerChecks } from "../checks/answer_checks.ts";
import type { ReadChecks } from "../checks/read_checks.ts";
import type { LogModel } from "../model/log_model.ts";
import type { ScopeJson } from "../reference/definition.ts";
import type { Answer } from "../world/gateway.ts";
import type { SimConfig } from "../world/sim_config.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";
import { AGAIN_MS, type Asking } from "./asking.ts";
import { drawPayload } from "./payloads.ts";
import { KEYS, type Readers } from "./readers.ts";
import { keyName, spaceOf, spaces } from "./space.ts";

/** A start that was acknowledged. */
export interface AcknowledgedStart {
  readonly executionId: ExecutionId;
  readonly key: string | undefined;
  readonly input: Json;
}

const WAITING_PATIENCE_MS = 40_000;
/** So soon after somebody began to start others read. */
const SOON_MS = 40;

export class Clients {
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #asking: Asking;
  readonly #readers: Readers;
  readonly #model: LogModel;
  readonly #checks: AnswerChecks;
  readonly #reads: ReadChecks;
  readonly #config: SimConfig;
  readonly #workflows: readonly (readonly [name: string, definition: ScopeJson])[];
  readonly acknowledged: AcknowledgedStart[] = [];
  /** Cancelations that were acknowledged. */
  readonly canceled: ExecutionId[] = [];
  /** Redrives that were acknowledged. */
  redriven = 0;
  /** Draws redrives; absent: nobody redrives, and the seeds are what they were. */
  readonly #redrives: SimRandom | undefined;

  constructor(
    world: World,
    asking: Asking,
    readers: Readers,
    model: LogModel,
    checks: { readonly answers: AnswerChecks; readonly reads: ReadChecks },
    config: SimConfig,
    workflows: readonly (readonly [name: string, definition: ScopeJson])[],
    hasRedrives: boolean,
  ) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#redrives = hasRedrives ? world.random.fork() : undefined;
    this.#asking = asking;
    this.#readers = readers;
    this.#model = model;
    this.#checks = checks.answers;
    this.#reads = checks.reads;
    this.#config = config;
    this.#workflows = workflows;
  }

  /** Plans all that clients will ask for. */
  plan(): void {
    const random = this.#random;
    const { chaosMs, startCount } = this.#config;
    for (const space of this.#spaces) {
      for (const [name, definition] of this.#workflows) {
        this.#put(space, name, definition);
        if (random.chance(0.4)) this.#after(random.below(chaosMs), () => this.#put(space, name, definition));
      }
    }
    for (let count = 0; count < startCount; count++) {
      const atMs = random.below(chaosMs);
      const request = this.#drawStart();
      const { key } = request;
      this.#after(atMs, () => this.#start(request, random.chance(0.3)));
      if (key !== undefined && random.chance(0.3)) {
        this.#after(atMs + random.between(0, SOON_MS), () => this.#readers.key(request, key));
      }
      if (random.chance(0.2)) {
        const { tenant, namespace } = request;
        this.#after(atMs + random.between(0, SOON_MS), () => this.#readers.list({ tenant, namespace, limit: 5 }));
      }
      if (random.chance(0.3)) this.#after(atMs + random.between(0, 50), () => this.#start(request, random.chance(0.3)));
      if (random.chance(0.3)) this.#after(random.below(chaosMs), () => this.#start(request, random.chance(0.3)));
    }
    for (let atMs = 2_000; atMs < chaosMs; atMs += random.between(500, 4_000)) this.#after(atMs, () => this.#look());
  }

  get #spaces(): readonly Space[] {
    return spaces.slice(0, this.#config.spaceCount);
  }

  #after(ms: number, act: () => void): void {
    this.#asking.after(ms, act);
  }

  #drawStart(): StartExecutionRequest {
    const random = this.#random;
    const key = random.chance(0.75) ? `key ${random.below(KEYS)}` : undefined;
    const [workflow] = random.oneOf(this.#workflows);
    const delayMs = random.between(0, 15_000);
    const { wall } = this.#world;
    return {
      ...random.oneOf(this.#spaces),
      workflow,
      input: { ...drawPayload(random) },
      ...(key === undefined ? {} : { key }),
      ...(random.chance(0.15) ? { startAt: new Date(wall.nowEpochMs + delayMs).toISOString() } : {}),
    };
  }

  #put(space: Space, name: string, definition: ScopeJson): void {
    this.#asking.insist<WorkflowDescription>({
      what: `put ${name}`,
      ask: (engine) => engine.putWorkflow({ ...space, name, definition: JSON.parse(JSON.stringify(definition)) }),
      check: (answer, mark, by) => {
        if (answer.kind === "ok") this.#reads.workflow(space, name, answer, mark, by);
        else if (answer.kind === "refused" && answer.code !== "Unavailable") {
          this.#world.violate("noDefect", `put ${name}: ${answer.message}`);
        }
      },
    });
  }

  #start(request: StartExecutionRequest, untilEnded: boolean): void {
    const { key } = request;
    if (untilEnded) {
      return this.#asking.insist<ExecutionDescription>({
        what: `run ${request.workflow} ${key ?? ""}`,
        ask: (engine) => engine.runExecution(request),
        arrived: () => this.#model.startAsked(request),
        patienceMs: WAITING_PATIENCE_MS,
        check: (answer, mark, by) => {
          this.#checks.started(request, answer, mark, by);
          if (answer.kind === "ok") this.#checks.ended(answer.value, mark, by);
        },
        then: (answer) => this.#started(request, answer),
        // Without a key each repetition would start another one.
        isAskedOnce: key === undefined,
      });
    }
    this.#asking.insist<{ readonly executionId: ExecutionId; readonly status: string }>({
      what: `start ${request.workflow} ${key ?? ""}`,
      ask: (engine) => engine.startExecution(request),
      arrived: () => this.#model.startAsked(request),
      check: (answer, mark, by) => {
        this.#checks.started(request, answer, mark, by);
        if (answer.kind !== "ok" || !this.#random.chance(0.2)) return;
        // As soon as it is acknowledged, everybody must see it.
        const { executionId } = answer.value;
        const { tenant, namespace, workflow } = request;
        if (this.#random.chance(0.5)) this.#readers.execution(executionId);
        else this.#readers.list({ tenant, namespace, workflow, limit: 3 });
      },
      then: (answer) => this.#started(request, answer),
    });
  }

  #started(request: StartExecutionRequest, answer: Answer<{ readonly executionId: ExecutionId }>): void {
    const { key, input } = request;
    if (answer.kind === "refused") {
      if (answer.code === "NotFound" && answer.message.startsWith("Workflow")) {
        return this.#after(AGAIN_MS, () => this.#start(request, false));
      }
      const isKnown = key !== undefined && this.#model.holders.has(keyName(request, key));
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
    if (random.chance(0.4)) this.#after(random.between(0, 20_000), () => this.#readers.execution(executionId));
    if (random.chance(0.3)) this.#after(random.between(0, 20_000), () => this.#readers.history(executionId, 0));
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
    if (known === undefined || draw < 0.7) return this.#readers.look();
    this.#await(known.executionId);
  }

  #await(executionId: ExecutionId): void {
    this.#asking.insist<ExecutionDescription>({
      what: `await ${executionId}`,
      ask: (engine) => engine.awaitExecution({ ...spaceOf(executionId), executionId }),
      patienceMs: WAITING_PATIENCE_MS,
      check: (answer, mark, by) => {
        if (answer.kind === "ok") this.#checks.ended(answer.value, mark, by);
        else this.#reads.refused(executionId, answer, mark, by);
      },
      then: (answer) => this.#refusedOnlyWhenDeleted(executionId, answer),
    });
  }

  #cancel(executionId: ExecutionId): void {
    this.#asking.insist({
      what: `cancel ${executionId}`,
      home: executionId,
      ask: (engine) => engine.cancelExecution({ ...spaceOf(executionId), executionId, error: "Stopped" }),
      check: (answer, mark, by) => this.#checks.commanded(answer, mark, by),
      then: (answer) => {
        if (answer.kind === "ok") this.canceled.push(executionId);
        else if (answer.kind === "refused" && answer.code !== "InvalidStatus") {
          this.#refusedOnlyWhenDeleted(executionId, answer);
        }
      },
    });
  }

  #redrive(executionId: ExecutionId, clientToken: string): void {
    this.#asking.insist({
      what: `redrive ${executionId}`,
      ask: (engine) => engine.redriveExecution({ ...spaceOf(executionId), executionId, clientToken }),
      check: (answer, mark, by) => this.#checks.commanded(answer, mark, by),
      then: (answer) => {
        if (answer.kind === "ok") this.redriven += 1;
        else if (answer.kind === "refused" && answer.code !== "InvalidStatus") {
          this.#refusedOnlyWhenDeleted(executionId, answer);
        }
      },
    });
  }

  #delete(executionId: ExecutionId): void {
    this.#asking.insist({
      what: `delete ${executionId}`,
      ask: (engine) => engine.deleteExecution({ ...spaceOf(executionId), executionId }),
      check: (answer, mark, by) => this.#checks.commanded(answer, mark, by),
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
}
