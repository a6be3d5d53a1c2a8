import { parseTaskId, present, type Space, type TaskId } from "../values/mod.ts";

/** Tasks of one type that are not done. */
export interface TaskBacklog extends Space {
  /** The resource; where it is not known, the type's hash. */
  readonly resource: string;
  /** Tasks that no worker has. */
  readonly waiting: number;
  /** Tasks that were handed to workers, and have no outcome yet. */
  readonly inWork: number;
  /** Requests of workers for a task that are open: 0 means that nobody works, or that all are busy. */
  readonly workersAsking: number;
  /** When the oldest of all was handed out; absent: none could be read. */
  readonly oldestAtEpochMs?: number;
}

interface Counted extends Space {
  readonly resource: string;
  waiting: number;
  inWork: number;
  oldestAtEpochMs: number | undefined;
  workersAsking: number;
}

/** Adds up tasks by type. */
export class BacklogTally {
  readonly #types = new Map<string, Counted>();

  /** @param createdAt ISO 8601, where it is known */
  add(
    task: { readonly taskId: TaskId; readonly resource: string; readonly createdAt?: string },
    as: "waiting" | "inWork",
  ): void {
    const { tenant, namespace } = parseTaskId(task.taskId) ?? { tenant: "", namespace: "" };
    const counted = this.#of({ tenant, namespace }, task.resource);
    counted[as]++;
    const atEpochMs = task.createdAt === undefined ? Number.NaN : Date.parse(task.createdAt);
    if (!Number.isNaN(atEpochMs)) counted.oldestAtEpochMs = Math.min(counted.oldestAtEpochMs ?? atEpochMs, atEpochMs);
  }

  /** Workers that wait for a task of this type. */
  addRequests(space: Space, resource: string, requests: number): void {
    const counted = this.#of(space, resource);
    counted.workersAsking += requests;
  }

  #of({ tenant, namespace }: Space, resource: string): Counted {
    const name = `${tenant}/${namespace}/${resource}`;
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const counted: Counted = {
      tenant,
      namespace,
      resource,
      waiting: 0,
      inWork: 0,
      oldestAtEpochMs: undefined,
      workersAsking: 0,
    };
    this.#types.set(name, counted);
    return counted;
  }

  list(): readonly TaskBacklog[] {
    return [...this.#types.values()].map(({ oldestAtEpochMs, ...rest }) => ({
      ...rest,
      ...present({ oldestAtEpochMs }),
    }));
  }
}
