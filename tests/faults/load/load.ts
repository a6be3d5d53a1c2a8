/** Starts executions at a steady rate, follows each to its end, and reads back at once what it was told, by another connection. */
import { setTimeout as delay } from "node:timers/promises";
import { WeftClient, WeftError } from "../../../src/sdk/mod.ts";
import { hash7, type Json, partitionOf } from "../../../src/values/mod.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { isEnd, type Ledger } from "../checks/ledger.ts";
import { CallbackDesk } from "./callback_desk.ts";
import { EndWatch } from "./end_watch.ts";
import { type Course, Timeline } from "./timeline.ts";
import { type Workload, type WorkloadName, workloadNames, workloads } from "./workloads.ts";

/** What runs, and how much of it. */
export interface LoadOptions {
  readonly servers: readonly string[];
  readonly ledger: Ledger;
  readonly seed: number;
  readonly partitions: number;
  readonly ratePerSecond: number;
  /** Share of the starts that are of `w1`, for each partition in turn: they show when it works. */
  readonly probeShare: number;
  /** Of the others. Default: all. */
  readonly names?: readonly WorkloadName[];
}

/** Executions that are not ended yet, at most; beyond it no more are started. */
const OPEN_MAX = 600;
const CONNECTIONS = 4;
const REQUEST_TIMEOUT_MS = 60_000;
const TRY_TIMEOUT_MS = 1_000;
/** Of what may not be repeated blindly: a lost answer is noticed soon, and the request made again by us. */
const UNREPEATED_TIMEOUT_MS = 4_000;
/** The feed may have lost the end: asked again after so long. */
const LOOK_AGAIN_MS = 1_000;
const REPEATED_START_SHARE = 0.1;
const TICK_MS = 10;
const FIRST_PUT_TIMEOUT_MS = 60_000;

/** Opened with `open`; `stop` ends the starts, `close` the connections. */
export class Load {
  readonly timeline = new Timeline();
  /** Requests that ended without an answer that says something, by operation and code. */
  readonly failures = new Map<string, number>();
  readonly clients: readonly WeftClient[];
  readonly #impatient: WeftClient;
  readonly #options: LoadOptions;
  readonly #random: SeededRandom;
  readonly #ends: EndWatch;
  readonly #desk: CallbackDesk;
  readonly #courses = new Map<string, Course>();
  readonly #open = new Set<Promise<void>>();
  readonly #weighted: readonly WorkloadName[];
  readonly #stopped = new AbortController();
  readonly #abandoned = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #count = 0;

  /** Connects and puts the workflows. */
  static async open(options: LoadOptions): Promise<Load> {
    const { servers } = options;
    const connect = (index: number, timeoutMs: number) =>
      WeftClient.connect({
        servers: servers.map((_, i) => servers[(i + index) % servers.length] ?? ""), // each begins with another
        timeoutMs,
        patienceMs: timeoutMs,
        tryTimeoutMs: TRY_TIMEOUT_MS,
      });
    const impatient = await connect(0, UNREPEATED_TIMEOUT_MS);
    const clients = await Promise.all(
      Array.from({ length: CONNECTIONS }, (_, index) => connect(index, REQUEST_TIMEOUT_MS)),
    );
    const load = new Load(options, clients, impatient);
    const deadline = AbortSignal.timeout(FIRST_PUT_TIMEOUT_MS);
    for (const name of workloadNames) {
      deadline.throwIfAborted();
      await load.#client(0).putWorkflow({ name, definition: workloads[name].definition });
    }
    return load;
  }

  constructor(options: LoadOptions, clients: readonly WeftClient[], impatient: WeftClient) {
    this.#impatient = impatient;
    this.#options = options;
    this.clients = clients;
    this.#random = new SeededRandom(options.seed);
    const names = options.names ?? workloadNames;
    this.#weighted = names.flatMap((name) => Array.from({ length: workloads[name].weight }, () => name));
    this.#ends = new EndWatch(this.#client(1).connection, (executionId) => this.#heardEnd(executionId));
    this.#desk = new CallbackDesk(impatient, options.ledger, new SeededRandom(options.seed + 1));
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Begins to start executions, until `stop`. */
  run(): void {
    this.#running = this.#startThem();
  }

  /** Starts no more; resolves when all have ended, or after `patienceMs`. Those that have not are left to the last look. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    const patience = new AbortController();
    await Promise.race([
      Promise.all(this.#open),
      delay(patienceMs, undefined, { signal: patience.signal }).catch(() => {}),
    ]);
    patience.abort();
    this.#abandoned.abort();
  }

  async close(): Promise<void> {
    await Promise.all([this.#impatient, ...this.clients].map((client) => client.close()));
  }

  async #startThem(): Promise<void> {
    const begunMs = performance.now();
    for (let due = 0; !this.#stopped.signal.aborted; await delay(TICK_MS)) {
      due = (performance.now() - begunMs) * this.#options.ratePerSecond / 1_000;
      while (this.#count < due) {
        const isProbe = this.#random.chance(this.#options.probeShare);
        const name = isProbe ? "w1" : this.#weighted[this.#random.below(this.#weighted.length)] ?? "w1";
        const index = this.#count++;
        if (this.#open.size >= OPEN_MAX) continue; // not made up for later
        const following: Promise<void> = this.#follow(name, this.#keyOf(name, index)).finally(() =>
          this.#open.delete(following)
        );
        this.#open.add(following);
      }
    }
  }

  /** A key whose execution is of the next partition in turn. */
  #keyOf(name: string, index: number): string {
    const { partitions, seed } = this.#options;
    for (let salt = 0;; salt++) {
      const key = `${name}-${seed}-${index}-${salt}`;
      if (partitionOf(`/default/default/e${hash7(key)}`, partitions) === index % partitions) return key;
    }
  }

