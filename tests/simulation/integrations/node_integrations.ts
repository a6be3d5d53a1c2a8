/** The integrations that a simulated node has beside its partitions: the real runner, by the node's own clock and scheduler. */
import { Effect, type Scope } from "effect";
import { IntegrationRunner, MapRunIntegration, NestedIntegration } from "../../../src/integrations/mod.ts";
import type { WeftNode } from "../../../src/runtime/mod.ts";
import type { TaskDispatcher, TaskMessage } from "../../../src/tasks/port.ts";
import { defaultLimits } from "../../../src/values/mod.ts";
import type { SimNode } from "../world/sim_node.ts";

type Dispatcher = TaskDispatcher["Service"];

export class NodeIntegrations {
  readonly #runners = new Map<SimNode, IntegrationRunner>();
  readonly #onDispatched: (message: TaskMessage) => void;

  /** @param onDispatched an engine hands a task out that its own node does */
  constructor(onDispatched: (message: TaskMessage) => void) {
    this.#onDispatched = onDispatched;
  }

  /** Those of one node, for as long as it lives. */
  beside(node: SimNode): Effect.Effect<(running: WeftNode) => void, never, Scope.Scope> {
    const integrations = [new MapRunIntegration({ limits: defaultLimits }), new NestedIntegration()];
    return Effect.map(
      IntegrationRunner.make(integrations, { limits: defaultLimits, clock: node.clock }),
      (runner) => {
        this.#runners.set(node, runner);
        return (running) => runner.start(running);
      },
    );
  }

  /** The node's tasks go to its integrations where these do them, else to `workers`. */
  dispatcher(node: SimNode, workers: Dispatcher): Dispatcher {
    const runner = () => this.#runners.get(node);
    return {
      dispatch: (tasks) => {
        const own = tasks.filter(({ resource }) => runner()?.handles(resource) === true);
        for (const task of own) this.#onDispatched(task);
        runner()?.dispatch(own);
        workers.dispatch(tasks.filter((task) => !own.includes(task)));
      },
      retract: (tasks) => {
        for (const { taskId } of tasks) runner()?.retract(taskId);
        workers.retract(tasks);
      },
      onLost: workers.onLost,
    };
  }
}
