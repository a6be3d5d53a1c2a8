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
const RECOUNT_MS = 250;
const RECOUNTS_MAX = 20;

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

/** The executions of a Map Run, and their items, by how they ended. */
export interface ChildrenCounts {
  readonly executionCounts: MapRunCounts;
  readonly itemCounts: MapRunCounts;
}

/**
 * The executions of a Map Run by how they ended, and their items, counted anew. Only when none runs any more.
 *
 * A leader that does not know yet that it is none may show one that has ended as running, or lack one: it is counted again then, for a
 * few seconds.
 *
 * @param known what was counted before: all items, as far as they have been read, of which those that no execution has are pending
 */
export function countChildren(
  { registry }: Pick<IntegrationRun, "registry">,
  space: Space,
  mapRun: string,
  known: { readonly itemTotal: number; readonly executionTotal: number },
): Answer<ChildrenCounts> {
  const counted = Effect.suspend(() => {
    const counts = new Counting();
    const pages = Stream.runForEach(pagesOf(registry, space, mapRun), (page) => Effect.sync(() => counts.add(page)));
    return Effect.map(pages, () => counts.of(known.itemTotal));
  });
  const isComplete = ({ executionCounts: { running, total } }: ChildrenCounts) =>
    running === 0 && total >= known.executionTotal;
  const countedWithin = (retries: number): Answer<ChildrenCounts> =>
    Effect.flatMap(
      counted,
      (counts) =>
        isComplete(counts) || retries === 0
          ? Effect.succeed(counts)
          : Effect.delay(Effect.suspend(() => countedWithin(retries - 1)), RECOUNT_MS),
    );
  return countedWithin(RECOUNTS_MAX);
}

class Counting {
  readonly #executions = { ...noCounts };
  readonly #items = { ...noCounts };

  add(page: readonly ListedExecution[]): void {
    for (const detail of page) {
      const how = detail.endedAt === undefined ? "running" : endOf(detail);
      const items = itemCountOf(detail);
      this.#executions[how] += 1;
      this.#executions.total += 1;
      this.#items[how] += items;
      this.#items.total += items;
    }
  }

  of(itemTotal: number): ChildrenCounts {
    const pending = Math.max(0, itemTotal - this.#items.total);
    return {
      executionCounts: this.#executions,
      itemCounts: { ...this.#items, pending, total: this.#items.total + pending },
    };
  }
}

/** All children, newest first. */
function pagesOf(
  registry: IntegrationRun["registry"],
  space: Space,
  mapRun: string,
): Stream.Stream<readonly ListedExecution[], RequestRefused> {
  const first: string | undefined = undefined;
  return Stream.paginate<string | undefined, readonly ListedExecution[], RequestRefused>(first, (next) => {
    const asked = { ...space, of: { mapRun }, limit: PAGE, ...present({ next }) };
    return Effect.map(
      untilAnswered(() => registry.listDetails(asked)),
      (page) => [[page.executions], Option.fromUndefinedOr(page.next)],
    );
  });
}
