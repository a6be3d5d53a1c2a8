/** The cluster that simulated nodes share, its store and its network, and one node's way to them. */
import { Effect } from "effect";
import {
  type Cluster,
  ClusterUnavailable,
  type ClusterView,
  type Confirmation,
  type Member,
  type MemberId,
} from "../../../src/cluster/mod.ts";
import { calmCluster } from "./fault_rates.ts";
import { answered, delayMs, type Place } from "./place.ts";

/** Who has given no sign of life for so long is taken for dead, milliseconds. */
export const SESSION_MS = 2_000;
const BEAT_MS = 500;
const TIMEOUT_MS = 400;
/** A message that was lost is noticed within this time, milliseconds. */
const CALL_MS = 7_000;

/** A session as the store has it. */
interface Session {
  readonly name: string;
  isLeaving: boolean;
  /** Signs of life so far. */
  beats: number;
}

/** What the store said at one moment. */
interface Seen {
  readonly revision: number;
  readonly members: readonly Member[];
  readonly holders: ReadonlyMap<number, MemberId>;
  readonly beats: ReadonlyMap<MemberId, number>;
}

/** What all members share. */
export class SimCluster {
  faults = calmCluster;
  /** Names of nodes that do not reach the store, or not the others. */
  readonly cutFromStore = new Set<string>();
  readonly cutFromOthers = new Set<string>();
  readonly #sessions = new Map<MemberId, Session>();
  readonly #leases = new Map<number, MemberId>();
  readonly #members = new Map<MemberId, SimMember>();
  readonly #onChanged: () => void;
  #revision = 0;
  #nextId = 1;

  /** @param onChanged who is alive or holds what has changed */
  constructor(onChanged: () => void) {
    this.#onChanged = onChanged;
  }

  /** All that was in the store is gone. */
  wipe(): void {
    this.#sessions.clear();
    this.#leases.clear();
    this.#changed();
  }

  join(member: SimMember): MemberId {
    const id = `${member.place.name}_${this.#nextId++}`;
    this.#sessions.set(id, { name: member.place.name, isLeaving: false, beats: 0 });
    this.#members.set(id, member);
    this.#changed();
    return id;
  }

