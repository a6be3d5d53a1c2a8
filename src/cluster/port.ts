/**
 * A cluster as one of its nodes sees it: who is alive, who holds the lease of which partition, and a way to speak to the others.
 *
 * Leases say who should lead. Who does is decided by the log alone, whose appends name the sequence that they expect: nothing here
 * has to be right for what is written to be safe. It has to be right for what is *read*: see {@link Cluster.confirm}.
 */
import { Context, type Effect, Schema } from "effect";

/** The store of the cluster did not answer, or not in time: the outcome of a write is UNKNOWN. Worth another try. */
export class ClusterUnavailable extends Schema.TaggedError<ClusterUnavailable>()("ClusterUnavailable", {
  operation: Schema.String,
  cause: Schema.optional(Schema.Defect()),
}) {
  override get message(): string {
    return `Cannot ${this.operation}: the cluster's store is not available`;
  }
}

/**
 * A node in one session: from its joining until it has left, or until the others took it for dead. Whoever comes back is another
 * member, so nothing that was held before is held again. `[A-Za-z0-9_-]{1,64}`.
 */
export type MemberId = string;

/** A node that is alive. */
export interface Member {
  readonly id: MemberId;
  /** As people call it: host and process. */
  readonly name: string;
  /** It hands over what it leads, and takes nothing more. */
  readonly isLeaving: boolean;
}

/** What one node knows of the cluster at a moment; possibly late, so nothing that must be true rests on it alone. */
export interface ClusterView {
  /** This node; absent while it has no session: at the beginning, and after the others took it for dead. */
  readonly self: MemberId | undefined;
  /** All that are alive, this node included. */
  readonly members: readonly Member[];
  /** By partition, who took its lease last; he may be a member no more. */
  readonly holders: ReadonlyMap<number, MemberId>;
}

/** What has become of a confirmation: of `"lost"` and `"unavailable"` the first is final for this session. */
export type Confirmation = "confirmed" | "lost" | "unavailable";

/**
 * One node's place in the cluster.
 *
 * - A lease is held by one member at a time. It is taken only from a member that is none any more: one whose session has been ended, by
 *   a write that the member's own next {@link Cluster.confirm} or sign of life must fail on. Clocks only say when to try.
 * - A node that finds its session ended joins again by itself, as another member.
 */
export class Cluster extends Context.Service<Cluster, {
  view(): ClusterView;
  /** Calls `listener` after each change of the view, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /**
   * Takes the lease of a partition that no living member holds. False: somebody else has it, or this node has no session. What it
   * found is in the view when it answers, as is what {@link handOver} has done.
   */
  acquire(partition: number): Effect.Effect<boolean, ClusterUnavailable>;
  /** Gives a lease that this node holds to another member; to nobody if absent. False: this node did not hold it (any more). */
  handOver(partition: number, to: MemberId | undefined): Effect.Effect<boolean, ClusterUnavailable>;
  /**
   * Finds out whether this node's session still stood at some moment after the call; if so, nobody else had taken a lease that it held
   * when it was called. By a write to the replicated store, not by a clock. Calls that come while one is on its way share the next.
   * `answer` is called once, at once where there is nobody else.
   */
  confirm(answer: (outcome: Confirmation) => void): void;
  /** Tells the others that this node takes nothing more and wants to hand over what it has. */
  leave(): Effect.Effect<void, ClusterUnavailable>;
  /** Sends bytes of any length to a member: at most once, in order, or lost. To one that is none: nothing happens. */
  send(to: MemberId, bytes: Uint8Array): void;
  /** Who hears what other members send. One at a time: a later one takes the place of the one before. */
  onMessage(handler: (from: MemberId, bytes: Uint8Array) => void): void;
}>()("weft/Cluster") {}
