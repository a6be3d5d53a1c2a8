/** Stops the children of a Map Run, whoever started them: they are asked for, not remembered. */
import { Effect, Option, Stream } from "effect";
import { itemCountOf } from "../../aws/mod.ts";
import type { ListedExecution, MapRunCounts, RequestRefused } from "../../runtime/mod.ts";
import { present, type Space } from "../../values/mod.ts";
import { type Answer, unlessRefused, untilAnswered } from "../engine_requests.ts";
import type { IntegrationRun } from "../port.ts";
import { endOf, noCounts } from "./progress.ts";

const PAGE = 500;
/** Asked to stop at once. */
const STOPPING_MAX = 64;

/** Stops every child that still runs; ends when none does. Nothing may start children meanwhile. */
export function stopChildren(
  { engine, registry, commands }: Pick<IntegrationRun, "engine" | "registry" | "commands">,
  space: Space,
  mapRun: string,
): Answer<void> {
  const stop = ({ executionId }: ListedExecution) =>
    Effect.andThen(
      unlessRefused(
        ["InvalidStatus", "NotFound"],
        commands.untilDone(() => engine.cancelExecution({ ...space, executionId })),
      ),
      untilAnswered(() => registry.awaitDetail({ ...space, executionId })),
    );
  return Stream.runForEach(pagesOf(registry, space, mapRun), (page) => {
    const running = page.filter(({ endedAt }) => endedAt === undefined);
    return Effect.forEach(running, stop, { concurrency: STOPPING_MAX, discard: true });
  });
}

/**
 * The executions of a Map Run by how they ended, and their items, counted anew.
 *
 * @param itemTotal all items, as far as they have been read: those that no execution has are pending
 */
export function countChildren(
  { registry }: Pick<IntegrationRun, "registry">,
  space: Space,
  mapRun: string,
  itemTotal: number,
): Answer<{ readonly executionCounts: MapRunCounts; readonly itemCounts: MapRunCounts }> {
  return Effect.suspend(() => {
    const executionCounts = { ...noCounts };
    const itemCounts = { ...noCounts };
    const count = (detail: ListedExecution) => {
      const how = detail.endedAt === undefined ? "running" : endOf(detail);
      const items = itemCountOf(detail);
      executionCounts[how] += 1;
      executionCounts.total += 1;
      itemCounts[how] += items;
      itemCounts.total += items;
    };
    const counted = Stream.runForEach(
      pagesOf(registry, space, mapRun),
      (page) => Effect.sync(() => page.forEach(count)),
    );
    return Effect.map(counted, () => {
      itemCounts.pending = Math.max(0, itemTotal - itemCounts.total);
      itemCounts.total += itemCounts.pending;
      return { executionCounts, itemCounts };
    });
  });
}

/** All children, newest first. */
function pagesOf(
  registry: IntegrationRun["registry"],
  space: Space,
  mapRun: string,
): Stream.Stream<readonly ListedExecution[], RequestRefused> {
  const first: string | undefined = undefined;
  return Stream.paginate<string | undefined, readonly ListedExecution[], RequestRefused>(first, (next) => {
    const asked = { ...space, of: { mapRun }, fits: () => true, limit: PAGE, ...present({ next }) };
    return Effect.map(
      untilAnswered(() => registry.listDetails(asked)),
      (page) => [[page.executions], Option.fromUndefinedOr(page.next)],
    );
  });
}
