/** A partition of this node: its line of inputs, and the terms in which this node leads it. */
import { Effect, Latch, type Scope } from "effect";
import { pauseFor } from "../clock.ts";
import { RequestRefused } from "../engine.ts";
import { Inbox } from "./inbox.ts";
import { insist } from "./insist.ts";
import { LeaderTerm } from "./leader_term.ts";
import type { LogDamaged, LogUnreadable } from "../../log/port.ts";
import { type ExecutionId, present } from "../../values/mod.ts";
import type { PartitionInput, Refusal, Reply } from "./partition_input.ts";
import type { PartitionOptions } from "./partition_options.ts";

/** Pause before leading again after a term has ended or could not begin, milliseconds: at first, and at most. */
const TERM_PAUSE_MS_MIN = 200;
const TERM_PAUSE_MS_MAX = 5_000;
/** A term that lasted so long was a good one: what ends it is nothing that comes again at once, milliseconds. */
const GOOD_TERM_MS = 30_000;
/** How long a shutdown waits for a log or store that does not answer, milliseconds: what is not written then is replayed. */
const DRAIN_MS_MAX = 10_000;
/** How often in a row the snapshot is loaded because the log was trimmed meanwhile. */
const RELOADS_MAX = 3;
/** Parked executions that a report names. */
const PARKED_SHOWN_MAX = 20;

/** What a partition is to be here: its leader, a standby that keeps up with another node's leader, or nothing. */
export type Role = "lead" | "follow" | "rest";

/** What a partition is doing here. */
export type PartitionStatus =
  | { readonly kind: "resting" }
  | { readonly kind: "starting" }
  /** Another node leads; this one has taken in all that was written up to `through`. */
  | { readonly kind: "following"; readonly through: number }
  | { readonly kind: "leading"; readonly epoch: number }
  /** Nothing is decided any more until an operator has looked. */
  | { readonly kind: "stopped"; readonly incident: string };

/** An execution that cannot go on. */
export interface ParkedExecution {
  readonly executionId: ExecutionId;
  readonly why: string;
}

/** How a partition stands on this node, in figures. */
export interface PartitionReport {
  readonly partition: number;
  readonly status: PartitionStatus;
  /** Sequence in the log up to which all has been taken in here; 0 while it rests. */
  readonly through: number;
  /** Executions in memory. */
  readonly executions: number;
  /** Inputs in line. */
  readonly waiting: number;
  /** Of those in memory; how many there are is `parkedCount`, these are the first of them. */
  readonly parked: readonly ParkedExecution[];
  readonly parkedCount: number;
  /** When this leader last brought the cluster's snapshots up to its store, or began to lead; absent: there are none, or it does not lead. */
  readonly snapshotAtEpochMs?: number;
}

/** One partition of this node, closed: what is asked of it and what is wished goes through its line of inputs. */
export interface Partition {
  readonly partition: number;
  readonly status: () => PartitionStatus;
  /** Goes through what is in memory: for people and alarms, now and then. */
  readonly report: () => PartitionReport;
  /** Gives it a role. One that leads and is given another stops at once: to end in order, {@link Partition.retire} first. */
  readonly play: (role: Role) => void;
  /** Puts an input in line; refuses it at once when the line is full, or the partition has stopped or is not led here. */
  readonly offer: (input: PartitionInput) => void;
  /** Done when it leads or follows for the first time, or has stopped. */
  readonly ready: Effect.Effect<void>;
  /** Done when all that is in the log has been taken in here, as it is when this is called or later. Never where it does not follow. */
  readonly caughtUp: Effect.Effect<void>;
  /** Waits until all that was taken up is durable, and writes it to the local store: for a shutdown in order. Bounded. */
  readonly drain: Effect.Effect<void>;
  /** Takes nothing more, drains, and leads no more. */
  readonly retire: Effect.Effect<void>;
}

