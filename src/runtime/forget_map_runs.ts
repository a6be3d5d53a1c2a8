import { Effect } from "effect";
import { type ExecutionId, present, type Space } from "../values/mod.ts";
import { executionStatuses } from "../protocol/mod.ts";
import type { RequestRefused } from "./engine.ts";
import { MapRuns } from "./map_runs.ts";
import type { Registry } from "./registry.ts";

const PAGE = 500;
const AT_ONCE = 32;

type Deleted = (request: Space & { readonly executionId: string }) => Effect.Effect<unknown, RequestRefused>;

/**
 * Deletes what the Map Runs of an ended execution have left: their children, and what those have left, then the records. Before the
 * execution itself is deleted: who was interrupted in between asks again, and finds the rest.
 *
 * @param deleteExecution for one child
 */
export function forgetMapRuns(
  registry: Registry,
  deleteExecution: Deleted,
  { executionId, ...space }: Space & { readonly executionId: string },
): Effect.Effect<void, RequestRefused> {
  const runs = new MapRuns(registry);
  return Effect.gen(function* () {
    const found = yield* runs.list(space, executionId);
    if (found.length === 0) return;
    const { endedAt } = yield* registry.executionById({ ...space, executionId });
    // One that runs is not deleted: whoever is asked next says so.
    if (endedAt === undefined) return;
    for (const { id } of found) {
      let next: string | undefined;
      do {
        const after = present({ next });
        const page = yield* registry.listDetails({
          ...space,
          of: { mapRun: id },
          statuses: thoseThere,
          limit: PAGE,
          ...after,
        });
        yield* Effect.forEach(page.executions, (child) => forgetChild(registry, deleteExecution, space, child), {
          concurrency: AT_ONCE,
          discard: true,
        });
        next = page.next;
      } while (next !== undefined);
      yield* runs.forget(space, id);
    }
  });
}

const thoseThere = executionStatuses.filter((status) => status !== "Deleting");

function forgetChild(
  registry: Registry,
  deleteExecution: Deleted,
  space: Space,
  { executionId }: { readonly executionId: ExecutionId },
): Effect.Effect<void, RequestRefused> {
  return Effect.gen(function* () {
    yield* forgetMapRuns(registry, deleteExecution, { ...space, executionId });
    yield* deleteExecution({ ...space, executionId });
  });
}
