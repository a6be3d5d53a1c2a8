import { Effect } from "effect";
import { type Cluster, isAlive } from "../../cluster/mod.ts";
import { type ExecutionId, partitionKey, partitionOf, type ResourceId, type WorkflowId } from "../../values/mod.ts";
import type { WallClock } from "../clock.ts";
import type { MemberCalls } from "../cluster/member_calls.ts";
import { isRepeatable } from "../cluster/portable.ts";
import type { RequestRefused } from "../engine.ts";
import { type Partition, refusedBy } from "../partition/partition.ts";
import type { PartitionInput, Refusal, Reply } from "../partition/partition_input.ts";

/** What lives in a partition. */
export type Inhabitant = ExecutionId | WorkflowId | ResourceId;

/** How long a leader is looked for, milliseconds: longer than it takes to elect another one. */
const ROUTE_MS = 10_000;
/** Pause before asking again while nothing is heard of another leader, milliseconds: at first, and at most. */
const AGAIN_MS_MIN = 10;
const AGAIN_MS_MAX = 200;

/** What routes are found with. */
export interface PartitionHomesOptions {
  /** As this node has them, in the order of their numbers; at least one. */
  readonly partitions: readonly Partition[];
  readonly cluster: Cluster["Service"];
  readonly calls: MemberCalls;
  readonly clock: WallClock;
}

/** What all routes of a node share. */
interface RouteOptions extends PartitionHomesOptions {
  isClosed: boolean;
}

/** The partitions, by what lives in them, wherever in the cluster they are led. */
export class PartitionHomes {
  readonly #options: RouteOptions;

  constructor(options: PartitionHomesOptions) {
    this.#options = { ...options, isClosed: false };
  }

  /** Nothing is asked again any more. */
  close(): void {
    this.#options.isClosed = true;
  }

  /** The numbers of all. */
  get all(): readonly number[] {
    return this.#options.partitions.map(({ partition }) => partition);
  }

  /** Where something lives, or would live. */
  of(id: Inhabitant): number {
    return partitionOf(partitionKey(id), this.#options.partitions.length);
  }

  /** This node leads it, as far as it knows. */
  isHere(partition: number): boolean {
    const { self, holders } = this.#options.cluster.view();
    return self !== undefined && holders.get(partition) === self;
  }

  /** Puts an input before the partition of `id`. */
  ask<T>(id: Inhabitant, input: (reply: Reply<T>) => PartitionInput): Effect.Effect<T, RequestRefused> {
    return this.askAt(this.of(id), input);
  }

  /**
   * Puts an input before a partition, here or where it is led. Over a change of leaders it is asked again, as long as nothing can have
   * been done or doing it again is harmless; the answer comes when it is durable.
   */
  askAt<T>(partition: number, input: (reply: Reply<T>) => PartitionInput): Effect.Effect<T, RequestRefused> {
    return Effect.callback<T, RequestRefused>((resume) => {
      const succeed = (answer: T) => resume(Effect.succeed(answer));
      const fail = (refusal: Refusal) => resume(Effect.fail(refusedBy(refusal)));
      const route = new Route(this.#options, partition, (refuse) => input({ succeed, refuse }), fail);
      route.ask();
      return Effect.sync(() => route.end());
    });
  }
}

/** One request on its way to whoever leads its partition. */
class Route {
  readonly #options: RouteOptions;
  readonly #partition: number;
  /** The input anew, for each time that it is asked. */
  readonly #input: (refuse: (refusal: Refusal) => void) => PartitionInput;
  readonly #fail: (refusal: Refusal) => void;
  #askedAtMs = 0;
  /** For how long no leader was found. */
  #lostForMs = 0;
  #pauseMs = AGAIN_MS_MIN;
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(
    options: RouteOptions,
    partition: number,
    input: (refuse: (refusal: Refusal) => void) => PartitionInput,
    fail: (refusal: Refusal) => void,
  ) {
    this.#options = options;
    this.#partition = partition;
    this.#input = input;
    this.#fail = fail;
  }

  ask(): void {
    const { partitions, cluster, calls, clock } = this.#options;
    const partition = this.#partition;
    this.#askedAtMs = clock.nowEpochMs();
    const input: PartitionInput = this.#input((refusal) => this.#refused(refusal, input));
    const { self, members, holders } = cluster.view();
    const holder = holders.get(partition);
    if (holder !== undefined && holder === self) return partitions[partition]?.offer(input);
    // Without a session of its own nobody hears it, nor could answer.
    if (self !== undefined && isAlive(members, holder)) return calls.ask(holder, partition, input);
    const message = `Partition ${partition} has no leader at the moment: ask again`;
    this.#refused({ code: "Unavailable", message, isElsewhere: true }, input);
  }

  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  #refused(refusal: Refusal, input: PartitionInput): void {
    if (this.#isOver) return;
    const mayAskAgain = refusal.isElsewhere === true || (refusal.outcome === "unknown" && isRepeatable(input));
    const { isClosed, clock } = this.#options;
    if (!mayAskAgain || isClosed) return this.#fail(refusal);
    const askedForMs = clock.nowEpochMs() - this.#askedAtMs;
    // One that had a leader for long has just lost it. The clock may have jumped.
    if (askedForMs >= ROUTE_MS) this.#lostForMs = 0;
    else this.#lostForMs += Math.max(0, askedForMs);
    if (this.#lostForMs >= ROUTE_MS) return this.#fail(refusal);
    this.#askAgain();
  }

  /** A little later, or as soon as something is heard of the cluster. */
  #askAgain(): void {
    const { cluster, clock } = this.#options;
    const wake = () => {
      forget();
      callOff();
      this.#wake = undefined;
      if (!this.#isOver) this.ask();
    };
    const forget = cluster.onChange(wake);
    const callOff = clock.after(this.#pauseMs, wake);
    this.#lostForMs += this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, AGAIN_MS_MAX);
    this.#wake = wake;
  }
}
