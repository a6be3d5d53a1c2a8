import type { Context } from "effect";
import type { IntegrationRunner } from "../integrations/mod.ts";
import { type ActivityTaskQueue, isActivity } from "../aws/mod.ts";
import type { TaskDispatcher, TaskMessage } from "../tasks/mod.ts";

type Dispatcher = Context.Service.Shape<typeof TaskDispatcher>;

/** Who does which tasks; the first that takes a resource has it. */
export interface TaskRoute {
  /** True for resources that `workers` do themselves, whatever they look like: an embedded home's handlers. */
  readonly isServed?: (resource: string) => boolean;
  /** Asked first, where there is a mock configuration; its tasks are done by `runner`. */
  readonly mocks?: {
    /** Says, at once or later, whether a task is mocked; never when the node stops or the execution is gone. */
    readonly whether: (task: TaskMessage, then: (isMocked: boolean) => void) => void;
    readonly runner: IntegrationRunner;
  } | undefined;
  /** The task as the worker gets it that the mapping file names for its resource; `undefined` for other resources. */
  readonly forWorker?: (task: TaskMessage) => TaskMessage | undefined;
  /** Tasks that this node does by itself. */
  readonly integrations: IntegrationRunner;
  /** Tasks of activities, for workers that ask by the AWS API; absent: they go to `workers` by the activity's ARN. */
  readonly activities?: ActivityTaskQueue;
  /** Everything else. */
  readonly workers: Dispatcher;
}

/** Sends each task to whoever does it. */
export function routeTasks({ mocks, ...route }: TaskRoute): Dispatcher {
  const unmocked = routeUnmocked(route);
  if (mocks === undefined) return unmocked;
  const { whether, runner } = mocks;
  const again = unmocked.redispatch ?? unmocked.dispatch;
  return {
    ...unmocked,
    dispatch: (tasks) => {
      for (const task of tasks) {
        whether(task, (isMocked) => isMocked ? runner.dispatch([task]) : unmocked.dispatch([task]));
      }
    },
    redispatch: (tasks) => {
      for (const task of tasks) {
        whether(task, (isMocked) => isMocked ? runner.dispatch([task]) : again([task]));
      }
    },
    retract: (tasks) => {
      for (const { taskId } of tasks) runner.retract(taskId);
      unmocked.retract(tasks);
    },
    abandon: (isMeant) => {
      runner.abandon(isMeant);
      unmocked.abandon?.(isMeant);
    },
  };
}

function routeUnmocked(
  { isServed = () => false, forWorker = () => undefined, integrations, activities, workers }: Omit<TaskRoute, "mocks">,
): Dispatcher {
  const routeOf = ({ resource, hasChildren }: TaskMessage): "integration" | "activity" | "worker" => {
    // Only an integration can reclaim the children of a task.
    if (isServed(resource) && hasChildren !== true) return "worker";
    if (integrations.handles(resource)) return "integration";
    return activities !== undefined && isActivity(resource) ? "activity" : "worker";
  };
  const toRoutes = (tasks: readonly TaskMessage[], toWorkers: (tasks: readonly TaskMessage[]) => void) => {
    const inProcess: TaskMessage[] = [];
    const others: TaskMessage[] = [];
    for (const task of tasks) {
      const mapped = isServed(task.resource) ? undefined : forWorker(task);
      if (mapped !== undefined) {
        others.push(mapped);
        continue;
      }
      const route = routeOf(task);
      if (route === "integration") inProcess.push(task);
      else if (route === "activity") activities?.offer(task);
      else others.push(task);
    }
    if (inProcess.length > 0) integrations.dispatch(inProcess);
    if (others.length > 0) toWorkers(others);
  };
  return {
    dispatch: (tasks) => toRoutes(tasks, workers.dispatch),
    redispatch: (tasks) => toRoutes(tasks, workers.redispatch ?? workers.dispatch),
    // What a task's resource was is gone with the task: each looks whether it has it.
    retract: (tasks) => {
      for (const { taskId } of tasks) {
        integrations.retract(taskId);
        activities?.retract(taskId);
      }
      workers.retract(tasks);
    },
    abandon: (isMeant) => integrations.abandon(isMeant),
    onLost: workers.onLost,
    backlog: () => [
      ...workers.backlog?.() ?? [],
      ...integrations.backlog(),
      ...activities?.backlog() ?? [],
    ],
  };
}
