/**
 * Starts the children of a Map Run and sees them to their end, so many at once as may be.
 *
 * Nothing of it is kept: begun again, it asks for the same children by the same keys. Those that were started before are found, and
 * those that have ended answer at once.
 */
import { Deferred, Effect, Exit, FiberSet, Latch } from "effect";
import type { ChildStart, ExecutionDetail, MapRunSettings, RequestRefused } from "../../runtime/mod.ts";
import { payloadBytes, type Space } from "../../values/mod.ts";
import { type Answer, unlessRefused, untilAnswered } from "../engine_requests.ts";
import type { IntegrationRun } from "../port.ts";
import type { ChildMachine } from "./child_machine.ts";
import type { ChildInput, ChildInputs } from "./item_inputs.ts";
import { type MapRunFailed, readerFailed } from "./map_run_failed.ts";
import type { ChildNames, MapRunNames } from "./map_run_names.ts";

/** Children open at once, whatever a Map asks for: AWS's figure. */
export const CHILDREN_MAX = 10_000;
/** Starts on their way at once, and the bytes of their inputs. */
const STARTING_MAX = 256;
const STARTING_BYTES_MAX = 8 * 1_024 * 1_024;

/** Why a Map Run ends before its children do. */
export type ChildrenFailure = MapRunFailed | RequestRefused;

/** What children are started with. */
export interface ChildrenOptions {
  readonly run: IntegrationRun;
  readonly space: Space;
  readonly mapRun: string;
  readonly names: MapRunNames;
  readonly machine: ChildMachine;
  readonly settings: () => MapRunSettings;
  /** The Map Run goes on in a redriven execution: children that had ended without success by then do so too. */
  readonly redriven?: { readonly count: number; readonly atEpochMs: number } | undefined;
  readonly onBegin: (child: ChildInput) => void;
  readonly onEnd: (child: ChildInput, names: ChildNames, detail: ExecutionDetail) => void;
}

/** The children of one Map Run that this process has in hand: a fiber each, from its start to its end. */
export class Children {
  readonly #options: ChildrenOptions;
  readonly #over = Deferred.makeUnsafe<never, ChildrenFailure>();
  /** Closed while whoever begins children waits for room. */
  readonly #room = Latch.makeUnsafe(true);
  #open = 0;
  #starting = 0;
  #startingBytes = 0;

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  /** Settings have changed: there may be room. */
  wake(): void {
    this.#room.openUnsafe();
  }

  /** Nothing is begun any more, and `all` ends with this. The first reason counts. */
  end(reason: Exit.Exit<never, ChildrenFailure>): void {
    Deferred.doneUnsafe(this.#over, reason);
  }

  /**
   * Begins each child as soon as there is room, and ends when all have ended, or with what ended the Map Run. Whichever way it ends, and
   * interrupted too: every start that was on its way has come out by then, for somebody may look which children there are.
   */
  all(inputs: ChildInputs, onAllBegun: () => void): Effect.Effect<void, ChildrenFailure> {
    const over = Deferred.await(this.#over);
    return Effect.scoped(Effect.gen({ self: this }, function* () {
      const children = yield* FiberSet.make<void>();
      const fork = yield* FiberSet.runtime(children)();
      const begun = inputs.forEach((child) => {
        const bytes = payloadBytes(child.input);
        return Effect.map(this.#whenRoomFor(bytes), () => void fork(this.#child(child, bytes)));
      });
      const ended = Effect.andThen(Effect.sync(onAllBegun), FiberSet.awaitEmpty(children));
      yield* Effect.raceFirst(over, Effect.andThen(begun, ended));
      if (yield* Deferred.isDone(this.#over)) yield* over;
    }));
  }

  #hasRoomFor(bytes: number): boolean {
    const { maxConcurrency } = this.#options.settings();
    const openMax = maxConcurrency === 0 ? CHILDREN_MAX : Math.min(maxConcurrency, CHILDREN_MAX);
    if (this.#open >= openMax || this.#starting >= STARTING_MAX) return false;
    return this.#starting === 0 || this.#startingBytes + bytes <= STARTING_BYTES_MAX;
  }

  #whenRoomFor(bytes: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#hasRoomFor(bytes)) return Effect.void;
      this.#room.closeUnsafe();
      return Effect.andThen(this.#room.await, this.#whenRoomFor(bytes));
    });
  }

  /** One child from its start to its end. Interrupted, it counts no more: then all of them are over. */
  #child(child: ChildInput, bytes: number): Effect.Effect<void> {
    const { onBegin, onEnd, names } = this.#options;
    const { index, itemCount } = child;
    this.#open += 1;
    this.#starting += 1;
    this.#startingBytes += bytes;
    onBegin(child);
    const known = names.child(index, itemCount);
    let isStarting = true;
    const hasStarted = () => {
      if (!isStarting) return;
      isStarting = false;
      this.#starting -= 1;
      this.#startingBytes -= bytes;
      this.wake();
    };
    const hasEnded = () => {
      hasStarted();
      this.#open -= 1;
      this.wake();
    };
    const started = Effect.flatMap(this.#start(child, known), (start) => this.#goneOn(start));
    const ended = Effect.flatMap(started, (start) => {
      hasStarted();
      return this.#endOf(start);
    });
    const told = Effect.map(ended, (detail) => onEnd({ index, itemCount, input: detail.input }, known, detail));
    return Effect.matchCause(told, {
      onSuccess: hasEnded,
      onFailure: (cause) => {
        this.end(Exit.failCause(cause));
        hasEnded();
      },
    });
  }

  #start({ index, input }: ChildInput, { key, shownAs }: ChildNames): Effect.Effect<ChildStart, ChildrenFailure> {
    const { run, space, mapRun, names, machine } = this.#options;
    const request = { ...space, workflow: names.machine, definition: machine, mapRun, input, key, shownAs };
    return Effect.mapError(
      run.commands.untilDone(() => run.registry.startChild(request)),
      (refused) =>
        refused.code === "AlreadyExists"
          ? readerFailed(`The items have changed while the Map Run was running: item ${index} is not what it was.`)
          : refused,
    );
  }

  /** A child that ended without success before the Map Run was redriven goes on. */
  #goneOn(start: ChildStart): Answer<Pick<ChildStart, "executionId" | "ended">> {
    const { run, space, mapRun, redriven } = this.#options;
    const { ended, executionId } = start;
    if (ended === undefined || redriven === undefined || ended.status === "Succeeded") return Effect.succeed(start);
    if (Date.parse(ended.endedAt ?? "") > redriven.atEpochMs) return Effect.succeed(start);
    // The same word again, after a crash, redrives it no second time; one that cannot be redriven stays as it is.
    const clientToken = `${mapRun}/${redriven.count}`;
    const again = run.commands.untilDone(
      () => run.registry.redriveExecution({ ...space, executionId, clientToken, mapRun }),
    );
    return Effect.map(
      unlessRefused(["InvalidStatus", "LimitExceeded"], again),
      (detail) => detail === undefined ? start : { executionId },
    );
  }

  #endOf({ ended, executionId }: Pick<ChildStart, "executionId" | "ended">): Answer<ExecutionDetail> {
    if (ended !== undefined) return Effect.succeed(ended);
    const { run, space } = this.#options;
    return untilAnswered(() => run.registry.awaitDetail({ ...space, executionId }));
  }
}
