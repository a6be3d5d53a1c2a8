/** Stops the children of a Map Run, whoever started them: they are asked for, not remembered. */
import { itemCountOf } from "../../aws/mod.ts";
import type { ExecutionDetail } from "../../runtime/mod.ts";
import { present, type Space } from "../../values/mod.ts";
import type { IntegrationRun } from "../port.ts";
import { ask, askPatiently, askUnless } from "./asking.ts";
import { endOf, noCounts } from "./progress.ts";
import type { MapRunCounts } from "../../runtime/mod.ts";

const PAGE = 500;
/** Asked to stop at once. */
const STOPPING_MAX = 64;

/** Stops every child that still runs; resolves when none does. Nothing may start children meanwhile. */
export async function stopChildren(
  { engine, registry }: Pick<IntegrationRun, "engine" | "registry">,
  space: Space,
  mapRun: string,
  signal: AbortSignal,
): Promise<void> {
  for await (const page of pagesOf({ registry }, space, mapRun, signal)) {
    const running = page.filter(({ endedAt }) => endedAt === undefined);
    for (let from = 0; from < running.length; from += STOPPING_MAX) {
      await Promise.all(
        running.slice(from, from + STOPPING_MAX).map(async ({ executionId }) => {
          await askUnless(
            ["InvalidStatus", "NotFound"],
            () => engine.cancelExecution({ ...space, executionId }),
            signal,
          );
          await askPatiently(() => registry.awaitDetail({ ...space, executionId }), signal);
        }),
      );
    }
  }
}

/**
 * The executions of a Map Run by how they ended, and their items, counted anew.
 *
 * @param itemTotal all items, as far as they have been read: those that no execution has are pending
 */
export async function countChildren(
  run: Pick<IntegrationRun, "registry">,
  space: Space,
  mapRun: string,
  itemTotal: number,
  signal: AbortSignal,
): Promise<{ readonly executionCounts: MapRunCounts; readonly itemCounts: MapRunCounts }> {
  const executionCounts = { ...noCounts };
  const itemCounts = { ...noCounts };
  for await (const page of pagesOf(run, space, mapRun, signal)) {
    for (const detail of page) {
      const how = detail.endedAt === undefined ? "running" : endOf(detail);
      const items = itemCountOf(detail);
      executionCounts[how] += 1;
      executionCounts.total += 1;
      itemCounts[how] += items;
      itemCounts.total += items;
    }
  }
  itemCounts.pending = Math.max(0, itemTotal - itemCounts.total);
  itemCounts.total += itemCounts.pending;
  return { executionCounts, itemCounts };
}

/** All children, newest first. */
async function* pagesOf(
  { registry }: Pick<IntegrationRun, "registry">,
  space: Space,
  mapRun: string,
  signal: AbortSignal,
): AsyncGenerator<readonly ExecutionDetail[], void> {
  let next: string | undefined;
  do {
    const after = present({ next });
    const page = await ask(
      () => registry.listDetails({ ...space, of: { mapRun }, fits: () => true, limit: PAGE, ...after }),
      signal,
    );
    yield page.executions;
    next = page.next;
  } while (next !== undefined);
}
