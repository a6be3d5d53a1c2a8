import type { Stage } from "../run_faults.ts";
import { WeftError } from "../../../src/sdk/mod.ts";

const READERS = 16;

/** Describes everything that was acknowledged, again and again until it is over; any connection. */
export async function readBackAll(
  { ledger, load }: Stage,
  isOver: () => boolean,
): Promise<{ readonly reads: number; readonly notFound: number }> {
  let reads = 0;
  let notFound = 0;
  await Promise.all(
    load.clients.flatMap((client, index) =>
      Array.from({ length: READERS / load.clients.length }, async () => {
        while (!isOver()) {
          for (const { executionId } of ledger.entries) {
            if (isOver()) return;
            if (executionId === undefined) continue;
            const askedAtEpochMs = Date.now();
            try {
              ledger.read(executionId, askedAtEpochMs, await client.describe(executionId), `connection ${index}`);
            } catch (failure) {
              if (!(failure instanceof WeftError)) throw failure;
              if (failure.code === "NotFound") notFound++;
              if (!failure.isOutcomeUnknown) {
                ledger.read(executionId, askedAtEpochMs, failure.code, `connection ${index}`);
              }
            }
            reads++;
          }
        }
      })
    ),
  );
  return { reads, notFound };
}