/** Puts an input before a partition; the answer comes when it is durable. */
export function askPartition<T>(
  partition: Partition,
  input: (reply: Reply<T>) => PartitionInput,
): Effect.Effect<T, RequestRefused> {
  return Effect.callback<T, RequestRefused>((resume) =>
    partition.offer(input({
      succeed: (answer) => resume(Effect.succeed(answer)),
      refuse: (refusal) => resume(Effect.fail(refusedBy(refusal))),
    }))
  );
}

/** A refusal as it is told outside. */
export function refusedBy({ code, message, outcome }: Refusal): RequestRefused {
  return new RequestRefused({ code, message, ...present({ outcome }) });
}

/** Runs a partition until the scope closes; it rests until it is given a role. To close in order, {@link Partition.drain} first. */
export function runPartition(options: PartitionOptions): Effect.Effect<Partition, never, Scope.Scope> {
  return Effect.gen(function* () {
    const partition = new RunningPartition(options);
    yield* Effect.addFinalizer(() => Effect.sync(() => partition.close()));
    yield* Effect.forkScoped(partition.run());
    return partition;
  });
}

class RunningPartition implements Partition {
  readonly partition: number;
  readonly #options: PartitionOptions;
  readonly #inbox = new Inbox();
  readonly #isReady = Latch.makeUnsafe(false);
  #role: Role = "rest";
  #isRetiring = false;
  /** The stay that it is in: loading, following or leading. */
  #stay: LeaderTerm | undefined;
  #status: PartitionStatus = { kind: "resting" };
  /** The term that leads now. */
  #term: LeaderTerm | undefined;
  #reloads = 0;
  #pauseMs = TERM_PAUSE_MS_MIN;
  /** Called when something has changed that is waited for. */
  readonly #waiting = new Set<() => void>();
  /** Looks at the log while following: how many have begun, and which one ended last. */
  readonly #looks = { begun: 0, ended: 0 };
  readonly #isLookWanted = Latch.makeUnsafe(false);

  constructor(options: PartitionOptions) {
    this.partition = options.partition;
    this.#options = options;
  }

  readonly status = (): PartitionStatus => this.#status;

  readonly report = (): PartitionReport => {
    const { partition } = this;
    const through = this.#stay?.memory.lastSequence ?? 0;
    const [parked, parkedCount] = this.#stay?.memory.parked(PARKED_SHOWN_MAX) ?? [[], 0];
    const snapshotAtEpochMs = this.#term?.snapshotAtEpochMs;
    return {
      partition,
      status: this.#status,
      through,
      executions: this.#stay?.memory.hot.size ?? 0,
      waiting: this.#inbox.size,
      parked,
      parkedCount,
      ...present({ snapshotAtEpochMs }),
    };
  };

