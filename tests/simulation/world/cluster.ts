/** The nodes of a simulation: who lives, who is frozen, who comes back, and on what disk. */
import type { Exit } from "effect";
import { Cause } from "effect";
import { present } from "../../../src/values/mod.ts";
import type { KeyValueStore } from "../../../src/storage/port.ts";
import type { Bug } from "../bugs/bug.ts";
import { calmCluster, drawClusterFaults, drawFaultRates, type FaultKind } from "./fault_rates.ts";
import { SESSION_MS, SimCluster, SimMember } from "./sim_cluster.ts";
import type { SimConfig } from "./sim_config.ts";
import { NodeLog, type SimLog } from "./sim_log.ts";
import { type NodePorts, SimNode } from "./sim_node.ts";
import { SimRandom } from "./sim_random.ts";
import { NodeStore, SimDisk } from "./sim_store.ts";
import { LOOK_AGAIN_MS } from "./sim_wall.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;
/** After the chaos, the last entries on their way have come into the log within this time. */
const LAST_ENTRIES_MS = 5_000;
/** What makes the draws of forgetting others than those of the seed itself. */
const FORGETTING = 7_919;
/** Keys of one transaction of the snapshot bucket: JetStream KV has no transactions. */
const BUCKET_KEYS_MAX = 1;
/** Nodes of a cluster. */
const NAMES = ["a", "b", "c"] as const;
/** After something happened to a node of a cluster, others lead within this time, milliseconds. */
const FAILOVER_MS = SESSION_MS + 4_000;

/** What the cluster's surroundings are told and asked. */
export interface ClusterPorts extends Pick<NodePorts, "dispatcher" | "feed" | "beside"> {
  readonly logs: readonly SimLog[];
  readonly bug: Bug | undefined;
  /** A transaction has been written to a local store. */
  committed(disk: SimDisk, node: SimNode): void;
  /** A local store is what it was some transactions before: it may be in the middle of a checkpoint. */
  tailLost(disk: SimDisk): void;
  /** The node is about to be told to stop. */
  stopping(node: SimNode): void;
  /** The node's program has ended, by itself or because it was told to. */
  stopped(node: SimNode): void;
  /** A transaction has been written to the bucket of snapshots. */
  snapshotted(bucket: SimDisk): void;
  /** The node does not know that another leads. */
  isZombie(node: SimNode): boolean;
  /** Messages between engine and workers are all gone. */
  wipeTasks(): void;
}

export class Cluster {
  readonly #world: World;
  readonly #config: SimConfig;
  readonly #ports: ClusterPorts;
  readonly #random: SimRandom;
  /** Draws for a bug alone, so that all else is as it is without it. */
  readonly #bugRandom: SimRandom;
  readonly #tokenSecret: Uint8Array;
  readonly disks = new Map<string, SimDisk>();
  readonly bucket = new SimDisk();
  /** What the nodes know of each other through; absent while they do not. */
  #shared: SimCluster | undefined;
  readonly #members = new Map<SimNode, SimMember>();
  nodes: SimNode[] = [];
  /** No entry of a dead node is on its way any more, and no zombie lives. */
  hasHealed = false;
  #isChaos = true;

  constructor(world: World, config: SimConfig, ports: ClusterPorts) {
    this.#world = world;
    this.#config = config;
    this.#ports = ports;
    this.#random = world.random.fork();
    this.#bugRandom = new SimRandom(world.seed);
    if (config.isCluster) this.#shared = new SimCluster(() => world.unsettle(FAILOVER_MS));
    this.#tokenSecret = Uint8Array.from({ length: 32 }, () => this.#random.below(256));
  }

  get living(): readonly SimNode[] {
    return this.nodes.filter(({ isAlive }) => isAlive);
  }

