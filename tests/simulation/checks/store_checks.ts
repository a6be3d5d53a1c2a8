/** What stands in a local store is compared with the log, after every transaction. */
import type { Manifest } from "../../../src/runtime/partition/snapshots/snapshot_bucket.ts";
import type { ExecutionId, Json } from "../../../src/values/mod.ts";
import { sha256Hex } from "../../../src/values/mod.ts";
import { snapshotRowsIn } from "../../support/snapshots/snapshot_rows.ts";
import type { ExecutionModel } from "../model/execution_model.ts";
import type { LogModel, PartitionModel } from "../model/log_model.ts";
import type { SimDisk } from "../world/sim_store.ts";
import type { World } from "../world/world.ts";
import { keyName, spaceOf } from "../workload/space.ts";
import { keptDifference } from "./live_checks.ts";

interface Applied {
  readonly sequence: number;
  readonly hash: string;
  readonly durableSequence: number;
  readonly durableHash: string;
}

interface Kept {
  readonly actors: { readonly turnCount: number } & Json;
  readonly dueAt: number | null;
  readonly attention: boolean;
}

/** Where an execution's row begins: its partition, and which half it is of a large one. */
const EXECUTION_KEY = /^p(\d+)\/([xy])\//;

/** An execution as the store has it. */
interface Stored {
  readonly text: string;
  readonly turnCount: number;
  readonly dueAt: number | null;
  readonly attention: boolean;
}

export class StoreChecks {
  readonly #world: World;
  readonly #model: LogModel;
  /** Executions of each partition that have been read and compared, by disk. */
  readonly #stored = new WeakMap<SimDisk, Map<number, Map<ExecutionId, Stored>>>();
  /** Rows of snapshots that have been read and compared, by bucket. */
  readonly #known = new WeakMap<SimDisk, Map<string, Stored>>();
  readonly #keyHashes = new Map<string, string>();
  readonly #applied = new WeakMap<SimDisk, Map<string, string>>();

  constructor(world: World, model: LogModel) {
    this.#world = world;
    this.#model = model;
  }

  check(disk: SimDisk): void {
    this.#readTouched(disk);
    for (const model of this.#model.partitions) {
      const stored = this.#executionsOf(disk, model.partition);
      const text = disk.entries.get(`p${model.partition}/applied`)?.text;
      const seen = this.#applied.get(disk) ?? new Map<string, string>();
      this.#applied.set(disk, seen);
      if (text === undefined || seen.get(`${model.partition}`) === text) continue;
      if (!seen.has(`${model.partition}`)) {
        this.#world.note(() => `store: partition ${model.partition} begins with ${text}`);
      }
      seen.set(`${model.partition}`, text);
      this.#checkApplied(disk, model, JSON.parse(text) as Applied, stored);
    }
  }

  /** Turns of each execution that a store has of a partition. */
  turnsIn(disk: SimDisk, partition: number): ReadonlyMap<ExecutionId, number> {
    this.#readTouched(disk);
    const stored = this.#executionsOf(disk, partition);
    return new Map([...stored].map(([id, { turnCount }]) => [id, turnCount]));
  }

  /** What it says to have is what it had: it is looked at again when the next checkpoint is complete. */
  tailLost(disk: SimDisk): void {
    const seen = this.#applied.get(disk);
    for (const { partition } of this.#model.partitions) {
      const text = disk.entries.get(`p${partition}/applied`)?.text;
      if (text === undefined) seen?.delete(`${partition}`);
      else seen?.set(`${partition}`, text);
    }
  }

