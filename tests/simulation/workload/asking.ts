/** How clients ask: again and again until there is an answer that stays, and what they still wait for. */
import type { LogMark, LogModel } from "../model/log_model.ts";
import type { Answer, Answerer, Gateway, Question } from "../world/gateway.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";

/** After so long at the most they ask again, milliseconds. */
export const AGAIN_MS = 600;

/** What a client wants to do or know. */
export interface Wish<A> extends Pick<Question<A>, "what" | "ask" | "patienceMs" | "home"> {
  /** The engine answers now: what it says is compared with the log, as it was when the question came and as it is. */
  readonly check: (answer: Answer<A>, mark: LogMark, by: Answerer) => void;
  /** The question comes to a node. */
  readonly arrived?: () => void;
  /** The client knows. */
  readonly then?: (answer: Answer<A>) => void;
  /** No answer is an answer too. */
  readonly isAskedOnce?: boolean;
}

export class Asking {
  readonly #world: World;
  readonly #gateway: Gateway;
  readonly #model: LogModel;
  readonly #random: SimRandom;
  /** Wishes that have not come to their end, those still to come among them. */
  open = 0;

  constructor(world: World, gateway: Gateway, model: LogModel) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#gateway = gateway;
    this.#model = model;
  }

  /** Something that a client will do. */
  after(ms: number, act: () => void): void {
    this.open += 1;
    this.#world.loop.after(ms, () => {
      this.open -= 1;
      act();
    });
  }

  /** Asks until there is an answer that stays. */
  insist<A>(wish: Wish<A>): void {
    this.#ask(wish, (answer) => {
      const isGivenUp = wish.isAskedOnce === true && answer.kind === "none";
      if (!isGivenUp && this.#gateway.isPassing(answer)) {
        return this.after(this.#random.between(20, AGAIN_MS), () => this.insist(wish));
      }
      wish.then?.(answer);
    });
  }

  /** Asks one time; whatever comes of it is enough. */
  once<A>(wish: Wish<A>): void {
    this.#ask(wish, (answer) => wish.then?.(answer));
  }

  #ask<A>(wish: Wish<A>, then: (answer: Answer<A>) => void): void {
    let mark: LogMark | undefined;
    this.open += 1;
    this.#gateway.ask<A>({
      what: wish.what,
      ask: wish.ask,
      ...(wish.patienceMs === undefined ? {} : { patienceMs: wish.patienceMs }),
      ...(wish.home === undefined ? {} : { home: wish.home }),
      onArrived: () => {
        wish.arrived?.();
        mark = this.#model.mark();
      },
      onAnswered: (answer, by) => {
        if (mark !== undefined) wish.check(answer, mark, by);
      },
      then: (answer) => {
        this.open -= 1;
        then(answer);
      },
    });
  }
}
