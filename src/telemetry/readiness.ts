import { Effect } from "effect";

/** Whether a process can answer what it is there for. */
export interface Readiness {
  readonly isReady: boolean;
  /** Why not, each a sentence; empty when it is ready. */
  readonly reasons: readonly string[];
}

/** How long whoever is asked for his reasons may take, milliseconds: no answer is a reason as well. */
const ASK_MS_MAX = 2_000;

/** Asks for reasons against readiness. Never fails, and answers within two seconds. */
export function readinessOf(reasons: Effect.Effect<readonly string[]>): Effect.Effect<Readiness> {
  return Effect.map(Effect.timeoutOption(reasons, ASK_MS_MAX), (asked) => {
    const found = asked._tag === "Some" ? asked.value : ["It was not found out in time whether it is ready"];
    return { isReady: found.length === 0, reasons: found };
  });
}
