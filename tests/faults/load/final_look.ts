/** Reads all that there is to be found when a run is over. */
import { type WeftClient, WeftError } from "../../../src/sdk/mod.ts";
import type { HistoryEvent } from "../../../src/runtime/mod.ts";
import type { Findings } from "../checks/checker.ts";
import type { Found, Ledger } from "../checks/ledger.ts";
import { workloadNames } from "./workloads.ts";

const READERS = 32;
const PAGE_EVENTS = 1_000;
const PAGE_EXECUTIONS = 1_000;

/** Every execution that was acknowledged or whose tasks were seen, described and with its history; and all lists. */
export async function lookAtAll(clients: readonly WeftClient[], ledger: Ledger): Promise<Findings> {
  const acknowledged = [...ledger.entries].flatMap(({ executionId }) => executionId === undefined ? [] : [executionId]);
  const ids = [...new Set([...acknowledged, ...ledger.completions.keys()])];
  const found = new Map<string, Found>();
  let next = 0;
  await Promise.all(Array.from({ length: READERS }, async (_, reader) => {
    const client = clients[reader % clients.length];
    for (let id = ids[next++]; client !== undefined && id !== undefined; id = ids[next++]) {
      found.set(id, await lookAt(client, id));
    }
  }));
  const [client] = clients;
  return client === undefined ? { found } : { found, listed: await listAll(client) };
}

async function lookAt(client: WeftClient, executionId: string): Promise<Found> {
  const history: HistoryEvent[] = [];
  try {
    const described = await client.describe(executionId);
    for await (const event of client.history(executionId, { limit: PAGE_EVENTS })) history.push(event);
    return { described, history };
  } catch (failure) {
    if (!(failure instanceof WeftError)) throw failure;
    return { described: failure.code === "NotFound" ? "NotFound" : "unanswered", history };
  }
}

async function listAll(client: WeftClient): Promise<ReadonlySet<string>> {
  const listed = new Set<string>();
  for (const workflow of workloadNames) {
    for await (const { executionId } of client.list({ workflow, limit: PAGE_EXECUTIONS })) listed.add(executionId);
  }
  return listed;
}
