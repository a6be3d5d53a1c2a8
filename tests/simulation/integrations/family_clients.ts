/** Clients of families: they start executions that have children, and stop some of them. */
import type { ExecutionId } from "../../../src/values/mod.ts";
import { drawPayload } from "../workload/payloads.ts";
import { space } from "../workload/space.ts";
import type { Answer, Gateway, Question } from "../world/gateway.ts";
import type { SimConfig } from "../world/sim_config.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";
import { familyWorkflows, startedWorkflows } from "./family_workflows.ts";

const AGAIN_MS = 600;
const STARTS = { least: 3, most: 7 };

export class FamilyClients {
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #gateway: Gateway;
  readonly #config: SimConfig;
  /** Starts that were acknowledged. */
  readonly started = new Set<ExecutionId>();
  /** Wishes that have not come to their end. */
  open = 0;
  /** Workflows that the engine has acknowledged: nothing is started before all are. */
  #put = 0;

  constructor(world: World, gateway: Gateway, config: SimConfig) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#gateway = gateway;
    this.#config = config;
  }

  plan(): void {
    const random = this.#random;
    for (const [name, definition] of familyWorkflows) {
      this.#insist(`put ${name}`, (engine) => engine.putWorkflow({ ...space, name, definition }), () => this.#put += 1);
    }
    const count = random.between(STARTS.least, STARTS.most);
    for (let start = 0; start < count; start++) {
      this.#after(random.below(this.#config.chaosMs), () => this.#start(`family ${start}`));
    }
  }

  #start(key: string): void {
    if (this.#put < familyWorkflows.length) return this.#after(AGAIN_MS, () => this.#start(key));
    const random = this.#random;
    const request = { ...space, workflow: random.oneOf(startedWorkflows), key, input: { ...drawPayload(random) } };
    const stopAfterMs = random.chance(0.35) ? random.between(0, 12_000) : undefined;
    this.#insist(`start ${request.workflow} ${key}`, (engine) => engine.startExecution(request), (answer) => {
      if (answer.kind !== "ok") {
        return this.#world.violate("startsExistAndEnd", `The start of ${key} is refused: ${JSON.stringify(answer)}`);
      }
      const { executionId } = answer.value;
      this.started.add(executionId);
      if (stopAfterMs !== undefined) this.#after(stopAfterMs, () => this.#stop(executionId));
    });
  }

  #stop(executionId: ExecutionId): void {
    this.#insist(
      `cancel ${executionId}`,
      (engine) => engine.cancelExecution({ ...space, executionId, error: "Stopped" }),
      () => {},
    );
  }

  #after(ms: number, act: () => void): void {
    this.open += 1;
    this.#world.loop.after(ms, () => {
      this.open -= 1;
      act();
    });
  }

  /** Asks until there is an answer that stays. */
  #insist<A>(what: string, ask: Question<A>["ask"], then: (answer: Answer<A>) => void): void {
    this.open += 1;
    this.#gateway.ask<A>({
      what,
      ask,
      then: (answer) => {
        this.open -= 1;
        if (!this.#gateway.isPassing(answer)) return then(answer);
        this.#after(this.#random.between(20, AGAIN_MS), () => this.#insist(what, ask, then));
      },
    });
  }
}
