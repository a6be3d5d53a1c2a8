/** Lists of executions: a page of each partition, put together. */
import { Effect } from "effect";
import type { ExecutionSummary, ListExecutionsRequest, Page, RequestRefused } from "../engine.ts";
import { summarize } from "../partition/hot_execution.ts";
import type { Listing, ListPage } from "../partition/partition_input.ts";
import type { ListDetailsRequest, ListedExecution } from "../registry.ts";
import { present, type Space } from "../../values/mod.ts";
import { checkInstant, checkLimit, checkSpace, refused } from "./checks.ts";
import { childrenNotBefore } from "./children_not_before.ts";
import type { PartitionHomes } from "./partition_homes.ts";

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
    { workflow, status, startedAfter, mapRun, ...rest }: ListExecutionsRequest,
  ): Answer<{ readonly executions: readonly ExecutionSummary[]; readonly next?: string }> {
    return Effect.gen({ self: this }, function* () {
      const startedAfterEpochMs = startedAfter === undefined
        ? undefined
        : yield* Effect.fromResult(checkInstant("startedAfter", startedAfter));
      const { executions, next } = yield* this.#page(rest, {
        ...present({ statuses: status === undefined ? undefined : [status] }),
        filter: { mapRun: mapRun ?? null, ...present({ workflow, startedAfterEpochMs }) },
      });
      return { executions: executions.map(summarize), ...present({ next }) };
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