  /** False: its session has ended. */
  beat(id: MemberId): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    session.beats += 1;
    return true;
  }

  /** Ends a session, if it has given no sign of life beyond these. */
  end(id: MemberId, beats: number | undefined): void {
    const session = this.#sessions.get(id);
    if (session === undefined || (beats !== undefined && session.beats !== beats)) return;
    this.#sessions.delete(id);
    this.#changed();
  }

  leave(id: MemberId): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.isLeaving = true;
    this.#changed();
  }

  acquire(partition: number, id: MemberId): boolean {
    const holder = this.#leases.get(partition);
    if (!this.#sessions.has(id)) return false;
    if (holder !== undefined && holder !== id && this.#sessions.has(holder)) return false;
    this.#leases.set(partition, id);
    this.#changed();
    return true;
  }

  handOver(partition: number, from: MemberId, to: MemberId | undefined): boolean {
    if (this.#leases.get(partition) !== from || !this.#sessions.has(from)) return false;
    if (to === undefined) this.#leases.delete(partition);
    else this.#leases.set(partition, to);
    this.#changed();
    return true;
  }

  isAlive(id: MemberId): boolean {
    return this.#sessions.has(id);
  }

  memberOf(id: MemberId): SimMember | undefined {
    return this.#members.get(id);
  }

  seen(): Seen {
    const members = [...this.#sessions].map(([id, { name, isLeaving }]) => ({ id, name, isLeaving }));
    const beats = new Map([...this.#sessions].map(([id, { beats }]) => [id, beats]));
    return { revision: this.#revision, members, holders: new Map(this.#leases), beats };
  }

  #changed(): void {
    this.#revision += 1;
    this.#onChanged();
    const seen = this.seen();
    for (const [id, member] of this.#members) {
      if (member.place.isAlive) member.hear(seen);
      else this.#members.delete(id);
    }
  }
}

/** A node in the cluster, in one session after the other, as long as it lives. */
export class SimMember {
  readonly place: Place & { readonly name: string };
  readonly #cluster: SimCluster;
  readonly #listeners = new Set<() => void>();
  #view: ClusterView = { self: undefined, members: [], holders: new Map() };
  #revision = -1;
  #handler: (from: MemberId, bytes: Uint8Array) => void = () => {};
  /** When each member's signs of life were last seen to be more. */
  readonly #lives = new Map<MemberId, { beats: number; sinceMs: number }>();
  /** When the last message to each member arrives: they come in order. */
  readonly #arrivals = new Map<MemberId, number>();

  constructor(place: Place & { readonly name: string }, cluster: SimCluster) {
    this.place = place;
    this.#cluster = cluster;
    this.#after(delayMs(place.random), () => this.#live());
  }

  /** The cluster as the node sees it. */
  get service(): Cluster["Service"] {
    return {
      view: () => this.#view,
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      acquire: (partition) => this.#write("take a lease", (self) => this.#cluster.acquire(partition, self)),
      handOver: (partition, to) =>
        this.#write("hand a lease over", (self) => this.#cluster.handOver(partition, self, to)),
      confirm: (answer) => this.confirm(answer),
      leave: () =>
        Effect.asVoid(this.#write("leave", (self) => {
          this.#cluster.leave(self);
          return true;
        })),
      send: (to, bytes) => this.#send(to, bytes),
      onMessage: (handler) => {
        this.#handler = handler;
      },
    };
  }

  /** Its session is over, by its own word. */
  depart(): void {
    const { self } = this.#view;
    if (self !== undefined) this.#cluster.end(self, undefined);
  }

  /** What the store says is on its way. */
  hear(seen: Seen): void {
    if (this.#isCut) return;
    this.#after(delayMs(this.place.random), () => this.#see(seen));
  }

  protected confirm(answer: (outcome: Confirmation) => void): void {
    const { self } = this.#view;
    if (self === undefined) return answer("lost");
    if (this.#fails()) return this.#after(TIMEOUT_MS, () => answer("unavailable"));
    const { random, world } = this.place;
    world.loop.after(delayMs(random), () => {
      const isAlive = this.#cluster.beat(self);
      this.#after(delayMs(random), () => answer(isAlive ? "confirmed" : "lost"));
    });
  }

  get #isCut(): boolean {
    return this.#cluster.cutFromStore.has(this.place.name);
  }

  #fails(): boolean {
    const { random, world } = this.place;
    const fails = this.#isCut || world.happens("clusterUnavailable", this.#cluster.faults, random);
    if (fails) world.disturb(SESSION_MS + TIMEOUT_MS);
    return fails;
  }

  #after(ms: number, run: () => void): void {
    this.place.world.loop.after(ms, this.place.gate(run));
  }

  /** Joins, or gives a sign of life; and looks who has given none. */
  #live(): void {
    this.#after(BEAT_MS, () => this.#live());
    this.#endDead();
    if (this.#fails()) return;
    const { random, world } = this.place;
    const { self } = this.#view;
    world.loop.after(delayMs(random), () => {
      if (self === undefined) {
        if (!this.place.isAlive) return;
        const id = this.#cluster.join(this);
        const seen = this.#cluster.seen();
        return this.#after(delayMs(random), () => this.#joined(id, seen));
      }
      this.#cluster.beat(self);
      const seen = this.#cluster.seen();
      this.#after(delayMs(random), () => this.#see(seen));
    });
  }

  #joined(id: MemberId, seen: Seen): void {
    if (this.#view.self !== undefined) return this.#cluster.end(id, undefined);
    // What it has heard meanwhile may be newer than what came with the answer.
    const { members, holders } = seen.revision > this.#revision ? seen : this.#view;
    if (!members.some((member) => member.id === id)) return;
    this.#revision = Math.max(this.#revision, seen.revision);
    this.#show({ self: id, members, holders });
  }

  /** Takes those for dead whose signs of life have not become more for long. */
  #endDead(): void {
    const { nowMs } = this.place.world.loop;
    for (const [id, { beats, sinceMs }] of this.#lives) {
      if (id === this.#view.self || nowMs - sinceMs < SESSION_MS || this.#fails()) continue;
      this.place.world.loop.after(delayMs(this.place.random), () => this.#cluster.end(id, beats));
    }
  }

  #see({ revision, members, holders, beats }: Seen): void {
    const { nowMs } = this.place.world.loop;
    for (const [id, count] of beats) {
      const known = this.#lives.get(id);
      if (known === undefined || known.beats < count) this.#lives.set(id, { beats: count, sinceMs: nowMs });
    }
    for (const id of [...this.#lives.keys()]) if (!beats.has(id)) this.#lives.delete(id);
    if (revision <= this.#revision) return;
    this.#revision = revision;
    const { self } = this.#view;
    const isAlive = self !== undefined && members.some(({ id }) => id === self);
    this.#show({ self: isAlive ? self : undefined, members, holders });
  }

  #show(view: ClusterView): void {
    this.#view = view;
    this.place.world.note(() => `${this.place.name}: sees ${JSON.stringify({ ...view, holders: [...view.holders] })}`);
    for (const listener of [...this.#listeners]) listener();
  }

  /** A write whose answer may not come: then nobody knows whether it was done. */
  #write(operation: string, write: (self: MemberId) => boolean): Effect.Effect<boolean, ClusterUnavailable> {
    return Effect.suspend((): Effect.Effect<boolean, ClusterUnavailable> => {
      const { self } = this.#view;
      if (self === undefined) return Effect.succeed(false);
      const { place } = this;
      const { random, world } = place;
      const isCut = this.#isCut;
      const outMs = delayMs(random);
      if (this.#fails()) {
        if (!isCut && random.chance(0.5)) world.loop.after(outMs, () => void write(self));
        return answered(place, TIMEOUT_MS, () => Effect.fail(new ClusterUnavailable({ operation })));
      }
      let isDone = false;
      let seen: Seen | undefined;
      world.loop.after(outMs, () => {
        isDone = write(self);
        seen = this.#cluster.seen();
      });
      return answered(place, outMs + delayMs(random), () => {
        if (seen !== undefined) this.#see(seen);
        return Effect.succeed(isDone);
      });
    });
  }

  #send(to: MemberId, bytes: Uint8Array): void {
    const { self } = this.#view;
    const { random, world, name } = this.place;
    const { faults, cutFromOthers } = this.#cluster;
    if (self === undefined) return;
    if (world.happens("messageLost", faults, random)) return world.disturb(CALL_MS);
    const receiver = this.#cluster.memberOf(to);
    if (receiver === undefined || cutFromOthers.has(name) || cutFromOthers.has(receiver.place.name)) return;
    const copy = bytes.slice();
    const atMs = Math.max(world.loop.nowMs + delayMs(random), this.#arrivals.get(to) ?? 0);
    this.#arrivals.set(to, atMs);
    world.loop.after(
      atMs - world.loop.nowMs,
      receiver.place.gate(() => receiver.#receive(self, to, copy)),
    );
  }

  #receive(from: MemberId, to: MemberId, bytes: Uint8Array): void {
    if (this.#view.self === to) this.#handler(from, bytes);
  }
}
