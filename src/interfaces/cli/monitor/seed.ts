/** What the monitor is begun with: all that runs, whatever its age, and what failed last. */
import { present } from "../../../values/mod.ts";
import type { ClientPort } from "../homes.ts";
import { type Monitor, seedFailures, seedRunning } from "./model.ts";

/** Executions of one request. */
const PAGE = 500;
/** Running executions that are read; of more, the newest are known and the oldest are not. */
const RUNNING_MAX = 200_000;
const FAILURES = 100;

/** What is seeded, and who is told. */
export interface SeedOptions {
  readonly monitor: Monitor;
  readonly client: Pick<ClientPort, "listExecutions">;
  readonly workflow: string | undefined;
  /** Unix milliseconds. */
  readonly nowMs: () => number;
  readonly isClosed: () => boolean;
  /** Rows were added, whose states are to be asked for. */
  readonly onRows: (executionIds: readonly string[]) => void;
}

/** Reads page by page. Fails when the engine does not answer. */
export async function seedMonitor({ monitor, client, workflow, nowMs, isClosed, onRows }: SeedOptions): Promise<void> {
  const of = present({ workflow });
  let next: string | undefined;
  for (let read = 0; read < RUNNING_MAX && !isClosed();) {
    const found = await client.listExecutions({ ...of, status: "Running", limit: PAGE, ...present({ next }) });
    read += found.executions.length;
    onRows(seedRunning(monitor, found.executions, nowMs()));
    next = found.next;
    if (next === undefined) break;
  }
  const failed = await client.listExecutions({ ...of, status: "Failed", limit: FAILURES });
  seedFailures(monitor, failed.executions, nowMs());
}
