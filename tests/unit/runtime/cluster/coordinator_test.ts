// Goal: what a node hands over goes at the speed of the others, not of its looks.
// Method: two members' calls over one map of leases, partitions that only know their role; no time passes but what a test lets pass.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Effect, Exit, Scope } from "effect";
import { type Cluster, ClusterUnavailable, type ClusterView } from "../../../../src/cluster/mod.ts";
import { Coordinator } from "../../../../src/runtime/cluster/coordinator.ts";
import { MemberCalls } from "../../../../src/runtime/cluster/member_calls.ts";
import { DefinitionCache } from "../../../../src/runtime/mod.ts";
import type { Partition, PartitionReport, PartitionStatus, Role } from "../../../../src/runtime/partition/partition.ts";
import { ManualClock } from "../../../support/manual_clock.ts";

const PARTITIONS = 6;
const T0 = Date.parse("2026-11-24T00:00:00Z");

class FakePartition implements Partition {
  readonly partition: number;
  /** What it is while it follows. */
  following: PartitionStatus = { kind: "following", through: 1 };
  #role: Role = "rest";

  constructor(partition: number) {
    this.partition = partition;
  }

  readonly status = (): PartitionStatus => {
    if (this.#role === "follow") return this.following;
    return this.#role === "lead" ? { kind: "leading", epoch: 1 } : { kind: "resting" };
  };
  readonly report = (): PartitionReport => ({
    partition: this.partition,
    status: this.status(),
    through: 1,
    executions: 0,
    waiting: 0,
    parked: [],
    parkedCount: 0,
  });
  readonly play = (role: Role): void => void (this.#role = role);
  readonly offer = (): void => {};
  readonly ready = Effect.void;
  readonly caughtUp = Effect.void;
  readonly drain = Effect.void;
  readonly retire = Effect.sync(() => this.play("rest"));
}

/** Members "a" and "b" of one cluster; "a" holds every partition. */
class Pair {
  readonly clock = new ManualClock(T0);
  readonly leases = new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, "a"]));
  readonly partitions = new Map([..."ab"].map((id) => [id, [...this.leases.keys()].map((n) => new FakePartition(n))]));
  /** How often saying that it leaves still fails. */
  leavesToFail = 0;
  /** What "a" sees of the leases, while it hears nothing; and whether what it writes is answered. */
  seenByA: ReadonlyMap<number, string> | undefined;
  isAnswered = true;
  #isLeaving = false;
  readonly #listeners = new Set<() => void>();
  readonly #handlers = new Map<string, (from: string, bytes: Uint8Array) => void>();
  readonly #coordinators = new Map<string, Coordinator>();
  readonly #scope = Scope.makeUnsafe();

  constructor() {
    for (const id of "ab") {
      const cluster = this.#portOf(id);
      const partitions = this.partitions.get(id) ?? [];
      const { clock } = this;
      const calls = new MemberCalls({
        cluster,
        clock,
        definitions: new DefinitionCache(),
        fork: Effect.runFork,
        soon: queueMicrotask,
      }, partitions);
      this.#coordinators.set(id, new Coordinator({ cluster, partitions, calls, clock, standbys: 1 }));
    }
  }

  get heldByA(): number {
    return [...this.leases.values()].filter((holder) => holder === "a").length;
  }

  async run(): Promise<void> {
    for (const id of "ba") {
      const running = this.#coordinators.get(id)?.run() ?? Effect.void;
      await Effect.runPromise(Effect.provideService(Effect.forkScoped(running), Scope.Scope, this.#scope));
    }
  }

  leave(): Promise<void> {
    return Effect.runPromise(this.#coordinators.get("a")?.leave() ?? Effect.void);
  }

  /** Resolves once "a" holds so many. */
  async held(count: number): Promise<void> {
    while (this.heldByA !== count) await new Promise<void>((resolve) => this.#listeners.add(resolve));
  }

  async close(): Promise<void> {
    await Effect.runPromise(Scope.close(this.#scope, Exit.void));
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #portOf(self: string): Cluster["Service"] {
    return {
      view: (): ClusterView => ({
        self,
        members: [..."ab"].map((id) => ({ id, name: id, isLeaving: id === "a" && this.#isLeaving })),
        holders: self === "a" ? this.seenByA ?? this.leases : this.leases,
      }),
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      acquire: () =>
        Effect.suspend(() => {
          if (!this.isAnswered) return Effect.fail(new ClusterUnavailable({ operation: "acquire a lease" }));
          this.seenByA = undefined;
          return Effect.succeed(false);
        }),
      handOver: (partition, to) =>
        Effect.suspend(() => {
          if (!this.isAnswered) this.seenByA ??= new Map(this.leases);
          this.leases.set(partition, to ?? "");
          if (!this.isAnswered) return Effect.fail(new ClusterUnavailable({ operation: "hand over a lease" }));
          this.#changed();
          return Effect.succeed(true);
        }),
      confirm: (answer) => answer("confirmed"),
      leave: () =>
        Effect.suspend(() => {
          if (this.leavesToFail-- > 0) return Effect.fail(new ClusterUnavailable({ operation: "leave the cluster" }));
          this.#isLeaving = true;
          this.#changed();
          return Effect.void;
        }),
      send: (to, bytes) => queueMicrotask(() => this.#handlers.get(to)?.(self, bytes)),
      onMessage: (handler) => void this.#handlers.set(self, handler),
    };
  }
}

test("one hand-over follows the other without waiting for the next look", async () => {
  const pair = new Pair();
  await pair.run();
  await pair.held(PARTITIONS / 2);
  deepStrictEqual(pair.clock.nowEpochMs(), T0);
  await pair.close();
});

test("a node that leaves has handed over all at once", async () => {
  const pair = new Pair();
  await pair.run();
  await pair.leave();
  deepStrictEqual([pair.heldByA, pair.clock.nowEpochMs()], [0, T0]);
  await pair.close();
});

test("a member that is still loading is waited for", async () => {
  const pair = new Pair();
  for (const partition of pair.partitions.get("b") ?? []) partition.following = { kind: "starting" };
  await pair.run();
  await pair.leave();
  deepStrictEqual([pair.heldByA, pair.clock.nowEpochMs()], [0, T0]);
  await pair.close();
});

test("what could not be handed over is tried again soon", async () => {
  const pair = new Pair();
  const others = pair.partitions.get("b") ?? [];
  for (const partition of others) partition.following = { kind: "resting" };
  await pair.run();
  await pair.clock.paused(4); // two looks, the calls' sweep, and one pause
  for (const partition of others) partition.following = { kind: "following", through: 1 };
  pair.clock.advance(100);
  await pair.held(PARTITIONS / 2);
  await pair.close();
});

test("a node that cannot say that it leaves says it again", async () => {
  const pair = new Pair();
  pair.leavesToFail = 1;
  await pair.run();
  await pair.held(PARTITIONS / 2);
  const before = pair.clock.pending;
  const left = pair.leave();
  await pair.clock.paused(before + 2); // how long it tries, and the pause before it says so again
  pair.clock.advance(100);
  await left;
  deepStrictEqual(pair.heldByA, 0);
  await pair.close();
});

test("a node that may have handed a partition over does not lead it before it knows", async () => {
  const pair = new Pair();
  pair.isAnswered = false;
  await pair.run();
  const ofA = pair.partitions.get("a") ?? [];
  const givenAway = () => [...pair.leases].filter(([, holder]) => holder === "b").map(([partition]) => partition);
  await pair.clock.paused(4); // two looks, the calls' sweep, and the pause before the lease is asked for again
  const [given = -1] = givenAway();
  deepStrictEqual([givenAway().length, pair.seenByA?.get(given), ofA[given]?.status().kind], [1, "a", "resting"]);
  pair.clock.advance(100);
  await pair.clock.paused(4);
  deepStrictEqual(ofA[given]?.status().kind, "resting");
  pair.isAnswered = true;
  pair.clock.advance(100);
  await pair.clock.paused(4); // now it knows, and pauses before the next one
  pair.clock.advance(100);
  await pair.held(PARTITIONS / 2);
  deepStrictEqual(ofA[given]?.status().kind === "leading", false);
  await pair.close();
});