  /** The bucket of snapshots: a node that knows nothing else must come to the same from its manifest on. */
  checkSnapshots(bucket: SimDisk): void {
    for (const model of this.#model.partitions) {
      const { partition } = model;
      const text = bucket.entries.get(`p${partition}/manifest`)?.text;
      const seen = this.#applied.get(bucket) ?? new Map<string, string>();
      this.#applied.set(bucket, seen);
      const before = seen.get(`${partition}`);
      if (text === undefined || before === text) continue;
      this.#checkManifest(partition, before, text);
      seen.set(`${partition}`, text);
      const snapshot = snapshotRowsIn((key) => jsonIn(bucket, key), partition);
      if (snapshot === undefined) continue;
      const { applied: { sequence, hash }, rows } = snapshot;
      if (model.hashes[sequence] !== hash) {
        this.#world.violate("checkpointBehindLog", `The snapshots say to be at ${sequence}, with another hash`);
      }
      const stored = this.#readSnapshot(bucket, partition, rows);
      for (const execution of this.#model.executions.values()) {
        if (execution.partition === partition) this.#checkSnapshot(rows, execution, sequence, stored);
      }
    }
  }

  /**
   * The log is about to lose its entries through this one: the snapshots must be behind them, with the entry by which they know their
   * log still in it, and have the turns in them of all that is retained.
   *
   * @param first the oldest entry that is there
   */
  checkTrim(bucket: SimDisk, partition: number, first: number, through: number): void {
    const snapshot = snapshotRowsIn((key) => jsonIn(bucket, key), partition);
    const sequence = snapshot?.applied.sequence ?? 0;
    if (sequence <= through) {
      return this.#world.violate(
        "trims",
        `Log ${partition} is trimmed through ${through}, with snapshots at ${sequence}`,
      );
    }
    const carried = carriedTurns(snapshot?.rows ?? new Map());
    for (const { id, turns, partition: home, isDeleted } of this.#model.executions.values()) {
      if (home !== partition || isDeleted) continue;
      const lost = turns.slice(turnsUpTo(turns, first - 1), turnsUpTo(turns, through))
        .find(({ sequence }) => carried.get(id)?.has(sequence) !== true);
      if (lost === undefined) continue;
      this.#world.violate(
        "trims",
        `Log ${partition} loses the turns of "${id}" at ${lost.sequence}, which are nowhere else`,
      );
    }
  }

  /** Epochs and sequences of manifests never fall. */
  #checkManifest(partition: number, before: string | undefined, text: string): void {
    const [then, now] = [before ?? "{}", text].map((manifest) => JSON.parse(manifest) as Partial<Manifest>);
    const isOlder = (then?.epoch ?? 0) > (now?.epoch ?? 0);
    if (!isOlder && (then?.applied?.sequence ?? 0) <= (now?.applied?.sequence ?? 0)) return;
    this.#world.violate("fencedSnapshots", `The manifest of partition ${partition} became ${text} after ${before}`);
  }

  #readSnapshot(bucket: SimDisk, partition: number, rows: ReadonlyMap<string, string>): Map<ExecutionId, Stored> {
    const known = this.#known.get(bucket) ?? new Map<string, Stored>();
    this.#known.set(bucket, known);
    const found = new Map<ExecutionId, Stored>();
    for (const [key, text] of rows) {
      if (!key.startsWith("x/")) continue;
      const id = idOfKey(key, "x/");
      const before = known.get(`${partition} ${key}`);
      const stored = before?.text === text ? before : this.#checkKept(id, text);
      known.set(`${partition} ${key}`, stored);
      found.set(id, stored);
    }
    return found;
  }

  #checkSnapshot(
    rows: ReadonlyMap<string, string>,
    execution: ExecutionModel,
    sequence: number,
    stored: ReadonlyMap<ExecutionId, Stored>,
  ): void {
    const { id, turns, started } = execution;
    const has = stored.get(id)?.turnCount;
    const due = turnsUpTo(turns, sequence);
    if (due === 0 || (has === undefined && execution.isDeleted)) return;
    if ((has ?? 0) < due) {
      this.#world.violate(
        "checkpointBehindLog",
        `The snapshots are at ${sequence}, but have ${has ?? 0} of ${due} turns of "${id}"`,
      );
    }
    // Who replays from the manifest finds one that was deleted since, and no need of its definition.
    const hadEnded = turns[due - 1]?.hasEnded === true;
    if (!hadEnded && !execution.isDeleted && !rows.has(`def/${started?.definitionHash}`)) {
      this.#world.violate("checkpointBehindLog", `The snapshots have "${id}", but not its definition`);
    }
  }

  #executionsOf(disk: SimDisk, partition: number): Map<ExecutionId, Stored> {
    const partitions = this.#stored.get(disk) ?? new Map<number, Map<ExecutionId, Stored>>();
    this.#stored.set(disk, partitions);
    const executions = partitions.get(partition) ?? new Map<ExecutionId, Stored>();
    partitions.set(partition, executions);
    return executions;
  }

  /** Reads the executions whose rows may be other ones than when it was last looked. */
  #readTouched(disk: SimDisk): void {
    for (const touched of disk.touched) {
      const [prefix, partition = "", half] = EXECUTION_KEY.exec(touched) ?? [];
      if (prefix === undefined || half === undefined) continue;
      const key = half === "y" ? touched.replace("/y/", "/x/") : touched;
      const executions = this.#executionsOf(disk, Number(partition));
      const id = idOfKey(key, prefix);
      const text = disk.entries.get(key)?.text;
      if (text === undefined) {
        executions.delete(id);
        continue;
      }
      const whole = this.#wholeText(disk, key, text);
      if (executions.get(id)?.text !== whole) executions.set(id, this.#checkKept(id, whole));
    }
    disk.touched.clear();
  }

  /** A large execution is kept apart from its row. */
  #wholeText(disk: SimDisk, key: string, text: string): string {
    if (!text.startsWith(`{"listed":`)) return text;
    const apart = disk.entries.get(key.replace("/x/", "/y/"))?.text;
    if (apart === undefined) this.#world.violate("checkpointBehindLog", `The row "${key}" has no other half`);
    return apart ?? text;
  }

  #checkKept(id: ExecutionId, text: string): Stored {
    const { actors, dueAt, attention } = JSON.parse(text) as Kept;
    const { turnCount } = actors;
    const stored = { text, turnCount, dueAt, attention };
    const execution = this.#model.executions.get(id);
    const turn = execution?.turns[turnCount - 1];
    if (execution === undefined || turn === undefined) {
      this.#world.violate("checkpointBehindLog", `The store has turn ${turnCount} of "${id}", which is not in the log`);
      return stored;
    }
    const difference = keptDifference(JSON.stringify(actors), execution, turnCount);
    if (difference !== undefined) {
      this.#world.violate("replayEqualsLive", `"${id}" in the store after turn ${turnCount}: ${difference}`);
    }
    if ((dueAt ?? undefined) !== turn.dueAt || attention !== turn.needsAttention) {
      this.#world.violate("replayEqualsLive", `The store has "${id}" due at ${dueAt}, but it is at ${turn.dueAt}`);
    }
    return stored;
  }

  /** A checkpoint is complete: what it says to have is there, and nothing in the log before it is missing. */
  #checkApplied(
    disk: SimDisk,
    model: PartitionModel,
    { sequence, hash, durableSequence, durableHash }: Applied,
    stored: ReadonlyMap<ExecutionId, Stored>,
  ): void {
    if (model.hashes[sequence] !== hash || model.hashes[durableSequence] !== durableHash) {
      this.#world.violate(
        "checkpointBehindLog",
        `The store says to be at ${sequence} of partition ${model.partition}, whose log has ${model.lastSequence}, with another hash`,
      );
    }
    const prefix = `p${model.partition}/`;
    const isRebuilding = disk.entries.has(`${prefix}rebuild`);
    for (const execution of this.#model.executions.values()) {
      if (execution.partition !== model.partition) continue;
      const has = stored.get(execution.id);
      const due = turnsUpTo(execution.turns, sequence);
      const hadEnded = execution.turns[due - 1]?.hasEnded === true;
      if (
        has === undefined && (execution.isDeleted || due === 0 || (isRebuilding && hadEnded))
      ) continue;
      if ((has?.turnCount ?? 0) < due) {
        this.#world.violate(
          "checkpointBehindLog",
          `The store is at ${sequence}, but has ${has?.turnCount ?? 0} of ${due} turns of "${execution.id}"`,
        );
      }
    }
    for (const [id, { turnCount }] of stored) this.#checkBelongings(disk, model, sequence, id, turnCount);
    this.#checkIndex(
      disk,
      `${prefix}d/`,
      [...stored].flatMap(([id, { dueAt }]) => dueAt === null ? [] : [dueKey(dueAt, id)]),
    );
    this.#checkIndex(disk, `${prefix}o/`, [...stored].flatMap(([id, { attention }]) => attention ? [id.slice(1)] : []));
  }

  /** An execution's definition and key are there with it, or come when the log is replayed from behind this sequence. */
  #checkBelongings(
    disk: SimDisk,
    { partition, definitions }: PartitionModel,
    sequence: number,
    id: ExecutionId,
    turnCount: number,
  ): void {
    const prefix = `p${partition}/`;
    const execution = this.#model.executions.get(id);
    const started = execution?.started;
    if (execution === undefined || started === undefined || turnCount === 0) return;
    // One that was deleted since comes back with an older snapshot, and goes when the log is replayed.
    const isDue = !execution.isDeleted && (definitions.get(started.definitionHash) ?? 0) <= sequence;
    if (isDue && !disk.entries.has(`${prefix}def/${started.definitionHash}`)) {
      this.#world.violate("checkpointBehindLog", `The store has "${id}", but not its definition`);
    }
    const holder = started.key === undefined ? undefined : this.#model.holderOf(keyName(spaceOf(id), started.key));
    if (holder !== execution) return;
    const { tenant, namespace } = spaceOf(id);
    const claim = disk.entries.get(`${prefix}k/${tenant}/${namespace}/${this.#hashOf(started.key ?? "")}`);
    const owner = claim === undefined ? "nobody" : (JSON.parse(claim.text) as { executionId: string }).executionId;
    if (owner !== id) this.#world.violate("oneKeyOneExecution", `The store gives the key of "${id}" to ${owner}`);
  }

  #hashOf(key: string): string {
    const known = this.#keyHashes.get(key) ?? sha256Hex(key);
    this.#keyHashes.set(key, known);
    return known;
  }

  #checkIndex(disk: SimDisk, prefix: string, wanted: readonly string[]): void {
    const missing = wanted.find((key) => !disk.entries.has(prefix + key));
    if (missing !== undefined) this.#world.violate("checkpointBehindLog", `The store has no "${prefix}${missing}"`);
    const known = new Set(wanted.map((key) => prefix + key));
    for (const key of disk.entries.keys()) {
      if (key.startsWith(prefix) && !known.has(key)) this.#world.violate("noLeak", `The store still has "${key}"`);
    }
  }
}

