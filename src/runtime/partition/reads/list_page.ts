/** A page of executions: what the index in the store has, with what memory knows better. */
import { Effect, Result } from "effect";
import type { StorageUnavailable } from "../../../storage/port.ts";
import type { ExecutionId, Space } from "../../../values/mod.ts";
import type { HotExecution } from "../hot_execution.ts";
import { spaceOf } from "../hot_execution.ts";
import { type ListedExecution, listedExecution } from "../store/listed_execution.ts";
import type { ListInput, ListPage } from "../partition_input.ts";
import { passes } from "./list_filter.ts";
import type { PartitionStore } from "../store/partition_store.ts";
import { executionPlace } from "../store/store_keys.ts";

/** Executions read from the index at a time. */
const STORE_PAGE = 200;
/** Executions looked at for one page: a filter that matches next to nothing is answered in parts. */
const LOOKED_AT_MAX = 20_000;

/** Executions of a space in memory, by their places in the index. */
export type HotListing = ReadonlyMap<string, ListedExecution>;

/** What memory has of a space, as it stands now. Fails with one that is to be built anew: it shows nothing that can be believed. */
export function hotListing(hots: Iterable<HotExecution>, space: Space): Result.Result<HotListing, ExecutionId> {
  const listed = new Map<string, ListedExecution>();
  for (const { id, actors, isSuspect } of hots) {
    const { tenant, namespace } = spaceOf(id);
    if (tenant !== space.tenant || namespace !== space.namespace) continue;
    if (isSuspect) return Result.fail(id);
    if (actors.eventCount > 0) listed.set(placeOf(id), listedExecution(actors.execution));
  }
  return Result.succeed(listed);
}

/** To be read when all that `hot` shows is durable. */
export function listPage(
  store: PartitionStore,
  { space, before, limit, wanted }: Pick<ListInput, "space" | "before" | "limit" | "wanted">,
  hot: HotListing,
): Effect.Effect<ListPage, StorageUnavailable> {
  const { statuses, filter, notBefore = "" } = wanted;
  const isWanted = (execution: ListedExecution) =>
    (statuses === undefined || statuses.includes(execution.status)) && passes(filter, execution);
  return Effect.gen(function* () {
    const found = new Map<string, ListedExecution>();
    let last = before;
    for (let lookedAt = 0;;) {
      const page = yield* store.listExecutions(space, last, STORE_PAGE, statuses);
      for (const { place, execution } of page) {
        if (execution !== undefined && !hot.has(place) && isWanted(execution)) found.set(place, execution);
      }
      lookedAt += page.length;
      last = page.at(-1)?.place ?? last;
      const isLast = page.length < STORE_PAGE || (last !== undefined && last < notBefore);
      if (!isLast && found.size <= limit && lookedAt < LOOKED_AT_MAX) continue;
      const lookedUntil = isLast ? "" : last ?? "";
      for (const [place, execution] of hot) {
        if ((before === undefined || place < before) && place >= lookedUntil && isWanted(execution)) {
          found.set(place, execution);
        }
      }
      return { found: [...found].map(([place, execution]) => ({ place, execution })), lookedUntil };
    }
  });
}

function placeOf(id: ExecutionId): string {
  const place = executionPlace(id);
  return place.slice(place.lastIndexOf("/") + 1);
}
