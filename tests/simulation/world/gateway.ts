/** The way from clients and workers to a node, over a network that loses things. */
import { type Effect, Exit } from "effect";
import { type Engine, type Registry, RequestRefused } from "../../../src/runtime/mod.ts";
import type { StopChecks } from "../checks/stop_checks.ts";
import type { LogModel } from "../model/log_model.ts";
import type { ExecutionId } from "../../../src/values/mod.ts";
import { delayMs } from "./place.ts";
import type { SimNode } from "./sim_node.ts";
import type { SimRandom } from "./sim_random.ts";
import type { World } from "./world.ts";

/** What a client knows in the end. */
export type Answer<A> =
  | { readonly kind: "ok"; readonly value: A }
  | {
    readonly kind: "refused";
    readonly code: RequestRefused["code"];
    readonly message: string;
    /** By a node that does not know yet that another leads, and so refuses what it has not heard of. */
    readonly isFromZombie: boolean;
  }
  /** Nobody answered: it may have happened or not. */
  | { readonly kind: "none" };

/** Who answered. */
export interface Answerer {
  readonly node: SimNode;
  /** It led all that it has from the question's arrival to its answer: nobody else can have written meanwhile. */
  readonly isCertain: boolean;
}

export interface Question<A> {
  readonly what: string;
  readonly ask: (engine: Engine, registry: Registry) => Effect.Effect<A, RequestRefused>;
  /** The execution to whose partition the whole question is put at once: it is answered before that stops in order. */
  readonly home?: ExecutionId;
  /** The question has come to a node: what is durable now must be known to the answer. */
  readonly onArrived?: () => void;
  /** The engine answers; what it says must be durable now. Also when the answer gets lost. */
  readonly onAnswered?: (answer: Answer<A>, answerer: Answerer) => void;
  /** The client learns the answer. Called once. */
  readonly then: (answer: Answer<A>) => void;
  /** How long the client waits, milliseconds. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 8_000;
/** How a refusal reads whose cause is that the leader has changed. */
const LEADER_CHANGED = /outcome is unknown|is not led by|has no leader|another leader|did not answer/;

export class Gateway {
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #model: LogModel;
  readonly #stops: StopChecks;
  readonly #nodes: () => readonly SimNode[];
  /** Questions without an answer. */
  open = 0;

  constructor(world: World, model: LogModel, stops: StopChecks, nodes: () => readonly SimNode[]) {
    this.#model = model;
    this.#stops = stops;
    this.#world = world;
    this.#random = world.random.fork();
    this.#nodes = nodes;
  }

  /** Asked again, it may be answered otherwise: of what a zombie says, only a success is believed. */
  isPassing(answer: Answer<unknown>): boolean {
    if (answer.kind !== "refused") return answer.kind === "none";
    return answer.code === "Unavailable" || (answer.isFromZombie && answer.code !== "AlreadyExists");
  }

  ask<A>(question: Question<A>): void {
    const random = this.#random;
    const { loop } = this.#world;
    this.open += 1;
    let isOver = false;
    const finish = (answer: Answer<A>): void => {
      if (isOver) return;
      isOver = true;
      this.open -= 1;
      this.#world.note(() => `client: ${question.what} → ${shown(answer)}`);
      question.then(answer);
    };
    loop.after(question.patienceMs ?? PATIENCE_MS, () => finish({ kind: "none" }));
    if (this.#world.strikes("requestLost", random)) return;
    const isAnswerLost = this.#world.strikes("requestLost", random);
    loop.after(delayMs(random), () => this.#deliver(question, isAnswerLost ? () => {} : finish));
  }

  #deliver<A>(question: Question<A>, finish: (answer: Answer<A>) => void): void {
    const nodes = this.#nodes().filter(({ engine }) => engine !== undefined);
    const node = nodes[this.#random.below(nodes.length)];
    if (node === undefined) return finish({ kind: "none" });
    const died = (): void => finish({ kind: "none" });
    node.deathWatch.add(died);
    node.gate(() => {
      const { engine, registry } = node;
      if (engine === undefined || registry === undefined) return finish({ kind: "none" });
      question.onArrived?.();
      const arrivedAtMs = this.#world.loop.nowMs;
      const termAtArrival = this.#termOf(node);
      node.run(question.ask(engine, registry)).addObserver((outcome) => {
        node.deathWatch.delete(died);
        if (!node.isAlive) return;
        const answer = this.#answerOf(question.what, outcome, node);
        if (question.home !== undefined) this.#stops.answered(question.home, answer, node, arrivedAtMs);
        this.#checkMoved(question.what, answer, node, arrivedAtMs);
        const isCertain = termAtArrival !== undefined && termAtArrival === this.#termOf(node);
        if (answer.kind !== "none") question.onAnswered?.(answer, { node, isCertain });
        this.#world.loop.after(delayMs(this.#random), () => finish(answer));
      });
    })();
  }

  /** As long as nothing has gone wrong since it came, no request is refused because partitions move. */
  #checkMoved(what: string, answer: Answer<unknown>, node: SimNode, arrivedAtMs: number): void {
    if (!this.#model.isCluster || node.isStopping || answer.kind !== "refused" || answer.code !== "Unavailable") return;
    if (this.#world.faultedUntilMs >= arrivedAtMs || !LEADER_CHANGED.test(answer.message)) return;
    this.#world.violate("handOver", `"${what}" is refused, with nothing wrong: ${answer.message}`);
  }

  /** Which of all terms it is, while nobody else leads; nodes that are alone have one that never ends. */
  #termOf(node: SimNode): number | undefined {
    if (!this.#model.hasRivals) return 0;
    return this.#model.isZombie(node) ? undefined : this.#model.elections;
  }

  #answerOf<A>(what: string, exit: Exit.Exit<A, RequestRefused>, node: SimNode): Answer<A> {
    if (Exit.isSuccess(exit)) return { kind: "ok", value: exit.value };
    for (const reason of exit.cause.reasons) {
      if (reason._tag === "Fail" && reason.error instanceof RequestRefused) {
        const { code, message } = reason.error;
        if (code === "Internal") this.#world.violate("noDefect", `${what}: ${message}`);
        return { kind: "refused", code, message, isFromZombie: this.#model.hasRivals && this.#model.isZombie(node) };
      }
      if (reason._tag === "Die") this.#world.violate("noDefect", `${what}: ${String(reason.defect)}`);
    }
    return { kind: "none" };
  }
}

function shown<A>(answer: Answer<A>): string {
  if (answer.kind === "none") return "no answer";
  return answer.kind === "ok" ? JSON.stringify(answer.value) : `${answer.code}: ${answer.message}`;
}
