/** A partition of this node: its line of inputs, and the terms in which this node leads it. */
import { Effect, type Scope } from "effect";
import { pauseFor } from "../clock.ts";
import { Inbox } from "./inbox.ts";
import { LeaderTerm } from "./leader_term.ts";
import type { PartitionInput } from "./partition_input.ts";
import type { PartitionOptions } from "./partition_options.ts";

/** Pause before leading again after a term has ended or could not begin, milliseconds. */
const TERM_PAUSE_MS = 200;
/** How long a shutdown waits for a log or store that does not answer, milliseconds: what is not written then is replayed. */
const DRAIN_MS_MAX = 10_000;

/** What a partition is doing here. */
export type PartitionStatus =
  | { readonly kind: "starting" }
  | { readonly kind: "leading"; readonly term: LeaderTerm }
  /** Nothing is decided any more until an operator has looked. */
  | { readonly kind: "stopped"; readonly incident: string };

/** One partition of this node. */
export interface Partition {
  readonly partition: number;
  readonly status: () => PartitionStatus;
  /** Puts an input in line; refuses it at once when the line is full or the partition has stopped. */
  readonly offer: (input: PartitionInput) => void;
  /** Waits until all that was taken up is durable, and writes it to the local store: for a shutdown in order. Bounded. */
  readonly drain: Effect.Effect<void>;
  readonly options: PartitionOptions;
}

/** Runs a partition until the scope closes. To close in order, {@link Partition.drain} first. */
export function runPartition(options: PartitionOptions): Effect.Effect<Partition, never, Scope.Scope> {
  return Effect.gen(function* () {
    const inbox = new Inbox();
    let status: PartitionStatus = { kind: "starting" };
    const internal = (input: PartitionInput) => inbox.put(input);
    const offer = (input: PartitionInput): void => {
      if (status.kind === "stopped") {
        return refuse(input, `Partition ${options.partition} has stopped: ${status.incident}`);
      }
      // What nobody waits for is never refused: it would be lost.
      if ("reply" in input && inbox.size >= options.limits.partitionInboxMax) {
        return refuse(
          input,
          `Partition ${options.partition} has ${options.limits.partitionInboxMax} requests waiting already`,
        );
      }
      internal(input);
    };
    const stop = (incident: string) => {
      status = { kind: "stopped", incident };
      return refuseAll(inbox, options.partition, incident);
    };
    const oneTerm = Effect.gen(function* () {
      const term = new LeaderTerm(options, internal);
      yield* term.begin().pipe(
        Effect.andThen(Effect.suspend(() => {
          status = { kind: "leading", term };
          return term.serve(inbox);
        })),
        Effect.onExit(() =>
          Effect.suspend(() => {
            if (status.kind === "leading") status = { kind: "starting" };
            return term.end(`Partition ${options.partition} changed its leader: the outcome is unknown, ask again`);
          })
        ),
      );
    });
    const terms = Effect.forever(oneTerm.pipe(
      Effect.catchTag(["LogDamaged", "LogFromNewerVersion"], (unreadable) => stop(unreadable.message)),
      Effect.catch((failure) =>
        Effect.logWarning("A leader's term has ended").pipe(
          Effect.annotateLogs({ partition: options.partition, failure: failure._tag }),
          Effect.andThen(pauseFor(options.clock, TERM_PAUSE_MS)),
        )
      ),
      Effect.catchDefect((defect) =>
        stop(defect instanceof Error ? `${defect.name}: ${defect.message}` : String(defect))
      ),
    ));
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        if (status.kind !== "stopped") status = { kind: "stopped", incident: "this node is closing" };
        for (const input of inbox.take(inbox.size)) refuse(input, "This node is closing: ask again");
      })
    );
    yield* Effect.forkScoped(terms);
    const drain = Effect.suspend(() =>
      status.kind === "leading" ? drained(status.term, options, internal) : Effect.void
    );
    return { partition: options.partition, status: () => status, offer, drain, options };
  });
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
