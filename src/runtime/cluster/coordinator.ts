/**
 * Which part this node plays in each partition, as the cluster stands: it leads those whose lease it holds, follows those that it is
 * next to lead, and rests in the others.
 *
 * One rule says who should lead, whatever the reason that a partition moves: {@link placement}. A lease that no living member holds is taken by that
 * member, who has followed the partition; a little later by the next in rank, should it not come. Nobody takes it from a living one: who holds what
 * another should lead hands it over, once the other has caught up, and a few at a time.
 */
import { Effect } from "effect";
import {
  type Cluster,
  type ClusterUnavailable,
  type ClusterView,
  isAlive,
  type MemberId,
  placement,
  ranked,
  standbys as standbysOf,
} from "../../cluster/mod.ts";
import { pauseFor, type WallClock } from "../clock.ts";
import type { Partition } from "../partition/partition.ts";
import type { MemberCalls } from "./member_calls.ts";

/** How often the cluster is looked at though nothing was heard of it, milliseconds. */
const LOOK_MS = 1_000;
/** How much later than the one before each next in rank takes a lease that nobody holds, milliseconds. */
const NEXT_IN_RANK_MS = 1_000;
/** Partitions handed over at once: as a rule, and by a node that leaves. */
const MOVES_MAX = 1;
const MOVES_MAX_LEAVING = 4;
const HAND_OVER_TRIES = 3;
/** Pause after a lease that could not be taken or handed over, milliseconds. */
const AGAIN_MS = 100;
/** How long a node that leaves tries to hand over what it leads, milliseconds. */
const LEAVE_MS_MAX = 10_000;

/** What coordinating needs. */
export interface CoordinatorOptions {
  readonly cluster: Cluster["Service"];
  readonly partitions: readonly Partition[];
  readonly calls: MemberCalls;
  readonly clock: WallClock;
  /** Nodes that follow each partition beside its leader. */
  readonly standbys: number;
}

