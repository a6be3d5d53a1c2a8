/** Requests that concern resources: each goes to the partition of its first name. */
import { Effect, Result } from "effect";
import {
  isSegment,
  type Json,
  type Limits,
  present,
  type ResourceId,
  resourceId,
  type ResourceName,
} from "../../values/mod.ts";
import type { RequestRefused } from "../engine.ts";
import type { PartitionInput, Reply } from "../partition/partition_input.ts";
import type { ResourceRecord } from "../partition/store/stored_values.ts";
import type { ResourceDescription } from "../registry.ts";
import { type Checked, checkPayload, checkSpace, refused } from "./checks.ts";
import type { PartitionHomes } from "./partition_homes.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;

/** Names of resources: as strict as needed to stand in an id. */
const namePattern = /^[^/\p{Cc}]{1,256}$/u;

/** The resources of all partitions of a node. */
export class ResourceRequests {
  readonly #homes: PartitionHomes;
  readonly #limits: Limits;

  constructor(homes: PartitionHomes, limits: Limits) {
    this.#homes = homes;
    this.#limits = limits;
  }

  put(
    { value, expectedRevision, ...name }: ResourceName & { readonly value: Json; readonly expectedRevision?: number },
  ): Answer<ResourceDescription> {
    const expectation = present({ expectedRevision });
    return Effect.andThen(
      Effect.fromResult(checkPayload("a resource's value", value, this.#limits)),
      this.#ask(name, (id, reply) => ({
        kind: "resource",
        resourceId: id,
        wish: { type: "put", value, ...expectation },
        reply,
      })),
    );
  }

  describe(name: ResourceName): Answer<ResourceDescription> {
    return this.#ask(name, (id, reply) => ({ kind: "resource", resourceId: id, wish: { type: "read" }, reply }));
  }

  delete(
    { expectedRevision, ...name }: ResourceName & { readonly expectedRevision?: number },
  ): Answer<ResourceDescription> {
    const expectation = present({ expectedRevision });
    return this.#ask(name, (id, reply) => ({
      kind: "resource",
      resourceId: id,
      wish: { type: "delete", ...expectation },
      reply,
    }));
  }

  list({ kind, names, ...space }: ResourceName): Answer<readonly ResourceDescription[]> {
    return Effect.gen({ self: this }, function* () {
      const { tenant, namespace } = yield* Effect.fromResult(checkSpace(space));
      const asked = names[0] === undefined
        ? this.#homes.all
        : [this.#homes.of(resourceId({ tenant, namespace, kind, names }))];
      const lists = yield* Effect.forEach(
        asked,
        (partition) =>
          this.#homes.askAt<readonly ResourceRecord[]>(
            partition,
            (reply) => ({ kind: "resources", space: { tenant, namespace }, of: kind, names, reply }),
          ),
        { concurrency: "unbounded" },
      );
      return lists.flat().map(describeResource).sort((a, b) => compareNames(a.names, b.names));
    });
  }

  #ask(
    name: ResourceName,
    input: (id: ResourceId, reply: Reply<ResourceRecord>) => PartitionInput,
  ): Answer<ResourceDescription> {
    return Effect.flatMap(
      Effect.fromResult(checkResourceName(name)),
      (id) => Effect.map(this.#homes.ask<ResourceRecord>(id, (reply) => input(id, reply)), describeResource),
    );
  }
}

function checkResourceName(name: ResourceName): Checked<ResourceId> {
  const bad = name.names.find((part) => !namePattern.test(part));
  if (bad !== undefined || !isSegment(name.tenant) || !isSegment(name.namespace)) {
    return Result.fail(
      refused("InvalidArgument", `Expected a resource's names of 1 to 256 characters without "/", but got "${bad}"`),
    );
  }
  return Result.succeed(resourceId(name));
}

function describeResource({ resourceId: id, ...record }: ResourceRecord): ResourceDescription {
  const [, , , , , ...names] = id.split("/");
  return { names, ...record };
}

function compareNames(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left = "", right = ""] = [a[index], b[index]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
