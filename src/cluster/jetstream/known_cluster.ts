import type { ClusterView, Member, MemberId } from "../mod.ts";
import type { SessionRecord } from "./records.ts";

interface KnownMember {
  /** Of its record when it was last read. */
  sequence: number;
  /** Of its record as it says itself: only to tell whether what is read is news. */
  heardSequence: number;
  /** Its record was read since something new became known. */
  isLookedAt: boolean;
  /** Since it said something itself, its record was read and had changed: it says what it writes no more, or nobody hears it. */
  isMute: boolean;
  /** When that became known here, milliseconds of the monotonic clock. */
  changedAtMs: number;
  /** Absent: the record cannot be read, so nobody knows more of this member than that it is there. */
  session: SessionRecord | undefined;
}

interface KnownLease {
  readonly sequence: number;
  readonly holder: MemberId | undefined;
}

/** Members that are known to be gone are kept in mind, so that what comes late does not bring them back. */
const GONE_MAX = 4_096;

/**
 * What this node has read and heard of the cluster, and since when. What is older than what is known already changes nothing, so it may come
 * in any order.
 */
export class KnownCluster {
  readonly #members = new Map<MemberId, KnownMember>();
  readonly #leases = new Map<number, KnownLease>();
  readonly #gone = new Set<MemberId>();
  readonly #listeners = new Set<() => void>();
  #self: MemberId | undefined;
  #view: ClusterView = { self: undefined, members: [], holders: new Map() };
  /** Highest sequence that is known to have been written. */
  #lastSequence = 0;
  readonly #untoldMs: number;
  readonly #lookBackMs: number;

  /**
   * @param untoldMs of its writes a member speaks of one at least in each such time, milliseconds
   * @param lookBackMs a record that is found changed was changed so long ago at most: who looks late, or hears late, does not know better
   */
  constructor(untoldMs: number, lookBackMs: number) {
    this.#untoldMs = untoldMs;
    this.#lookBackMs = lookBackMs;
  }

  get view(): ClusterView {
    return this.#view;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** All that are not known to be gone, those whose records cannot be read as well. */
  get memberIds(): readonly MemberId[] {
    return [...this.#members.keys()];
  }

  onChange(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** This node has a session, as this member. */
  join(id: MemberId, session: SessionRecord, sequence: number, nowMs: number): void {
    this.#self = id;
    this.putMember(id, session, sequence, nowMs);
  }

  /** This node's session has ended. What is known of the others was that of a bucket that may be gone: it has to be read again. */
  leave(): void {
    const self = this.#self;
    this.#self = undefined;
    for (const known of this.#members.values()) known.sequence = 0;
    this.#leases.forEach(({ holder }, partition) => this.#leases.set(partition, { holder, sequence: 0 }));
    this.#lastSequence = 0;
    if (self !== undefined) this.removeMember(self);
    this.#renew();
  }

  isGone(id: MemberId): boolean {
    return this.#gone.has(id);
  }

  /** Whether something new was read or heard of this member within this time. */
  isFresh(id: MemberId, withinMs: number, nowMs: number): boolean {
    const known = this.#members.get(id);
    return known !== undefined && known.sequence > 0 && nowMs - known.changedAtMs <= withinMs;
  }

  sequenceOf(id: MemberId): number | undefined {
    return this.#members.get(id)?.sequence;
  }

  /** @returns whether it is new that this member is there */
  putMember(id: MemberId, session: SessionRecord | undefined, sequence: number, nowMs: number): boolean {
    this.noteSequence(sequence);
    if (this.#gone.has(id)) return false;
    const known = this.#members.get(id);
    if (known === undefined) {
      const isLookedAt = false;
      this.#members.set(id, { sequence, heardSequence: 0, isLookedAt, isMute: true, changedAtMs: nowMs, session });
      this.#renew();
      return true;
    }
    if (sequence <= known.sequence) return false;
    const isNews = known.session?.isLeaving !== session?.isLeaving || known.session?.name !== session?.name;
    known.sequence = sequence;
    known.session = session;
    if (sequence !== known.heardSequence) {
      // Of a later write it would have spoken. Where that was not heard, the next one that is read tells that it is alive.
      const spokenMs = Math.max(nowMs - this.#lookBackMs, known.changedAtMs + this.#untoldMs);
      known.changedAtMs = known.isMute ? nowMs : Math.min(nowMs, spokenMs);
      known.isMute = true;
      known.isLookedAt = false;
    }
    if (isNews) this.#renew();
    return false;
  }

  /** A member is said to have given a sign of life: that is a hint. @returns false: nobody knows this member here */
  hear(id: MemberId, sequence: number, nowMs: number): boolean {
    const known = this.#members.get(id);
    if (known === undefined) return this.#gone.has(id);
    known.heardSequence = sequence;
    known.changedAtMs = nowMs;
    known.isMute = false;
    known.isLookedAt = false;
    return true;
  }

  /** This sequence was acknowledged to this node, or read by it. */
  noteSequence(sequence: number): void {
    if (sequence > this.#lastSequence) this.#lastSequence = sequence;
  }

  /** @returns whether it was known to be there */
  removeMember(id: MemberId): boolean {
    this.#gone.add(id);
    if (this.#gone.size > GONE_MAX) {
      for (const oldest of this.#gone) {
        this.#gone.delete(oldest);
        break;
      }
    }
    if (!this.#members.delete(id)) return false;
    this.#renew();
    return true;
  }

  putLease(partition: number, holder: MemberId | undefined, sequence: number): void {
    this.noteSequence(sequence);
    const known = this.#leases.get(partition);
    if (known !== undefined && sequence <= known.sequence) return;
    this.#leases.set(partition, { sequence, holder });
    if (known?.holder !== holder) this.#renew();
  }

  /** There is no record of this lease. */
  removeLease(partition: number): void {
    if (this.#leases.delete(partition)) this.#renew();
  }

  get leasedPartitions(): readonly number[] {
    return [...this.#leases.keys()];
  }

  /** From now on everybody has a full period: this node was away itself, so it cannot know who gave no sign of life. */
  giveEverybodyTime(nowMs: number): void {
    for (const known of this.#members.values()) known.changedAtMs = nowMs;
  }

  /**
   * Others who have given no sign of life for so long, each once: a confirmation that nobody spoke of may have been their last one, and the
   * sooner it is known, the sooner their silence counts.
   */
  toLookAt(periodMs: number, nowMs: number): readonly MemberId[] {
    const some = this.silentFor(periodMs, nowMs).filter((id) => this.#members.get(id)?.isLookedAt === false);
    for (const id of some) {
      const known = this.#members.get(id);
      if (known !== undefined) known.isLookedAt = true;
    }
    return some;
  }

  /** Others who have given no sign of life for so long. */
  silentFor(periodMs: number, nowMs: number): readonly MemberId[] {
    return [...this.#members].filter(([id, { changedAtMs }]) => id !== this.#self && nowMs - changedAtMs >= periodMs)
      .map(([id]) => id);
  }

  #renew(): void {
    const members: Member[] = [];
    for (const [id, { session }] of this.#members) if (session !== undefined) members.push({ id, ...session });
    const holders = new Map<number, MemberId>();
    for (const [partition, { holder }] of this.#leases) if (holder !== undefined) holders.set(partition, holder);
    this.#view = { self: this.#self, members, holders };
    for (const listener of [...this.#listeners]) listener();
  }
}
