/** Lists: what the local store has, with what memory knows better. */
import { Effect, Result } from "effect";
import { type ExecutionActors, restoredActors } from "../../actors/mod.ts";
import { type ExecutionId, parseExecutionId, present, type Space } from "../values/mod.ts";
import type { ExecutionSummary, ListExecutionsRequest, Page, RequestRefused } from "./engine.ts";
import { summarize } from "./partition/hot_execution.ts";
import type { Partition } from "./partition/partition.ts";
import { checked, checkInstant, checkLimit, checkSpace, refused } from "./requests.ts";

/** Executions read from the store at a time. */
const STORE_PAGE = 200;
const indexIncomplete = "This node's store is being completed from the log: ask again";
/** Executions looked at for one page: a filter that matches next to nothing is answered in parts. */
const LOOKED_AT_MAX = 20_000;
const placePattern = /^[0-9a-f]{16}-[0-9a-f]{7}$/;

interface Found<T> {
  /** `{hlc16}-{hash7}`: sorts by start. */
  readonly place: string;
  readonly summary: T;
}

/** What is shown of an execution, and which ones are. */
interface Listing<T> {
  readonly show: (actors: ExecutionActors) => T;
  readonly matches: (summary: T) => boolean;
  /** None that was started before can match: a place, or the beginning of one. */
  readonly notBefore?: string;
}

type Answer<T> = Effect.Effect<T, RequestRefused>;

/** A page of a space's executions, newest first. */
export function listExecutions(
  partitions: readonly Partition[],
  { workflow, status, startedAfter, mapRun, ...rest }: ListExecutionsRequest,
): Answer<{ readonly executions: readonly ExecutionSummary[]; readonly next?: string }> {
  return checked(
    startedAfter === undefined ? Result.succeed(-Infinity) : checkInstant("startedAfter", startedAfter),
    (after) =>
      listMatching(partitions, rest, {
        show: summarize,
        matches: (summary) =>
          summary.mapRun === mapRun &&
          (workflow === undefined || summary.workflow === workflow) &&
          (status === undefined || summary.status === status) &&
          Date.parse(summary.startedAt) > after,
      }),
  );
}

/** A page of what a listing shows, newest first. */
export function listMatching<T>(
  partitions: readonly Partition[],
  { limit, next, ...rest }: Space & Page,
  listing: Listing<T>,
): Answer<{ readonly executions: readonly T[]; readonly next?: string }> {
  if (next !== undefined && !placePattern.test(next)) {
    return Effect.fail(refused("InvalidArgument", `Expected "next" as an earlier page gave it, but got "${next}"`));
  }
  return checked(
    checkSpace(rest),
    (space) =>
      checked(checkLimit(limit), (size) =>
        Effect.map(
          Effect.forEach(partitions, (partition) => pageOf(partition, space, next, size, listing)),
          (pages) => {
            const found = pages.flatMap((page) => page.found).sort((a, b) => (a.place < b.place ? 1 : -1));
            // Behind a partition that was not looked through to its end nothing can be told yet.
            const horizon = pages.reduce((latest, { lookedUntil }) => lookedUntil > latest ? lookedUntil : latest, "");
            const complete = found.filter(({ place }) => place >= horizon);
            const page = complete.slice(0, size);
            const last = complete.length > size ? page.at(-1)?.place : horizon === "" ? undefined : horizon;
            return { executions: page.map(({ summary }) => summary), ...present({ next: last }) };
          },
        )),
  );
}

/** One partition's newest matches before `next`; `lookedUntil` is "" when there are no more executions behind. */
function pageOf<T>(
  partition: Partition,
  space: Space,
  next: string | undefined,
  size: number,
  { show, matches, notBefore = "" }: Listing<T>,
): Answer<{ readonly found: readonly Found<T>[]; readonly lookedUntil: string }> {
  return Effect.gen(function* () {
    const status = partition.status();
    if (status.kind !== "leading") return yield* Effect.fail(unavailable(partition));
    if (!status.term.isIndexComplete) return yield* Effect.fail(refused("Unavailable", indexIncomplete));
    const hots = [...status.term.memory.hot.values()];
    // One that is to be built anew shows nothing that can be believed.
    if (hots.some(({ isSuspect }) => isSuspect)) return yield* Effect.fail(unavailable(partition));
    const hot = hotOnes(hots, space, show);
    const found = new Map<string, Found<T>>();
    let before = next;
    for (let lookedAt = 0;;) {
      const page = yield* Effect.mapError(
        partition.options.store.listExecutions(space, before, STORE_PAGE),
        () => unavailable(partition),
      );
      for (const { place, kept } of page) {
        const actors = hot.has(place) ? Result.fail(undefined) : restoredActors(kept.actors);
        if (Result.isFailure(actors)) continue;
        const one = { place, summary: show(actors.success) };
        if (matches(one.summary)) found.set(place, one);
      }
      lookedAt += page.length;
      before = page.at(-1)?.place ?? before;
      const isLast = page.length < STORE_PAGE || (before !== undefined && before < notBefore);
      if (!isLast && found.size <= size && lookedAt < LOOKED_AT_MAX) continue;
      const lookedUntil = isLast ? "" : before ?? "";
      for (const one of hot.values()) {
        if ((next === undefined || one.place < next) && one.place >= lookedUntil && matches(one.summary)) {
          found.set(one.place, one);
        }
      }
      yield* durable(partition, status.term);
      return { found: [...found.values()], lookedUntil };
    }
  });
}

function hotOnes<T>(
  hots: Iterable<{ readonly id: ExecutionId; readonly actors: ExecutionActors }>,
  space: Space,
  show: (actors: ExecutionActors) => T,
): ReadonlyMap<string, Found<T>> {
  const found = new Map<string, Found<T>>();
  for (const { id, actors } of hots) {
    const parts = parseExecutionId(id);
    if (parts?.tenant !== space.tenant || parts.namespace !== space.namespace || actors.eventCount === 0) continue;
    const place = `${parts.hlc}-${parts.hash}`;
    found.set(place, { place, summary: show(actors) });
  }
  return found;
}

/** Waits until all that was read of this term's memory is durable: a list must not speak of what might still be lost. */
function durable(partition: Partition, term: unknown): Answer<void> {
  return Effect.callback<void, RequestRefused>((resume) =>
    partition.offer({
      kind: "barrier",
      reply: {
        succeed: () => {
          const status = partition.status();
          const isStill = status.kind === "leading" && status.term === term;
          resume(isStill ? Effect.void : Effect.fail(unavailable(partition)));
        },
        refuse: ({ code, message }) => resume(Effect.fail(refused(code, message))),
      },
    })
  );
}

function unavailable({ partition }: Partition): RequestRefused {
  return refused("Unavailable", `Partition ${partition} is not led here at the moment: ask again`);
}
