/** A partition of this node: its line of inputs, and the terms in which this node leads it. */
import { Effect, Latch, type Scope } from "effect";
import { pauseFor } from "../clock.ts";
import { RequestRefused } from "../engine.ts";
import { Inbox } from "./inbox.ts";
import { LeaderTerm } from "./leader_term.ts";
import type { PartitionInput, Reply } from "./partition_input.ts";
import type { PartitionOptions } from "./partition_options.ts";

/** Pause before leading again after a term has ended or could not begin, milliseconds: at first, and at most. */
const TERM_PAUSE_MS_MIN = 200;
const TERM_PAUSE_MS_MAX = 5_000;
/** A term that lasted so long was a good one: what ends it is nothing that comes again at once, milliseconds. */
const GOOD_TERM_MS = 30_000;
/** How long a shutdown waits for a log or store that does not answer, milliseconds: what is not written then is replayed. */
const DRAIN_MS_MAX = 10_000;

/** What a partition is doing here. */
export type PartitionStatus =
  | { readonly kind: "starting" }
  | { readonly kind: "leading"; readonly epoch: number }
  /** Nothing is decided any more until an operator has looked. */
  | { readonly kind: "stopped"; readonly incident: string };

/** One partition of this node, closed: what is asked of it and what is wished goes through its line of inputs. */
export interface Partition {
  readonly partition: number;
  readonly status: () => PartitionStatus;
  /** Puts an input in line; refuses it at once when the line is full or the partition has stopped. */
  readonly offer: (input: PartitionInput) => void;
  /** Done when it leads for the first time, or has stopped. */
  readonly ready: Effect.Effect<void>;
  /** Waits until all that was taken up is durable, and writes it to the local store: for a shutdown in order. Bounded. */
  readonly drain: Effect.Effect<void>;
}

/** Puts an input before a partition; the answer comes when it is durable. */
export function askPartition<T>(
  partition: Partition,
  input: (reply: Reply<T>) => PartitionInput,
): Effect.Effect<T, RequestRefused> {
  return Effect.callback<T, RequestRefused>((resume) =>
    partition.offer(input({
      succeed: (answer) => resume(Effect.succeed(answer)),
      refuse: (refusal) => resume(Effect.fail(new RequestRefused(refusal))),
    }))
  );
}

/** Runs a partition until the scope closes. To close in order, {@link Partition.drain} first. */
export function runPartition(options: PartitionOptions): Effect.Effect<Partition, never, Scope.Scope> {
  return Effect.gen(function* () {
    const partition = new RunningPartition(options);
    yield* Effect.addFinalizer(() => Effect.sync(() => partition.close()));
    yield* Effect.forkScoped(partition.lead());
    return partition;
  });
}

class RunningPartition implements Partition {
  readonly partition: number;
  readonly #options: PartitionOptions;
  readonly #inbox = new Inbox();
  readonly #isReady = Latch.makeUnsafe(false);
  #status: PartitionStatus = { kind: "starting" };
  /** The term that leads now. */
  #term: LeaderTerm | undefined;
  #pauseMs = TERM_PAUSE_MS_MIN;

  constructor(options: PartitionOptions) {
    this.partition = options.partition;
    this.#options = options;
  }

  readonly status = (): PartitionStatus => this.#status;

  readonly offer = (input: PartitionInput): void => {
    const { limits: { partitionInboxMax } } = this.#options;
    const name = `Partition ${this.partition}`;
    if (this.#status.kind === "stopped") return refuse(input, `${name} has stopped: ${this.#status.incident}`);
    // What nobody waits for is never refused: it would be lost.
    if ("reply" in input && this.#inbox.size >= partitionInboxMax) {
      return refuse(input, `${name} has ${partitionInboxMax} requests waiting already`);
    }
    this.#inbox.put(input);
  };

  get ready(): Effect.Effect<void> {
    return this.#isReady.await;
  }

  get drain(): Effect.Effect<void> {
    return Effect.suspend(() =>
      this.#term === undefined ? Effect.void : drained(this.#term, this.#options, (input) => this.#inbox.put(input))
    );
  }

  close(): void {
    if (this.#status.kind !== "stopped") this.#status = { kind: "stopped", incident: "this node is closing" };
    for (const input of this.#inbox.take(this.#inbox.size)) refuse(input, "This node is closing: ask again");
  }

  /** One term after the other, until something that no other term would find otherwise stops the partition. */
  lead(): Effect.Effect<never> {
    return Effect.forever(
      Effect.suspend(() => this.#lead()).pipe(
        Effect.catchTags({
          LogDamaged: (damage) => this.#stop(damage.message),
          LogFromNewerVersion: (newer) => this.#stop(newer.message),
        }),
        Effect.catch((failure) =>
          Effect.logWarning("A leader's term has ended").pipe(
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

  #lead() {
    const term = new LeaderTerm(this.#options, (input) => this.#inbox.put(input));
    let beganAtEpochMs: number | undefined;
    return term.begin().pipe(
      Effect.andThen(Effect.suspend(() => {
        beganAtEpochMs = this.#options.clock.nowEpochMs();
        this.#term = term;
        this.#status = { kind: "leading", epoch: term.memory.epoch };
        this.#isReady.openUnsafe();
        return term.serve(this.#inbox);
      })),
      Effect.onExit(() =>
        Effect.suspend(() => {
          this.#term = undefined;
          if (this.#status.kind === "leading") this.#status = { kind: "starting" };
          const lastedMs = this.#options.clock.nowEpochMs() - (beganAtEpochMs ?? Infinity);
          if (lastedMs >= GOOD_TERM_MS) this.#pauseMs = TERM_PAUSE_MS_MIN;
          return term.end(`Partition ${this.partition} changed its leader: the outcome is unknown, ask again`);
        })
      ),
    );
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