/** One node's coordinator. */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  /** Partitions whose lease is being taken or handed over. */
  readonly #busy = new Set<number>();
  /** For how long, in looks of {@link LOOK_MS}, each partition has been seen without a leader. */
  readonly #freeLooks = new Map<number, number>();
  #isOver = false;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
  }

  /** Gives each partition its part, again and again, until it is interrupted. */
  run(): Effect.Effect<never> {
    const { cluster, calls, clock } = this.#options;
    return Effect.gen({ self: this }, function* () {
      const fork = Effect.runForkWith(yield* Effect.context<never>());
      const forget = cluster.onChange(() => {
        calls.onView();
        this.#look(fork);
      });
      return yield* Effect.forever(Effect.andThen(
        Effect.sync(() => {
          this.#countFree(cluster.view());
          this.#look(fork);
        }),
        pauseFor(clock, LOOK_MS),
      )).pipe(Effect.ensuring(Effect.sync(() => {
        this.#isOver = true;
        forget();
      })));
    });
  }

  /** Hands over all that this node leads, if there is anybody to take it. Bounded; what is still led then is to be drained. */
  leave(): Effect.Effect<void> {
    const { cluster, clock } = this.#options;
    const holdsSome = () => {
      const { self, holders } = cluster.view();
      return self !== undefined && [...holders.values()].includes(self);
    };
    const hasOthers = () =>
      cluster.view().members.some(({ id, isLeaving }) => id !== cluster.view().self && !isLeaving);
    const handedOver = Effect.callback<void>((resume) => {
      const look = () => {
        if (!holdsSome() || !hasOthers()) resume(Effect.void);
      };
      const forget = cluster.onChange(look);
      look();
      return Effect.sync(forget);
    });
    return Effect.suspend(() => {
      if (!hasOthers()) return Effect.void;
      // As long as the others do not know, nobody takes anything.
      const left = Effect.andThen(this.#insist(cluster.leave()), handedOver);
      return Effect.raceFirst(left, pauseFor(clock, LEAVE_MS_MAX));
    });
  }

  #countFree({ members, holders }: ClusterView): void {
    for (const { partition } of this.#options.partitions) {
      const looks = this.#freeLooks.get(partition);
      if (isAlive(members, holders.get(partition))) this.#freeLooks.delete(partition);
      else this.#freeLooks.set(partition, looks === undefined ? 0 : looks + 1);
    }
  }

  #look(fork: (effect: Effect.Effect<void>) => unknown): void {
    const { cluster, partitions, standbys } = this.#options;
    if (this.#isOver) return;
    const view = cluster.view();
    const { self, members, holders } = view;
    const wanted = placement(partitions.length, members, holders);
    const leaders = partitions.map(({ partition }) => {
      const holder = holders.get(partition);
      return isAlive(members, holder) ? holder : wanted[partition];
    });
    const following = standbysOf(leaders, members, holders, standbys);
    for (const home of partitions) {
      const { partition } = home;
      const holder = holders.get(partition);
      if (self === undefined) home.play("rest");
      else if (holder === self) this.#lead(home, wanted[partition], view, fork);
      else {
        if (!isAlive(members, holder) && this.#isHeir(partition, wanted[partition], view)) {
          this.#acquire(partition, fork);
        }
        const follows = wanted[partition] === self || following[partition]?.includes(self) === true;
        home.play(follows ? "follow" : "rest");
      }
    }
  }

  /** Leads a partition, or hands it over to the one who should. */
  #lead(
    home: Partition,
    wanted: MemberId | undefined,
    { self, members }: ClusterView,
    fork: (effect: Effect.Effect<void>) => unknown,
  ): void {
    const { partition } = home;
    if (this.#busy.has(partition)) return;
    home.play("lead");
    if (wanted === undefined || wanted === self) return;
    const isLeaving = members.some((member) => member.id === self && member.isLeaving);
    if (this.#busy.size >= (isLeaving ? MOVES_MAX_LEAVING : MOVES_MAX)) return;
    this.#work(partition, this.#handOver(home, wanted), fork);
  }

  /** One step, and then another look: there is room for the next one, or it has come to nothing. */
  #work(
    partition: number,
    step: Effect.Effect<boolean>,
    fork: (effect: Effect.Effect<void>) => unknown,
  ): void {
    this.#busy.add(partition);
    const stepAndPause = Effect.flatMap(
      step,
      (isDone) => isDone ? Effect.void : pauseFor(this.#options.clock, AGAIN_MS),
    );
    const done = Effect.ensuring(stepAndPause, Effect.sync(() => void this.#busy.delete(partition)));
    fork(Effect.andThen(done, Effect.sync(() => this.#look(fork))));
  }

  /** What crashes in between leaves a lease that nobody leads by: its holder's session ends, and another takes it. */
  #handOver(home: Partition, to: MemberId): Effect.Effect<boolean> {
    const { cluster, calls } = this.#options;
    const { partition } = home;
    return Effect.gen({ self: this }, function* () {
      if (!(yield* calls.catchUp(to, partition))) return false;
      yield* home.retire;
      const isGiven = yield* Effect.retry(cluster.handOver(partition, to), { times: HAND_OVER_TRIES - 1 });
      if (isGiven) yield* Effect.annotateLogs(Effect.logInfo("A partition was handed over"), { partition, to });
      return isGiven;
    }).pipe(
      Effect.catch((failure) =>
        Effect.logWarning("A partition could not be handed over").pipe(
          Effect.annotateLogs({ partition, failure: failure.message }),
          // It may have been, and then it is another's: nothing is led here before that is known.
          Effect.andThen(this.#insist(cluster.acquire(partition))),
          Effect.as(false),
        )
      ),
    );
  }

  /** Until the cluster's store has answered. */
  #insist<A>(asked: Effect.Effect<A, ClusterUnavailable>): Effect.Effect<A> {
    return Effect.catch(
      asked,
      () => Effect.andThen(pauseFor(this.#options.clock, AGAIN_MS), Effect.suspend(() => this.#insist(asked))),
    );
  }

  #acquire(partition: number, fork: (effect: Effect.Effect<void>) => unknown): void {
    if (this.#busy.has(partition)) return;
    const acquired = Effect.catch(
      this.#options.cluster.acquire(partition),
      (failure) =>
        Effect.as(
          Effect.annotateLogs(Effect.logWarning("A lease could not be taken"), { partition, failure: failure.message }),
          false,
        ),
    );
    this.#work(partition, acquired, fork);
  }

  /** It is this node's turn to take a lease that nobody holds: the one who should comes first, then those who want it most. */
  #isHeir(partition: number, wanted: MemberId | undefined, { self, members }: ClusterView): boolean {
    const staying = members.filter(({ isLeaving }) => !isLeaving);
    const order = [...new Set([wanted, ...ranked(partition, staying.length > 0 ? staying : members)])];
    const place = order.filter((id) => id !== undefined).findIndex((id) => id === self);
    return place !== -1 && place * NEXT_IN_RANK_MS <= (this.#freeLooks.get(partition) ?? 0) * LOOK_MS;
  }
}