  async #follow(name: WorkloadName, key: string): Promise<void> {
    const workload: Workload = workloads[name];
    const drawn = workload.draw(this.#random, key);
    const { input, output, takesMs = 0, startsInMs, isCanceled = false } = drawn;
    const askedAtEpochMs = Date.now();
    const notBeforeEpochMs = askedAtEpochMs + takesMs + (startsInMs ?? 0);
    const expected = isCanceled
      ? { status: "Canceled", notBeforeEpochMs } as const
      : { status: "Succeeded", notBeforeEpochMs, ...(output === undefined ? {} : { output }) } as const;
    this.#options.ledger.asked({ key, workload: name, expected, askedAtEpochMs });
    const start = {
      workflow: name,
      input,
      key,
      ...(startsInMs === undefined ? {} : { startAt: new Date(askedAtEpochMs + startsInMs).toISOString() }),
    };
    const executionId = await this.#start(start, name === "w1");
    if (executionId === undefined) return;
    await this.#readBack(executionId);
    if (this.#random.chance(REPEATED_START_SHARE)) await this.#start(start, false);
    if (isCanceled) await this.#cancel(executionId);
    await this.#untilEnd(executionId);
  }

  async #start(
    request: { readonly workflow: string; readonly input: Json; readonly key: string; readonly startAt?: string },
    isTimed: boolean,
  ): Promise<string | undefined> {
    const partition = partitionOf(`/default/default/e${hash7(request.key)}`, this.#options.partitions);
    const course = isTimed ? this.timeline.asked(partition, Date.now()) : undefined;
    try {
      const { executionId } = await this.#anyClient().start(request);
      const atEpochMs = Date.now();
      this.#options.ledger.acknowledged(request.key, executionId, atEpochMs);
      this.timeline.acknowledged(atEpochMs);
      if (course !== undefined) {
        course.acknowledgedAtEpochMs = atEpochMs;
        if (!this.#courses.has(executionId)) this.#courses.set(executionId, course);
      }
      return executionId;
    } catch (failure) {
      this.#failed("start", failure);
      return undefined;
    }
  }

  /** Describes by any connection; what it is told goes into the ledger. True when it has ended. */
  async #readBack(executionId: string): Promise<boolean> {
    const askedAtEpochMs = Date.now();
    const client = this.#anyClient();
    const place = `connection ${this.clients.indexOf(client)}`;
    try {
      const told = await client.describe(executionId);
      this.#options.ledger.read(executionId, askedAtEpochMs, told, place);
      if (isEnd(told.status)) this.#heardEnd(executionId);
      return isEnd(told.status);
    } catch (failure) {
      this.#failed("describe", failure);
      if (failure instanceof WeftError && !failure.isOutcomeUnknown) {
        this.#options.ledger.read(executionId, askedAtEpochMs, failure.code, place);
      }
      return false;
    }
  }

  async #cancel(executionId: string): Promise<void> {
    for (let isRepeat = false; !this.#abandoned.signal.aborted; isRepeat = true) {
      const askedAtEpochMs = Date.now();
      try {
        await this.#impatient.cancel(executionId);
        return;
      } catch (failure) {
        this.#failed("cancel", failure);
        if (!(failure instanceof WeftError)) throw failure;
        if (failure.isOutcomeUnknown || failure.code === "Unavailable") continue;
        if (!isRepeat || failure.code === "NotFound") {
          this.#options.ledger.read(executionId, askedAtEpochMs, failure.code, "cancel");
        }
        return;
      }
    }
  }

  async #untilEnd(executionId: string): Promise<void> {
    while (!this.#abandoned.signal.aborted) {
      const look = AbortSignal.any([AbortSignal.timeout(LOOK_AGAIN_MS), this.#abandoned.signal]);
      await this.#ends.ended(executionId, look);
      if (await this.#readBack(executionId)) return;
    }
  }

  #heardEnd(executionId: string): void {
    const atEpochMs = Date.now();
    this.#options.ledger.heardEnd(executionId, atEpochMs);
    const course = this.#courses.get(executionId);
    if (course === undefined) return;
    course.endedAtEpochMs ??= atEpochMs;
    this.#courses.delete(executionId);
  }

  #failed(operation: string, failure: unknown): void {
    const what = `${operation} ${failure instanceof WeftError ? failure.code : String(failure)}`;
    this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
  }

  #client(index: number): WeftClient {
    const client = this.clients[index % this.clients.length];
    if (client === undefined) throw new Error("Expected at least one client");
    return client;
  }

  #anyClient(): WeftClient {
    return this.#client(this.#random.below(this.clients.length));
  }
}
