/**
 * How integrations ask the engine: until there is an answer. While a partition is not led, or cannot be reached, a request stands; a
 * task that waits for it can be cut off.
 */
import { Effect, Fiber, FiberSet, type Scope } from "effect";
import type { ApiCode, RequestRefused } from "../runtime/mod.ts";
import { backoffSchedule } from "../tasks/mod.ts";
import type { Backoff } from "../values/mod.ts";

/** An answer of the engine. */
export type Answer<A> = Effect.Effect<A, RequestRefused>;

/** How long an engine that is away, or fails by itself, is asked again. */
export interface Patience {
  /** Times that it may fail by itself: a defect may pass, as a partition is loaded anew; not one that stays. */
  readonly defectsMax: number;
  readonly retriesMax: number;
}

const RETRY: Backoff = { firstMs: 20, mostMs: 1_000 };
const PATIENCE: Patience = { defectsMax: 20, retriesMax: Number.POSITIVE_INFINITY };

/**
 * A question: asked until there is an answer. May be cut off at any moment: it changes nothing.
 *
 * Fails with any other refusal than that of an engine that may answer later.
 */
export function untilAnswered<A>(request: () => Answer<A>, patience: Patience = PATIENCE): Answer<A> {
  const asked = Effect.suspend(request);
  return Effect.catchIf(asked, isPassing, (refusal) => askedAgain(asked, refusal, patience));
}

/** The answer, or `undefined` where the engine refuses for one of these reasons. */
export function unlessRefused<A>(codes: readonly ApiCode[], answer: Answer<A>): Answer<A | undefined> {
  return Effect.catchIf(answer, ({ code }) => codes.includes(code), () => Effect.succeed(undefined));
}

/** Commands of one runner that are on their way. */
export class EngineCommands {
  readonly #onTheirWay: FiberSet.FiberSet<unknown, unknown>;

  private constructor(onTheirWay: FiberSet.FiberSet<unknown, unknown>) {
    this.#onTheirWay = onTheirWay;
  }

  /** Once the scope closes nothing is asked any more, and whoever waits for an answer is interrupted. */
  static readonly make: Effect.Effect<EngineCommands, never, Scope.Scope> = Effect.map(
    FiberSet.make<unknown, unknown>(),
    (onTheirWay) => new EngineCommands(onTheirWay),
  );

  /**
   * A wish: asked until there is an answer. One that is on its way is awaited even when the task is cut off meanwhile, for what was
   * asked for may have happened; between two tries it may be cut off.
   */
  untilDone<A>(request: () => Answer<A>, patience: Patience = PATIENCE): Answer<A> {
    return untilAnswered(() => this.#awaited(Effect.suspend(request)), patience);
  }

  /** Runs something beside the tasks, until the scope closes. */
  beside(effect: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.asVoid(FiberSet.run(this.#onTheirWay, effect));
  }

  #awaited<A>(answer: Answer<A>): Answer<A> {
    return Effect.uninterruptible(Effect.flatMap(FiberSet.run(this.#onTheirWay, answer), Fiber.join));
  }
}

function isPassing({ code }: RequestRefused): boolean {
  return code === "Unavailable" || code === "Internal";
}

function askedAgain<A>(asked: Answer<A>, first: RequestRefused, { defectsMax, retriesMax }: Patience): Answer<A> {
  return Effect.suspend(() => {
    let defects = 0;
    let retries = 0;
    const isWorthIt = (refusal: RequestRefused): boolean => {
      if (refusal.code === "Internal") defects += 1;
      return isPassing(refusal) && defects <= defectsMax && ++retries <= retriesMax;
    };
    if (!isWorthIt(first)) return Effect.fail(first);
    const again = Effect.retry(asked, { while: isWorthIt, schedule: backoffSchedule(RETRY) });
    return Effect.delay(again, RETRY.firstMs);
  });
}
