/** Brings one fault after the other, all drawn from a seed, and keeps a list of them. */
import { setTimeout as delay } from "node:timers/promises";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { SeededRandom } from "../../support/seeded_random.ts";
import type { FaultCluster } from "../cluster/fault_cluster.ts";
import { type Done, type FaultKind, faultKinds } from "./faults.ts";

/** A fault that was. */
export interface Fault extends Done {
  readonly kind: string;
  readonly beganAtEpochMs: number;
  /** When everything was running again. */
  readonly endedAtEpochMs: number;
}

/** Which faults, and how often. */
export interface NemesisOptions {
  readonly cluster: FaultCluster;
  readonly seed: number;
  readonly names: readonly string[];
  /** Milliseconds between two faults, on average. */
  readonly paceMs: number;
  readonly onFault?: (fault: Fault) => void;
}

const FAULT_TIMEOUT_MS = 120_000;

/** Opened with `open`, closed by whoever opened it. */
export class Nemesis {
  readonly faults: Fault[] = [];
  readonly #options: NemesisOptions;
  readonly #connection: NatsConnection;
  readonly #random: SeededRandom;

  static async open(options: NemesisOptions): Promise<Nemesis> {
    const connection = await connect({
      servers: options.cluster.urls,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      noAsyncTraces: true,
    });
    return new Nemesis(options, connection);
  }

  constructor(options: NemesisOptions, connection: NatsConnection) {
    this.#options = options;
    this.#connection = connection;
    this.#random = new SeededRandom(options.seed);
  }

  /** Until `untilMs` of `performance.now()`; resolves when the last fault is over. */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      const pauseMs = this.#options.paceMs * (0.5 + this.#random.next());
      if (performance.now() + pauseMs >= untilMs) break;
      await delay(pauseMs);
      const name = this.#draw();
      if (name !== undefined) await this.bring(name);
    }
    await delay(Math.max(0, untilMs - performance.now()));
  }

  /** One fault, now. */
  async bring(name: string): Promise<Fault> {
    const kind: FaultKind | undefined = faultKinds[name];
    if (kind === undefined) throw new Error(`There is no fault "${name}"`);
    const { cluster, onFault } = this.#options;
    const beganAtEpochMs = Date.now();
    const patience = new AbortController();
    const done = await Promise.race([
      kind.run({ cluster, random: this.#random, connection: this.#connection }).catch((failure): Done => ({
        what: "it could not be done, or not undone",
        wrong: String(failure),
      })),
      delay(FAULT_TIMEOUT_MS, { what: "it is not over", wrong: `not over after ${FAULT_TIMEOUT_MS} ms` }, {
        signal: patience.signal,
      }),
    ]);
    patience.abort();
    const fault = { kind: name, beganAtEpochMs, endedAtEpochMs: Date.now(), ...done };
    this.faults.push(fault);
    onFault?.(fault);
    return fault;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #draw(): string | undefined {
    const { names, cluster } = this.#options;
    const weighted = names.flatMap((name) => {
      const { weight = 0, isPossible = () => true } = faultKinds[name] ?? {};
      return isPossible(cluster) ? Array.from({ length: weight }, () => name) : [];
    });
    return weighted[this.#random.below(weighted.length)];
  }
}