  readonly play = (role: Role): void => {
    if (role === this.#role || this.#status.kind === "stopped") return;
    this.#role = role;
    this.#isRetiring = false;
    this.#pauseMs = TERM_PAUSE_MS_MIN;
    // In the pause behind a term that came to nothing there is none that ends.
    if (role === "rest" && this.#stay === undefined) this.#status = { kind: "resting" };
    if (role !== "lead") {
      // At once, and not when its fibers have been interrupted: they may take up and decide for a moment still.
      this.#term?.cease();
      this.#options.abandon();
      this.#sendElsewhere();
    }
    this.#notify();
  };

  readonly offer = (input: PartitionInput): void => {
    const { limits: { partitionInboxMax } } = this.#options;
    const name = `Partition ${this.partition}`;
    if (this.#status.kind === "stopped") return refuse(input, `${name} has stopped: ${this.#status.incident}`);
    if (this.#role !== "lead") return sendElsewhere(input, this.partition);
    // What nobody waits for is never refused: it would be lost.
    if ("reply" in input) {
      if (this.#isRetiring) return sendElsewhere(input, this.partition);
      if (this.#inbox.size >= partitionInboxMax) {
        return refuse(input, `${name} has ${partitionInboxMax} requests waiting already`);
      }
    }
    this.#inbox.put(input);
  };

  get ready(): Effect.Effect<void> {
    return this.#isReady.await;
  }

  get caughtUp(): Effect.Effect<void> {
    return Effect.suspend(() => {
      // A look that is on its way may have seen less than there is now.
      const wanted = this.#looks.begun + 1;
      this.#isLookWanted.openUnsafe();
      return this.#until(() => this.#looks.ended >= wanted);
    });
  }

  get drain(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const term = this.#term;
      if (term === undefined) return Effect.void;
      return Effect.raceFirst(
        drained(term, this.#options, (input) => this.#inbox.put(input)),
        // A term that has ended has nothing to drain any more.
        this.#until(() => this.#term !== term),
      );
    });
  }

  get retire(): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#role !== "lead") return Effect.void;
      this.#isRetiring = true;
      return Effect.andThen(this.drain, Effect.sync(() => this.play("rest")));
    });
  }

  close(): void {
    if (this.#status.kind !== "stopped") this.#status = { kind: "stopped", incident: "this node is closing" };
    for (const input of this.#inbox.take(this.#inbox.size)) refuse(input, "This node is closing: ask again");
  }

  /** One term after the other, until something that no other term would find otherwise stops the partition. */
  run(): Effect.Effect<never> {
    return Effect.forever(
      Effect.andThen(this.#until(() => this.#role !== "rest"), Effect.suspend(() => this.#live())).pipe(
        Effect.catchTags({
          LogDamaged: (damage) => this.#reloadOrStop(damage),
          LogFromNewerVersion: (newer) => this.#stop(newer.message),
        }),
        Effect.catch((failure) =>
          Effect.logWarning("A leader's term has ended").pipe(
            Effect.tap(() => Effect.sync(() => this.#options.meter.termEnded())),
            Effect.annotateLogs({ partition: this.partition, failure: failure._tag }),
            Effect.andThen(this.#pause()),
          )
        ),
        Effect.catchDefect((defect) =>
          this.#stop(defect instanceof Error ? `${defect.name}: ${defect.message}` : String(defect))
        ),
      ),
    );
  }

  /** A log that was trimmed beyond what this node had read is no damage: the snapshots have what it lacks, and it loads them. */
  #reloadOrStop(damage: LogDamaged): Effect.Effect<void> {
    const { log, snapshots } = this.#options;
    if (snapshots === undefined || this.#reloads >= RELOADS_MAX) return this.#stop(damage.message);
    return Effect.matchEffect(insist(this.#options, log.bounds()), {
      onFailure: (failure) => this.#stop(failure.message),
      onSuccess: ({ first }) => {
        if (damage.sequence >= first) return this.#stop(damage.message);
        this.#reloads += 1;
        return Effect.logWarning("The log was trimmed beyond what this node had read; loading the snapshot").pipe(
          Effect.annotateLogs({ partition: this.partition, first }),
        );
      },
    });
  }

  /** One stay at the partition: loading, following as long as another node leads, leading. */
  #live() {
    const term = new LeaderTerm(this.#options, (input) => this.#inbox.put(input));
    let beganAtEpochMs: number | undefined;
    this.#stay = term;
    const living = Effect.gen({ self: this }, function* () {
      this.#status = { kind: "starting" };
      yield* term.load();
      if (this.#role === "follow") {
        yield* Effect.raceFirst(this.#follow(term), this.#until(() => this.#role !== "follow"));
      }
      if (this.#role !== "lead") return;
      this.#status = { kind: "starting" };
      yield* term.begin();
      beganAtEpochMs = this.#options.clock.nowEpochMs();
      this.#reloads = 0;
      this.#term = term;
      this.#status = { kind: "leading", epoch: term.memory.epoch };
      this.#isReady.openUnsafe();
      yield* Effect.raceFirst(term.serve(this.#inbox), this.#until(() => this.#role !== "lead"));
    });
    return Effect.raceFirst(living, this.#until(() => this.#role === "rest")).pipe(
      Effect.onExit(() =>
        Effect.suspend(() => {
          this.#term = undefined;
          this.#stay = undefined;
          if (this.#status.kind !== "stopped") this.#status = { kind: this.#role === "rest" ? "resting" : "starting" };
          const lastedMs = this.#options.clock.nowEpochMs() - (beganAtEpochMs ?? Infinity);
          if (lastedMs >= GOOD_TERM_MS) this.#pauseMs = TERM_PAUSE_MS_MIN;
          this.#notify();
          return Effect.andThen(
            term.end(`Partition ${this.partition} changed its leader: the outcome is unknown, ask again`),
            Effect.sync(() => this.#role === "lead" ? undefined : this.#sendElsewhere()),
          );
        })
      ),
    );
  }

  #follow(term: LeaderTerm): Effect.Effect<never, LogUnreadable> {
    const { clock, followMs } = this.#options;
    this.#looks.begun += 1;
    const pause = Effect.andThen(
      Effect.raceFirst(pauseFor(clock, followMs), this.#isLookWanted.await),
      Effect.sync(() => {
        this.#isLookWanted.closeUnsafe();
        this.#looks.begun += 1;
      }),
    );
    return term.follow(pause, (through) => {
      this.#reloads = 0;
      this.#status = { kind: "following", through };
      this.#isReady.openUnsafe();
      this.#looks.ended = this.#looks.begun;
      this.#notify();
    });
  }

  /** What is in line is for whoever leads. Inputs that nobody waits for are found again by him. */
  #sendElsewhere(): void {
    for (const input of this.#inbox.take(this.#inbox.size)) sendElsewhere(input, this.partition);
  }

  #until(isSo: () => boolean): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const look = () => {
        if (!isSo()) return;
        this.#waiting.delete(look);
        resume(Effect.void);
      };
      this.#waiting.add(look);
      look();
      return Effect.sync(() => void this.#waiting.delete(look));
    });
  }

  #notify(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Twice as long each time that terms come to nothing soon. */
  #pause(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const ms = this.#pauseMs;
      this.#pauseMs = Math.min(2 * ms, TERM_PAUSE_MS_MAX);
      return pauseFor(this.#options.clock, ms);
    });
  }

  #stop(incident: string): Effect.Effect<never> {
    return Effect.suspend(() => {
      this.#status = { kind: "stopped", incident };
      this.#isReady.openUnsafe();
      return refuseAll(this.#inbox, this.partition, incident);
    });
  }
}

/** Waits until all that was taken up is durable and written to the local store, or for too long. */
function drained(
  term: LeaderTerm,
  { clock, partition }: PartitionOptions,
  put: (input: PartitionInput) => void,
): Effect.Effect<void> {
  const settled = Effect.callback<void>((resume) =>
    put({
      kind: "barrier",
      reply: { succeed: () => resume(Effect.void), refuse: () => resume(Effect.void) },
    })
  );
  const tooLong = Effect.andThen(
    pauseFor(clock, DRAIN_MS_MAX),
    Effect.annotateLogs(Effect.logWarning("Closing before all is written"), { partition }),
  );
  return Effect.raceFirst(Effect.andThen(settled, term.flush()), tooLong);
}

/** Tells whoever still asks that this partition has stopped, until the scope closes. */
function refuseAll(inbox: Inbox, partition: number, incident: string): Effect.Effect<never> {
  const refusing = Effect.forever(Effect.map(inbox.filled, () => {
    for (const input of inbox.take(inbox.size)) refuse(input, incident);
  }));
  const logged = Effect.annotateLogs(Effect.logError("The partition has stopped"), { partition, incident });
  return Effect.andThen(logged, refusing);
}

function refuse(input: PartitionInput, message: string): void {
  if ("reply" in input) input.reply.refuse({ code: "Unavailable", message });
}

function sendElsewhere(input: PartitionInput, partition: number): void {
  if (!("reply" in input)) return;
  const message = `Partition ${partition} is not led by this node: ask again`;
  input.reply.refuse({ code: "Unavailable", message, isElsewhere: true });
}
