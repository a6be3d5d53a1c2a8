/** Where something of a node goes on: nowhere once the node is dead, later while it is frozen. */
import { Effect } from "effect";
import type { SimRandom } from "./sim_random.ts";
import type { World } from "./world.ts";

export interface Place {
  readonly world: World;
  /** Draws for what this node meets. */
  readonly random: SimRandom;
  readonly isAlive: boolean;
  /** Calls to ports that have no answer yet. */
  readonly calls: { open: number };
  /** The node dies here and now. */
  crash(where: string): void;
  /** What runs in the node: dropped when it is dead, put off while it is frozen, and then its fibers go on. */
  gate(run: () => void): () => void;
}

/** Milliseconds that a call takes one way: mostly next to none, at times a while. */
export function delayMs(random: SimRandom): number {
  const draw = random.next();
  return draw < 0.6 ? random.next() : draw < 0.95 ? random.next() * 10 : random.next() * 200;
}

/** A call that answers later, in this node, with what `answer` says then. */
export function answered<A, E>(place: Place, afterMs: number, answer: () => Effect.Effect<A, E>): Effect.Effect<A, E> {
  return Effect.callback<A, E>((resume) => {
    place.calls.open += 1;
    let isOpen = true;
    const close = (): void => {
      if (isOpen) place.calls.open -= 1;
      isOpen = false;
    };
    place.world.loop.after(
      afterMs,
      place.gate(() => {
        if (!isOpen) return;
        close();
        resume(answer());
      }),
    );
    return Effect.sync(close);
  });
}
