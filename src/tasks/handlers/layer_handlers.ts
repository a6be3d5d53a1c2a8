import { Deferred, Effect, Layer } from "effect";
import { defaultLimits } from "../../values/mod.ts";
import { TaskDispatcher, type TaskHandler } from "../mod.ts";
import { type InProcessOptions, InProcessWorker, type TaskOutcomes } from "./in_process_worker.ts";

/**
 * Tasks done in the engine's own process, each by the handler that has its resource's name.
 *
 * The engine needs the dispatcher and the handlers need the engine, so the engine comes late: complete `engine` with it once it
 * runs; tasks that are dispatched before wait. A task without a handler fails with `Weft.NoHandler`. What happens in the
 * handlers never happens within a call of the engine's. When the scope closes, running handlers are aborted and their tasks stay
 * open: the engine dispatches them again when it is started the next time.
 *
 * @param handlers by the `Resource` of the Task state
 */
export function layerHandlers(
  handlers: Readonly<Record<string, TaskHandler>>,
  engine: Deferred.Deferred<TaskOutcomes>,
  options: Partial<Omit<InProcessOptions, "runFork">> = {},
): Layer.Layer<TaskDispatcher> {
  const make = Effect.gen(function* () {
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const worker = new InProcessWorker(handlers, {
      limits: defaultLimits,
      ...options,
      runFork,
    });
    yield* Effect.addFinalizer(() => Effect.sync(() => worker.stop()));
    yield* Effect.forkScoped(Effect.map(Deferred.await(engine), (outcomes) => worker.start(outcomes)));
    return {
      dispatch: (tasks: Parameters<InProcessWorker["dispatch"]>[0]) => worker.dispatch(tasks),
      retract: (tasks: readonly { readonly taskId: Parameters<InProcessWorker["retract"]>[0] }[]) => {
        for (const { taskId } of tasks) worker.retract(taskId);
      },
      backlog: () => worker.backlog(),
      onLost: () => Effect.void, // what is dispatched is in this process or nowhere
    };
  });
  return Layer.effect(TaskDispatcher, make);
}
