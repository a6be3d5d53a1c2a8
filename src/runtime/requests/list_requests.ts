/** Lists of executions: a page of each partition, put together. */
import { Effect } from "effect";
import type { ExecutionSummary, ListExecutionsRequest, Page, RequestRefused } from "../engine.ts";
import { summarize } from "../partition/hot_execution.ts";
import type { Listing, ListPage } from "../partition/partition_input.ts";
import type { ListDetailsRequest, ListedExecution } from "../registry.ts";
import { asString, present, type Space, timestamp } from "../../values/mod.ts";
import { checkInstant, checkLimit, checkSpace, refused } from "./checks.ts";
import { childrenNotBefore } from "./children_not_before.ts";
import type { PartitionHomes } from "./partition_homes.ts";

function instant(field: string, text: string | undefined): Effect.Effect<number | undefined, RequestRefused> {
  return text === undefined ? Effect.succeed(undefined) : Effect.fromResult(checkInstant(field, text));
}

/** Places in the index begin with the start, to the second. */
function placeAt(epochMs: number): string {
  return asString(timestamp(Math.min(Math.max(0, Math.floor(epochMs / 1_000)), 0xffff_ffff), 0));
}

/** Behind all that began at this time. */
function placeBehind(epochMs: number): string {
  return `${placeAt(epochMs + 1_000)}-0000000`;
}

const placePattern = /^[0-9a-f]{16}-[0-9a-f]{7}$/;

type Answer<T> = Effect.Effect<T, RequestRefused>;

/** Lists executions, newest first. */
export class ListRequests {
  readonly #homes: PartitionHomes;

  constructor(homes: PartitionHomes) {
    this.#homes = homes;
  }

  /** As the engine's own surfaces list them. */
  list(
    { workflow, status, mapRun, startedAfter, startedBefore, timedOut, key, error, text, ...rest }:
      ListExecutionsRequest,
  ): Answer<{ readonly executions: readonly ExecutionSummary[]; readonly next?: string }> {
    return Effect.gen({ self: this }, function* () {
      const startedAfterEpochMs = yield* instant("startedAfter", startedAfter);
      const startedBeforeEpochMs = yield* instant("startedBefore", startedBefore);
      const filter = present({
        workflow,
        startedAfterEpochMs,
        startedBeforeEpochMs,
        key,
        hasTimedOut: timedOut,
        errorHas: error?.toLowerCase(),
        text: text?.toLowerCase(),
      });
      const next = rest.next ?? (startedBeforeEpochMs === undefined ? undefined : placeBehind(startedBeforeEpochMs));
      const page = yield* this.#page({ ...rest, ...present({ next }) }, {
        ...present({
          statuses: status === undefined ? undefined : [status],
          notBefore: startedAfterEpochMs === undefined ? undefined : placeAt(startedAfterEpochMs),
        }),
        filter: { mapRun: mapRun ?? null, ...filter },
      });
      return { executions: page.executions.map(summarize), ...present({ next: page.next }) };
    });
  }

  /** As surfaces that translate another API list them. */
  details(
    { of, filter = {}, statuses, notBefore, ...request }: ListDetailsRequest,
  ): Answer<{ readonly executions: readonly ListedExecution[]; readonly next?: string }> {
    const isChildren = of !== "all" && "mapRun" in of;
    const parent = isChildren ? of : { mapRun: null, ...(of === "all" ? {} : of) };
    return this.#page(request, {
      filter: { ...filter, ...parent },
      ...present({ statuses, notBefore }),
      ...(isChildren ? childrenNotBefore(request, of.mapRun) : {}),
    });
  }

  #page(
    { limit, next, ...rest }: Space & Page,
    wanted: Listing,
  ): Answer<{ readonly executions: readonly ListedExecution[]; readonly next?: string }> {
    return Effect.gen({ self: this }, function* () {
      if (next !== undefined && !placePattern.test(next)) {
        const message = `Expected "next" as an earlier page gave it, but got "${next}"`;
        return yield* Effect.fail(refused("InvalidArgument", message));
      }
      const space = yield* Effect.fromResult(checkSpace(rest));
      const size = yield* Effect.fromResult(checkLimit(limit));
      const pages = yield* Effect.forEach(
        this.#homes.all,
        (partition) =>
          this.#homes.askAt<ListPage>(
            partition,
            (reply) => ({ kind: "list", space, before: next, limit: size, wanted, reply }),
          ),
        { concurrency: "unbounded" },
      );
      const found = pages.flatMap((page) => page.found).sort((a, b) => (a.place < b.place ? 1 : -1));
      // Behind a partition that was not looked through to its end nothing can be told yet.
      const horizon = pages.reduce((latest, { lookedUntil }) => lookedUntil > latest ? lookedUntil : latest, "");
      const complete = found.filter(({ place }) => place >= horizon);
      const page = complete.slice(0, size);
      const last = complete.length > size ? page.at(-1)?.place : horizon === "" ? undefined : horizon;
      return { executions: page.map(({ execution }) => execution), ...present({ next: last }) };
    });
  }
}
