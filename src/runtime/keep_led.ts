/** Work that goes on for each resource of a kind, as long as this node leads it. */
import { Cause, Effect, Fiber, type Scope } from "effect";
import type { ResourceId } from "../values/mod.ts";
import type { LedResource, LedResources } from "./led_resources.ts";

/** The work for one resource. */
export interface LedWork {
  /** Goes on until it is interrupted; must stand being interrupted anywhere. */
  readonly run: Effect.Effect<void>;
  /** The resource has changed; called with changes of its own making as well. */
  readonly changed: (resource: LedResource) => void;
}

/** Begins and ends work as resources come and go, until the scope closes. What dies of a defect is logged and begun anew with the next change. */
export function keepLed(
  led: LedResources,
  kind: string,
  work: (resource: LedResource) => LedWork,
): Effect.Effect<void, never, Scope.Scope> {
  return Effect.gen(function* () {
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const kept = new Map<ResourceId, { readonly work: LedWork; readonly fiber: Fiber.Fiber<void> }>();
    const begin = (resource: LedResource) => {
      const { id } = resource;
      const one = work(resource);
      const died = (cause: Cause.Cause<never>) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.void
          : Effect.annotateLogs(Effect.logError(`The work for a ${kind} died`, cause), { resource: id });
      const fiber = runFork(Effect.catchCause(one.run, died));
      kept.set(id, { work: one, fiber });
      fiber.addObserver(() => kept.get(id)?.fiber === fiber && kept.delete(id));
    };
    const hear = (resource: LedResource) => {
      if (resource.kind !== kind) return;
      const known = kept.get(resource.id);
      try {
        if (known === undefined) begin(resource);
        else known.work.changed(resource);
      } catch (defect) {
        const logged = Effect.logError(`A ${kind} cannot be read: nothing is done for it`, defect);
        runFork(Effect.annotateLogs(logged, { resource: resource.id }));
      }
    };
    const forget = led.onChange((id, resource) => {
      if (resource !== undefined) return hear(resource);
      const known = kept.get(id);
      kept.delete(id);
      if (known !== undefined) runFork(Fiber.interrupt(known.fiber));
    });
    for (const resource of led.all(kind)) hear(resource);
    yield* Effect.addFinalizer(() => {
      forget();
      return Fiber.interruptAll([...kept.values()].map(({ fiber }) => fiber));
    });
  });
}
