import { parseResourceId, type ResourceId, type ResourceName } from "../values/mod.ts";
import type { ResourceRecord } from "./partition/store/stored_values.ts";

/** A resource that makes this node do something by itself, as long as it leads the resource's partition. */
export interface LedResource extends ResourceName {
  readonly id: ResourceId;
  readonly record: Omit<ResourceRecord, "resourceId">;
}

/** Hears of a resource as it stands; `undefined`: it is not there any more, or no longer led here. */
export type LedListener = (id: ResourceId, resource: LedResource | undefined) => void;

/** Where one partition's leader tells of its resources. */
export interface ResourcePublisher {
  readonly begin: (resources: ReadonlyMap<ResourceId, ResourceRecord>) => void;
  /** @param record as it stands; absent: it was deleted */
  readonly publish: (id: ResourceId, record: ResourceRecord | undefined) => void;
  readonly withdraw: () => void;
}

/** Kinds of resources that are acted upon. */
const ACTED_UPON: ReadonlySet<string> = new Set(["schedule", "trigger"]);

/**
 * The resources that this node acts upon, known to be durable: those of the partitions that it leads.
 *
 * A node that has lost a partition may act a moment longer, and the next one act already: what they do must be harmless twice.
 */
export class LedResources {
  readonly #byPartition: (Map<ResourceId, LedResource> | undefined)[] = [];
  readonly #listeners = new Set<LedListener>();

  /** A partition as its leader sees it. */
  of(partition: number): ResourcePublisher {
    return {
      begin: (resources) => {
        const led = new Map<ResourceId, LedResource>();
        for (const [id, record] of resources) {
          const one = actedUpon(id, record);
          if (one !== undefined) led.set(id, one);
        }
        this.#byPartition[partition] = led;
        for (const one of led.values()) this.#tell(one.id, one);
      },
      publish: (id, record) => {
        const led = this.#byPartition[partition];
        if (led === undefined) return;
        const one = record === undefined ? undefined : actedUpon(id, record);
        if (one === undefined && !led.delete(id)) return;
        if (one !== undefined) led.set(id, one);
        this.#tell(id, one);
      },
      withdraw: () => {
        const led = this.#byPartition[partition];
        this.#byPartition[partition] = undefined;
        for (const id of led?.keys() ?? []) this.#tell(id, undefined);
      },
    };
  }

  /** All of a kind, as they stand. */
  *all(kind: string): Generator<LedResource> {
    for (const led of this.#byPartition) {
      for (const one of led?.values() ?? []) if (one.kind === kind) yield one;
    }
  }

  /** Calls `listener` with each change, until the returned function is called. It must not throw, and is to be quick. */
  onChange(listener: LedListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(id: ResourceId, resource: LedResource | undefined): void {
    for (const listener of this.#listeners) listener(id, resource);
  }
}

function actedUpon(id: ResourceId, { resourceId: _, ...record }: ResourceRecord): LedResource | undefined {
  const name = parseResourceId(id);
  return name !== undefined && ACTED_UPON.has(name.kind) ? { ...name, id, record } : undefined;
}
