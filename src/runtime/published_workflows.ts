import type { WorkflowId } from "../values/mod.ts";
import type { WorkflowRecord } from "./partition/store/stored_values.ts";

/**
 * Workflows as they are known to be durable: what starts look up, which need not wait in the line of another partition for it.
 *
 * Each partition's leader publishes what it found and what it wrote, once that is durable and before whoever wished it is told; when it
 * leads no more it withdraws all of it.
 */
export class PublishedWorkflows {
  readonly #byPartition: (Map<WorkflowId, WorkflowRecord> | undefined)[] = [];

  /** A partition as its leader sees it. */
  of(partition: number): WorkflowPublisher {
    return {
      begin: (workflows) => this.#byPartition[partition] = new Map(workflows),
      publish: (id, workflow) => {
        if (workflow === undefined) this.#byPartition[partition]?.delete(id);
        else this.#byPartition[partition]?.set(id, workflow);
      },
      withdraw: () => this.#byPartition[partition] = undefined,
    };
  }

  /** `undefined`: there is no such workflow, or its partition is not led here. */
  find(partition: number, id: WorkflowId): WorkflowRecord | undefined {
    return this.#byPartition[partition]?.get(id);
  }
}

/** Where one partition's leader publishes its workflows. */
export interface WorkflowPublisher {
  readonly begin: (workflows: ReadonlyMap<WorkflowId, WorkflowRecord>) => void;
  /** @param workflow as it stands; absent: it was deleted */
  readonly publish: (id: WorkflowId, workflow: WorkflowRecord | undefined) => void;
  readonly withdraw: () => void;
}
