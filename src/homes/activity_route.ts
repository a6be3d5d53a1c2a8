import type { Context } from "effect";
import { type ActivityTaskQueue, isActivity } from "../interfaces/http_api/mod.ts";
import type { TaskDispatcher } from "../tasks/mod.ts";

type Dispatcher = Context.Service.Shape<typeof TaskDispatcher>;

/**
 * Sends tasks of activities to the queue that their workers ask, all others on as before.
 *
 * @param isServed true for resources that `dispatcher` does itself, whatever they look like
 */
export function routeActivities(
  dispatcher: Dispatcher,
  queue: ActivityTaskQueue,
  isServed: (resource: string) => boolean,
): Dispatcher {
  const isQueued = (resource: string) => isActivity(resource) && !isServed(resource);
  return {
    dispatch: (tasks) => {
      const others = tasks.filter(({ resource }) => !isQueued(resource));
      for (const task of tasks) if (isQueued(task.resource)) queue.offer(task);
      if (others.length > 0) dispatcher.dispatch(others);
    },
    retract: (tasks) => {
      for (const task of tasks) if (isQueued(task.resource)) queue.retract(task);
      dispatcher.retract(tasks.filter(({ resource }) => !isQueued(resource)));
    },
    onLost: dispatcher.onLost,
  };
}