  /** Starts the nodes that there are at the beginning. */
  begin(): void {
    for (const name of this.#shared === undefined ? ["a"] : NAMES) this.start(name);
  }

  /** From now on nodes are alone: those of the cluster die. */
  disband(): void {
    for (const node of this.living) node.kill();
    this.#shared = undefined;
  }

  start(name: string): SimNode {
    const node = new SimNode(name, this.#world, this.#config, this.#nodePorts());
    this.#world.note(() => `node ${name} starts`);
    this.nodes = [...this.living, node];
    node.start(this.#tokenSecret);
    return node;
  }

  /** Kills a node, with what that does to its disk. The first one comes back. */
  crash(node: SimNode, where: string): void {
    if (!node.isAlive) return;
    this.#world.disturb(this.#shared === undefined ? 0 : FAILOVER_MS);
    const disk = this.disk(node.name);
    node.kill();
    let lost = "nothing";
    if (this.#world.strikes("storageWiped", this.#random)) {
      disk.wipe();
      lost = "the local store";
    } else if (this.#world.strikes("storageTailLost", this.#random)) {
      lost = `${disk.loseTail(this.#random)} transactions`;
      this.#ports.tailLost(disk);
    }
    this.#world.note(() => `node ${node.name} dies at ${where}, and loses ${lost}`);
    if (node.name === "a" || this.#shared !== undefined || !this.#isChaos) {
      this.#startAfter(this.#random.between(10, 3_000), node.name);
    }
  }

  /** Tells a node to stop, as a supervisor does. */
  stop(node: SimNode): void {
    this.#ports.stopping(node);
    node.stop();
  }

  /** Plans what goes wrong from outside, as long as the chaos lasts. */
  plan(): void {
    const { loop } = this.#world;
    const every = (kind: FaultKind | undefined, leastMs: number, mostMs: number, act: () => void): void => {
      const next = () =>
        loop.after(this.#random.between(leastMs, mostMs), () => {
          if (!this.#isChaos) return;
          if (kind === undefined || this.#world.goesWrong(kind)) act();
          next();
        });
      next();
    };
    every(undefined, 500, 8_000, () => {
      this.#world.faults = drawFaultRates(this.#random);
      this.#world.note(() => "the rates of faults change");
    });
    every("killed", 4_000, 40_000, () => this.#crashAny());
    every("stopped", 10_000, 80_000, () => this.#restartInOrder());
    every("clockJump", 15_000, 60_000, () => this.#jumpClock());
    every("queueWiped", 10_000, 60_000, () => this.#ports.wipeTasks());
    this.#forgetDefinitions();
    if (this.#shared !== undefined) this.#planCluster(this.#shared, every);
    if (this.#config.hasSecondNode) every("leaderChanged", 5_000, 30_000, () => this.#changeLeaders());
  }

  /** Plans what happens to nodes that know of each other. */
  #planCluster(
    shared: SimCluster,
    every: (kind: FaultKind | undefined, leastMs: number, mostMs: number, act: () => void) => void,
  ): void {
    every(undefined, 500, 8_000, () => shared.faults = drawClusterFaults(this.#random));
    every("frozen", 5_000, 30_000, () => this.#freezeAny());
    every("cutOff", 5_000, 30_000, () => this.#cutAny(shared));
    every("clusterWiped", 15_000, 90_000, () => {
      this.#world.note(() => "the cluster's store is made anew");
      this.#world.disturb(FAILOVER_MS);
      shared.wipe();
    });
  }

  #freezeAny(): void {
    const node = this.living[this.#random.below(this.living.length)];
    if (node === undefined || node.isFrozen) return;
    this.#world.note(() => `node ${node.name} is frozen`);
    this.#world.disturb(FAILOVER_MS);
    node.freeze();
    this.#world.loop.after(this.#random.between(200, 12_000), () => {
      if (!node.isAlive || !node.isFrozen) return;
      this.#world.note(() => `node ${node.name} goes on`);
      this.#world.disturb(FAILOVER_MS);
      node.thaw();
    });
  }

  /** A node is cut off from the cluster's store, from the others, or from both. */
  #cutAny(shared: SimCluster): void {
    const name = this.#random.oneOf(NAMES);
    const which = this.#random.oneOf(["store", "others", "both"] as const);
    const cuts = [shared.cutFromStore, shared.cutFromOthers].filter((_, index) =>
      which === "both" || (which === "store") === (index === 0)
    );
    this.#world.note(() => `node ${name} is cut off: ${which}`);
    this.#world.disturb(FAILOVER_MS);
    for (const cut of cuts) cut.add(name);
    this.#world.loop.after(this.#random.between(200, 8_000), () => {
      this.#world.disturb(FAILOVER_MS);
      for (const cut of cuts) cut.delete(name);
    });
  }

  /** Lets nodes forget definitions that nobody needs, now and then and until the end. With draws of its own: all else is as it was. */
  #forgetDefinitions(): void {
    const random = new SimRandom(this.#world.seed + FORGETTING);
    const next = () =>
      this.#world.loop.after(random.between(200, 6_000), () => {
        if (!this.#isChaos) return;
        const input = { kind: "forgetDefinitions", reply: { succeed: () => {}, refuse: () => {} } } as const;
        for (const node of this.living.filter(({ isFrozen }) => !isFrozen)) {
          node.gate(() => {
            for (const partition of node.partitions) if (random.chance(0.5)) partition.offer(input);
          })();
        }
        next();
      });
    next();
  }

  /** Ends the chaos: one node lives and none is frozen; the clock is where no deadline is further away than it was meant to be. */
  heal(): void {
    this.#isChaos = false;
    if (this.#shared !== undefined) return this.#healCluster(this.#shared);
    for (const node of this.living) {
      if (node.name === "a" && !node.isStopping) node.thaw();
      else this.crash(node, "the end of the chaos");
    }
    this.#jumpTo(this.#world.wall.latestOffsetMs);
    if (this.living.length === 0) this.start("a");
    this.#world.loop.after(LAST_ENTRIES_MS, () => this.#endZombies());
  }

  /** All nodes live, reach each other, and none is frozen. */
  #healCluster(shared: SimCluster): void {
    shared.faults = calmCluster;
    shared.cutFromStore.clear();
    shared.cutFromOthers.clear();
    for (const node of this.living) node.thaw();
    this.#jumpTo(this.#world.wall.latestOffsetMs);
    this.#world.disturb(FAILOVER_MS);
    for (const name of NAMES) if (!this.living.some((node) => node.name === name)) this.start(name);
    this.#world.loop.after(LAST_ENTRIES_MS, () => {
      this.hasHealed = true;
      if (this.#random.chance(0.3)) {
        this.#world.loop.after(this.#random.between(100, 5_000), () => this.#restartInOrder());
      }
    });
  }

  /** Once more, with nothing in the way: all that was taken up is answered, and nothing is left to be done again. */
  #restartOnceMore(): void {
    if (this.#random.chance(0.3)) {
      this.#world.loop.after(this.#random.between(100, 5_000), () => this.#restartInOrder());
    }
  }

  /** One that has nothing to write never learns that another has led, and what that one promised is not done. */
  #endZombies(): void {
    for (const node of this.living) if (this.#ports.isZombie(node)) this.crash(node, "being a zombie");
    this.hasHealed = true;
    this.#restartOnceMore();
  }

  disk(name: string): SimDisk {
    const disk = this.disks.get(name) ?? new SimDisk();
    this.disks.set(name, disk);
    return disk;
  }

  /** A disk with what is on another one. */
  copyDisk(from: string, to: string): void {
    this.disks.set(to, this.disk(from).copy());
  }

  #crashAny(): void {
    const node = this.living[this.#random.below(this.living.length)];
    if (node !== undefined) this.crash(node, "any moment");
  }

  #restartInOrder(): void {
    if (this.#shared !== undefined) return this.#leaveInOrder();
    const node = this.living.find(({ name, isFrozen }) => name === "a" && !isFrozen);
    if (node === undefined || node.isStopping) return;
    this.#world.note(() => `node ${node.name} is told to stop`);
    node.comesBack = true;
    this.stop(node);
    this.#world.loop.after(10_000, () => this.crash(node, "a stop that took too long"));
  }

  /** A node hands over what it leads, stops, and comes back. */
  #leaveInOrder(): void {
    const node = this.living[this.#random.below(this.living.length)];
    if (node === undefined || node.isFrozen || node.isLeaving) return;
    this.#world.note(() => `node ${node.name} leaves`);
    node.comesBack = true;
    node.leave(() => this.stop(node));
    this.#world.loop.after(40_000, () => this.crash(node, "a stop that took too long"));
  }

  #jumpClock(): void {
    const { wall, loop } = this.#world;
    const back = wall.offsetMs;
    const offsetMs = back + this.#random.oneOf([-HOUR_MS, HOUR_MS, 90_000, -90_000]);
    this.#world.note(() => `the clock jumps from ${back} to ${offsetMs} ms`);
    this.#jumpTo(offsetMs);
    loop.after(this.#random.between(500, 15_000), () => {
      if (!this.#isChaos || wall.offsetMs !== offsetMs) return;
      this.#world.note(() => `the clock jumps back to ${back} ms`);
      this.#jumpTo(back);
    });
  }

  /** What is due by the new time is noticed when alarms and checkpoints look again. */
  #jumpTo(offsetMs: number): void {
    this.#world.wall.jumpTo(offsetMs);
    this.#world.disturb(LOOK_AGAIN_MS + this.#config.checkpointMs);
  }

  /** Freezes the node that leads and starts the other one; later the first comes back as a zombie, and one of them goes. */
  #changeLeaders(): void {
    const { loop } = this.#world;
    const [node] = this.living;
    if (node === undefined || this.living.length > 1 || node.isStopping) return;
    if (this.#random.chance(0.7)) {
      this.#world.note(() => `node ${node.name} is frozen`);
      node.freeze();
    }
    const other = this.start(node.name === "a" ? "b" : "a");
    loop.after(this.#random.between(200, 12_000), () => {
      if (!node.isAlive) return;
      this.#world.note(() => `node ${node.name} goes on`);
      node.thaw();
    });
    loop.after(this.#random.between(5_000, 20_000), () => {
      if (this.living.length < 2) return;
      this.crash(this.#random.chance(0.5) ? node : other, "having lost its place");
    });
  }

