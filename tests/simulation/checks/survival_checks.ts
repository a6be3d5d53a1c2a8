/** A node that has lost its disk, and a log of which only what is behind the snapshots is left: what lives must go on. */
import type { ExecutionDescription } from "../../../src/runtime/mod.ts";
import type { Manifest } from "../../../src/runtime/partition/snapshots/snapshot_bucket.ts";
import type { ExecutionId } from "../../../src/values/mod.ts";
import type { LogModel } from "../model/log_model.ts";
import type { ScopeJson } from "../reference/definition.ts";
import type { Asking } from "../workload/asking.ts";
import { space } from "../workload/space.ts";
import type { Cluster } from "../world/cluster.ts";
import type { SimConfig } from "../world/sim_config.ts";
import type { SimLog } from "../world/sim_log.ts";
import type { World } from "../world/world.ts";
import type { Stage } from "./end_checks.ts";

const NODE = "phoenix";
const SURVIVORS = 4;
/** What a snapshot may take beyond the time between two of them, milliseconds. */
const SNAPSHOT_LATE_MS = 5_000;
const LOOK_MS = 100;

export class SurvivalChecks {
  readonly #world: World;
  readonly #config: SimConfig;
  readonly #model: LogModel;
  readonly #cluster: Cluster;
  readonly #logs: readonly SimLog[];
  readonly #asking: Asking;
  readonly #survivors: ExecutionId[] = [];
  #started = 0;
  #ended = 0;

  constructor(
    world: World,
    config: SimConfig,
    model: LogModel,
    cluster: Cluster,
    logs: readonly SimLog[],
    asking: Asking,
  ) {
    this.#world = world;
    this.#config = config;
    this.#model = model;
    this.#cluster = cluster;
    this.#logs = logs;
    this.#asking = asking;
  }

  stages(): readonly Stage[] {
    let hasSnapshots = false;
    return [
      {
        name: "starting what is to survive",
        begin: () => {
          this.#cluster.start(NODE);
          this.#startAll();
        },
        isDone: () => this.#started === SURVIVORS,
      },
      {
        name: "snapshots of what is to survive",
        begin: () => this.#awaitSnapshots(() => hasSnapshots = true),
        isDone: () => hasSnapshots,
      },
      {
        name: "what survives",
        begin: () => {
          this.#lose();
          this.#cluster.start(NODE);
          for (const id of this.#survivors) this.#await(id);
        },
        isDone: () => this.#ended === SURVIVORS,
      },
    ];
  }

  #startAll(): void {
    const { snapshotMs, checkpointMs } = this.#config;
    const seconds = Math.ceil((snapshotMs + checkpointMs + SNAPSHOT_LATE_MS) / 1_000) + 10;
    const definition: ScopeJson = {
      StartAt: "Keep",
      States: {
        Keep: { Type: "Pass", Assign: { "kept.$": "$.n" }, Next: "Wait" },
        Wait: { Type: "Wait", Seconds: seconds, Next: "Tell" },
        Tell: { Type: "Pass", Parameters: { "n.$": "$kept" }, End: true },
      },
    };
    this.#asking.insist({
      what: "put survivor",
      ask: (engine) => engine.putWorkflow({ ...space, name: "survivor", definition: JSON.stringify(definition) }),
      check: () => {},
      then: () => {
        for (let n = 0; n < SURVIVORS; n++) this.#start(n);
      },
    });
  }

  #start(n: number): void {
    this.#asking.insist<{ readonly executionId: ExecutionId }>({
      what: `start survivor ${n}`,
      ask: (engine) => engine.startExecution({ ...space, workflow: "survivor", key: `survivor ${n}`, input: { n } }),
      check: () => {},
      then: (answer) => {
        if (answer.kind !== "ok") return;
        this.#survivors[n] = answer.value.executionId;
        this.#started += 1;
      },
    });
  }

  /** Every partition's manifest must come to be behind the turns of those that live. */
  #awaitSnapshots(then: () => void): void {
    const { snapshotMs, checkpointMs } = this.#config;
    const untilMs = this.#world.loop.nowMs + snapshotMs + checkpointMs + SNAPSHOT_LATE_MS;
    const look = (): void => {
      const missing = this.#survivors.find((id) => !this.#isInSnapshots(id));
      if (missing === undefined) return then();
      if (this.#world.loop.nowMs < untilMs) return void this.#world.loop.after(LOOK_MS, look);
      this.#world.violate(
        "snapshots",
        `"${missing}" is in no snapshot after ${snapshotMs} ms and what a checkpoint takes`,
      );
    };
    look();
  }

  #isInSnapshots(id: ExecutionId): boolean {
    const { turns = [], partition = 0 } = this.#model.executions.get(id) ?? {};
    return (turns.at(-1)?.sequence ?? Infinity) <= this.#manifestOf(partition);
  }

  #manifestOf(partition: number): number {
    const text = this.#cluster.bucket.entries.get(`p${partition}/manifest`)?.text;
    return text === undefined ? 0 : (JSON.parse(text) as Manifest).applied?.sequence ?? 0;
  }

  /** The node dies with its disk, and the log with all that the snapshots stand for. */
  #lose(): void {
    for (const node of this.#cluster.living) node.kill();
    this.#cluster.disk(NODE).wipe();
    // The entry at the manifest stays: by it a node knows that this log is the one that the snapshots are of.
    for (const log of this.#logs) log.trim(this.#manifestOf(log.partition) - 1);
    this.#world.note(() => `the log begins at the snapshots: ${this.#logs.map(({ first }) => first).join()}`);
  }

  #await(executionId: ExecutionId): void {
    this.#asking.insist<ExecutionDescription>({
      what: `await survivor ${executionId}`,
      ask: (engine) => engine.awaitExecution({ ...space, executionId }),
      patienceMs: 100_000,
      check: () => {},
      then: (answer) => {
        this.#ended += 1;
        const n = this.#survivors.indexOf(executionId);
        if (answer.kind === "ok" && JSON.stringify(answer.value.output) === JSON.stringify({ n })) return;
        this.#world.violate("snapshots", `"${executionId}" has not survived: ${JSON.stringify(answer)}`);
      },
    });
  }
}
