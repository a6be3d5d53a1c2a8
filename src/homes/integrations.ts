/** Which tasks a home does by itself, and with what. */
import { Effect, type Scope } from "effect";
import { type Integration, IntegrationRunner } from "../integrations/mod.ts";
import { defaultLimits } from "../values/mod.ts";

/** What the integrations of a home are set up with; what is absent is not there. */
export interface IntegrationSettings {
  /** Further ones, asked first. */
  readonly own?: readonly Integration[];
}

/** The integrations' runner; what it has in hand is aborted when the scope closes. To be started with the node, once that runs. */
export function startIntegrations(
  settings: IntegrationSettings = {},
): Effect.Effect<IntegrationRunner, never, Scope.Scope> {
  return Effect.gen(function* () {
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const runner = new IntegrationRunner(integrationsOf(settings), {
      limits: defaultLimits,
      log: (entry) => void runFork(entry),
    });
    yield* Effect.addFinalizer(() => Effect.sync(() => runner.stop()));
    return runner;
  });
}

function integrationsOf({ own = [] }: IntegrationSettings): readonly Integration[] {
  return [...own];
}