  #startAfter(ms: number, name: string): void {
    this.#world.loop.after(ms, () => {
      if (this.living.some((node) => node.name === name)) return;
      if (!this.#isChaos && this.living.length > 0 && this.#shared === undefined) return;
      this.start(name);
    });
  }

  #nodePorts(): NodePorts {
    const { logs, bug, dispatcher, feed, beside } = this.#ports;
    const Log = bug?.log ?? NodeLog;
    const Store = bug?.store ?? NodeStore;
    return {
      dispatcher,
      feed,
      ...present({ beside }),
      cluster: (node) => this.#join(node),
      openLog: (node, partition) => {
        const log = logs[partition];
        if (log === undefined) throw new RangeError(`Expected partition ${partition} to have a log`);
        return new Log(log, node);
      },
      openStore: (node) => this.#openStore(node),
      openSnapshots: (node) =>
        this.#config.hasSnapshots
          ? new Store(this.bucket, node, BUCKET_KEYS_MAX, () => this.#ports.snapshotted(this.bucket))
          : undefined,
      started: (node) => bug?.started?.(node),
      reached: (node, point) => bug?.reached?.(node, point),
      clock: (clock) => bug?.clock?.(clock, this.#bugRandom) ?? clock,
      crashed: (node, where) => this.crash(node, where),
      ended: (node, exit) => this.#ended(node, exit),
    };
  }

  #join(node: SimNode) {
    if (this.#shared === undefined) return undefined;
    const Member = this.#ports.bug?.member ?? SimMember;
    const member = new Member(node, this.#shared);
    this.#members.set(node, member);
    return member.service;
  }

  #openStore(node: SimNode): KeyValueStore {
    const disk = this.disk(node.name);
    const committed = () => this.#ports.committed(disk, node);
    const Store = this.#ports.bug?.store ?? NodeStore;
    return new Store(disk, node, this.#config.atomicKeysMax, committed);
  }

  #ended(node: SimNode, exit: Exit.Exit<unknown, unknown>): void {
    if (!node.isAlive) return;
    const wanted = node.isStopping;
    this.#world.note(() => `node ${node.name} has stopped`);
    this.#ports.stopped(node);
    this.#members.get(node)?.depart();
    node.kill();
    if (!wanted && exit._tag === "Failure") {
      const failed = Cause.hasDies(exit.cause);
      if (failed) this.#world.violate("noDefect", `Node "${node.name}" ended: ${Cause.pretty(exit.cause)}`);
    }
    if (node.comesBack || !wanted) this.#startAfter(this.#random.between(10, 2_000), node.name);
  }
}