function jsonIn(bucket: SimDisk, key: string): Json | undefined {
  const text = bucket.entries.get(key)?.text;
  return text === undefined ? undefined : JSON.parse(text) as Json;
}

/** Sequences of the turns that were carried out of the log. */
function carriedTurns(rows: ReadonlyMap<string, string>): ReadonlyMap<ExecutionId, ReadonlySet<number>> {
  const carried = new Map<ExecutionId, Set<number>>();
  for (const [key, text] of rows) {
    if (!key.startsWith("h/")) continue;
    const id = idOfKey(key.slice(0, key.lastIndexOf("/")), "h/");
    const known = carried.get(id) ?? new Set();
    carried.set(id, known);
    for (const [sequence] of (JSON.parse(text) as { readonly turns: readonly [number, string][] }).turns) {
      known.add(sequence);
    }
  }
  return carried;
}

function turnsUpTo(turns: ExecutionModel["turns"], sequence: number): number {
  let count = turns.length;
  while ((turns[count - 1]?.sequence ?? 0) > sequence) count -= 1;
  return count;
}

function dueKey(dueAt: number, id: ExecutionId): string {
  return `${String(Math.ceil(dueAt)).padStart(14, "0")}${id}`;
}

function idOfKey(key: string, prefix: string): ExecutionId {
  const [tenant, namespace, last = ""] = key.slice(prefix.length).split("/");
  const [hlc, hash] = last.split("-");
  return `/${tenant}/${namespace}/e${hash}/${hlc}` as ExecutionId;
}
