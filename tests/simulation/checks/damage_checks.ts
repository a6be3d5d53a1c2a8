/**
 * Somebody touches a log from outside while no node runs: a node that comes to it must stop the partition, by name, and lead the others.
 * What was damaged is put back afterwards.
 */
import { Buffer } from "node:buffer";
import type { LogEntry } from "../../../src/log/port.ts";
import { sha256Hex } from "../../../src/values/mod.ts";
import type { LogModel } from "../model/log_model.ts";
import type { Cluster } from "../world/cluster.ts";
import type { SimLog } from "../world/sim_log.ts";
import { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";
import type { Stage } from "./end_checks.ts";

/** How many kinds of damage one seed sees. */
const DAMAGES = 2;
/** How the engine calls it. */
const NAMED = /^Cannot trust partition \d+ at sequence \d+: /;
/** A node notices within this time, virtual milliseconds. */
const NOTICED_MS = 20_000;

/** A way to damage a log. `false`: this one cannot be damaged so. */
interface Damage {
  readonly name: string;
  /** Whether the node has its local store still: else it reads the log from its beginning. */
  readonly keepsStore: boolean;
  readonly act: (log: SimLog, durableSequence: number, random: SimRandom) => boolean;
}

const damages: readonly Damage[] = [
  {
    name: "the last entry says something else",
    keepsStore: false,
    act: (log) => replaceEntry(log, log.last, (body) => changedDigit(body)),
  },
  {
    name: "an entry says something else",
    keepsStore: false,
    act: (log, _durable, random) => replaceEntry(log, random.between(1, log.last), (body) => changedDigit(body)),
  },
  {
    name: "an entry follows another than the one before it",
    keepsStore: false,
    act: (log, _durable, random) =>
      replaceEntry(
        log,
        random.between(1, log.last),
        (body) => body.replace(/"previous":"[0-9a-f]{64}"/, `"previous":"${sha256Hex("another")}"`),
        true,
      ),
  },
  {
    name: "an entry is missing",
    keepsStore: false,
    act: (log, _durable, random) => {
      if (log.last < 2) return false;
      const gone = random.between(1, log.last - 1);
      log.entries = log.entries
        .filter(({ sequence }) => sequence !== gone)
        .map(({ bytes }, index) => ({ sequence: index + 1, bytes }));
      return true;
    },
  },
  {
    name: "the log is cut off before what a replica saw",
    keepsStore: true,
    act: (log, durableSequence, random) => {
      if (durableSequence === 0) return false;
      log.entries = log.entries.slice(0, random.below(durableSequence));
      return true;
    },
  },
  {
    name: "the log ends with another entry than the one that a replica saw",
    keepsStore: true,
    act: (log, durableSequence) => {
      if (durableSequence === 0) return false;
      log.entries = log.entries.slice(0, durableSequence);
      return replaceEntry(log, durableSequence, (body) => changedDigit(body), true);
    },
  },
  {
    name: "the log is trimmed, and nothing else has what was in it",
    keepsStore: false,
    act: (log, _durable, random) => {
      log.trim(random.between(1, log.last));
      return true;
    },
  },
];

export class DamageChecks {
  readonly #world: World;
  readonly #model: LogModel;
  readonly #cluster: Cluster;
  readonly #logs: readonly SimLog[];
  readonly #random: SimRandom;

  constructor(world: World, model: LogModel, cluster: Cluster, logs: readonly SimLog[]) {
    this.#world = world;
    this.#model = model;
    this.#cluster = cluster;
    this.#logs = logs;
    this.#random = new SimRandom(world.seed);
  }

  /** @param stopped whose local store is one that was written to the end */
  stages(stopped: string): readonly Stage[] {
    return Array.from({ length: DAMAGES }, (_, index) => this.#stage(stopped, `damaged ${index}`));
  }

  #stage(stopped: string, name: string): Stage {
    const random = this.#random;
    const damage = random.oneOf(damages);
    const partition = random.below(this.#logs.length);
    let kept: readonly { readonly first: number; readonly entries: readonly LogEntry[] }[] = [];
    let isOver = false;
    const end = () => {
      for (const node of this.#cluster.living) node.kill();
      this.#logs.forEach((log, index) => {
        log.entries = [...kept[index]?.entries ?? []];
        log.first = kept[index]?.first ?? 1;
      });
      this.#world.onlyLookedAt = undefined;
      isOver = true;
    };
    const look = (untilMs: number): void => {
      const status = this.#cluster.living[0]?.partitions[partition]?.status();
      if (status?.kind === "stopped" && NAMED.test(status.incident)) return end();
      if (this.#world.loop.nowMs < untilMs) return void this.#world.loop.after(50, () => look(untilMs));
      const how = status?.kind === "stopped" ? `stops with "${status.incident}"` : `is ${status?.kind}`;
      this.#world.violate("damageNoticed", `${damage.name}, but partition ${partition} ${how}`);
      end();
    };
    return {
      name: `damage: ${damage.name}`,
      begin: () => {
        kept = this.#logs.map(({ first, entries }) => ({ first, entries: [...entries] }));
        this.#world.onlyLookedAt = "damageNoticed";
        const log = this.#logs[partition];
        const durable = this.#durableOf(stopped, partition);
        if (log === undefined || log.last === 0 || !damage.act(log, durable, random)) return end();
        this.#world.note(() => `log ${partition}: ${damage.name}`);
        if (damage.keepsStore) this.#cluster.copyDisk(stopped, name);
        this.#cluster.start(name);
        look(this.#world.loop.nowMs + NOTICED_MS);
      },
      isDone: () => isOver,
    };
  }

  /** What the store saw durable, as far as the log says so too. */
  #durableOf(name: string, partition: number): number {
    const text = this.#cluster.disk(name).entries.get(`p${partition}/applied`)?.text;
    const { durableSequence = 0 } = text === undefined ? {} : JSON.parse(text) as { durableSequence?: number };
    return Math.min(durableSequence, this.#model.partitions[partition]?.lastSequence ?? 0);
  }
}

/** Puts other content into an entry; with a checksum that fits, when that is wished. */
function replaceEntry(log: SimLog, sequence: number, change: (body: string) => string, isSigned = false): boolean {
  const index = sequence - log.first;
  const entry = log.entries[index];
  if (entry === undefined) return false;
  const text = Buffer.from(entry.bytes).toString("utf8");
  const end = text.indexOf("\n");
  const body = change(text.slice(end + 1));
  const head = isSigned ? text.slice(0, end).replace(/[0-9a-f]{64}$/, sha256Hex(body)) : text.slice(0, end);
  log.entries[index] = { sequence, bytes: Buffer.from(`${head}\n${body}`) };
  return true;
}

/** Another time of one turn: still such a batch as there could be. */
function changedDigit(body: string): string {
  return body.replace(
    /("at":\d*)(\d)/,
    (_all, digits: string, last: string) => `${digits}${(Number(last) + 1) % 10}`,
  );
}
