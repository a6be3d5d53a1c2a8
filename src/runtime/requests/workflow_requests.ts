/** Requests that concern workflows: each lives in the partition of its name. */
import { Effect, Result } from "effect";
import { parseDefinition, validateDefinition } from "../../language/mod.ts";
import type { Diagnostic } from "../../language/types.ts";
import {
  type Json,
  type Limits,
  present,
  sha256Hex,
  type Space,
  type WorkflowId,
  workflowId,
} from "../../values/mod.ts";
import type { DefinitionCache } from "../definition_cache.ts";
import { type Page, type PutWorkflowRequest, RequestRefused, type WorkflowDescription } from "../engine.ts";
import { askPartition } from "../partition/partition.ts";
import type { WorkflowRecord } from "../partition/store/stored_values.ts";
import type { PublishedWorkflows } from "../published_workflows.ts";
import { type Checked, checkLimit, checkName, checkSpace, firstRefusal, refused } from "./checks.ts";
import type { PartitionHomes } from "./partition_homes.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;
type OneWorkflow = Space & { readonly name: string };

/** What requests about workflows need. */
export interface WorkflowRequestsOptions {
  readonly definitions: DefinitionCache;
  readonly published: PublishedWorkflows;
  readonly limits: Limits;
}

/** Requests about workflows: checks them, and hands them to the partition that they concern. */
export class WorkflowRequests {
  readonly #homes: PartitionHomes;
  readonly #options: WorkflowRequestsOptions;

  constructor(homes: PartitionHomes, options: WorkflowRequestsOptions) {
    this.#homes = homes;
    this.#options = options;
  }

  put({ name, definition, ...space }: PutWorkflowRequest): Answer<WorkflowDescription> {
    const { limits, definitions } = this.#options;
    return Effect.gen({ self: this }, function* () {
      const id = yield* this.#idOf({ ...space, name });
      const parsed = parseDefinition(definition, limits);
      if (Result.isFailure(parsed)) return yield* Effect.fail(invalidDefinition(parsed.failure));
      const definitionText = typeof definition === "string" ? definition : JSON.stringify(definition);
      const hash = sha256Hex(definitionText);
      definitions.set(hash, parsed.success);
      definitions.keepText(hash, definitionText);
      const put = { name, hash, definitionText };
      const workflow = yield* this.#homes.ask<WorkflowRecord>(
        id,
        (reply) => ({ kind: "workflow", workflowId: id, put, reply }),
      );
      const warnings = validateDefinition(definition, "STANDARD", limits).filter(({ severity }) =>
        severity === "WARNING"
      );
      return { ...describeWorkflow(workflow), ...(warnings.length === 0 ? {} : { diagnostics: warnings }) };
    });
  }

  validate(definition: string | Json): readonly Diagnostic[] {
    return validateDefinition(definition, "STANDARD", this.#options.limits);
  }

  describe(request: OneWorkflow): Answer<WorkflowDescription> {
    return Effect.gen({ self: this }, function* () {
      const workflow = yield* this.#find(request);
      const text = yield* this.definitionText(workflow);
      return { ...describeWorkflow(workflow), definition: JSON.parse(text) as Json };
    });
  }

  list({ limit, next, ...rest }: Space & Page): Answer<{ workflows: readonly WorkflowDescription[]; next?: string }> {
    return Effect.gen({ self: this }, function* () {
      const space = yield* Effect.fromResult(checkSpace(rest));
      const size = yield* Effect.fromResult(checkLimit(limit));
      const pages = yield* Effect.forEach(
        this.#homes.all,
        (partition) =>
          askPartition<readonly WorkflowRecord[]>(
            partition,
            (reply) => ({ kind: "workflows", space, after: next, limit: size + 1, reply }),
          ),
        { concurrency: "unbounded" },
      );
      const all = pages.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
      const page = all.slice(0, size);
      return {
        workflows: page.map(describeWorkflow),
        ...present({ next: all.length > size ? page.at(-1)?.name : undefined }),
      };
    });
  }

  delete(request: OneWorkflow): Answer<{ readonly name: string }> {
    const { name } = request;
    return Effect.gen({ self: this }, function* () {
      const id = yield* this.#idOf(request);
      yield* namedIn(
        name,
        this.#homes.ask<WorkflowRecord>(id, (reply) => ({ kind: "workflow", workflowId: id, reply })),
      );
      return { name };
    });
  }

  /** As {@link describe}, without the definition. */
  newest(request: OneWorkflow): Answer<WorkflowDescription> {
    return Effect.map(this.#find(request), describeWorkflow);
  }

  #find(request: OneWorkflow): Answer<WorkflowRecord> {
    return Effect.flatMap(this.#idOf(request), (id) =>
      namedIn(
        request.name,
        this.#homes.ask<WorkflowRecord>(id, (reply) => ({ kind: "findWorkflow", workflowId: id, reply })),
      ));
  }

  /** The workflow of this name as it is known to be durable, without asking its partition: for starts. */
  durable(space: Space, name: string): Checked<WorkflowRecord> {
    const id = this.#checkId({ ...space, name });
    if (Result.isFailure(id)) return Result.fail(id.failure);
    const { partition } = this.#homes.of(id.success);
    const found = this.#options.published.find(partition, id.success);
    if (found === "unavailable") {
      return Result.fail(refused("Unavailable", `Partition ${partition} is not led here at the moment: ask again`));
    }
    return found === undefined ? Result.fail(missing(name)) : Result.succeed(found);
  }

  /** The text of a definition where this node has it at hand. A text is what its hash says, wherever it is kept. */
  knownText(hash: string): string | undefined {
    return this.#options.definitions.text(hash);
  }

  /** The text of a definition that a workflow has or had. */
  definitionText({ workflowId: id, hash }: Pick<WorkflowRecord, "workflowId" | "hash">): Answer<string> {
    const known = this.knownText(hash);
    return known === undefined
      ? this.#homes.ask<string>(id, (reply) => ({ kind: "definition", hash, reply }))
      : Effect.succeed(known);
  }

  /** As {@link definitionText}, of the workflow of this name. */
  definitionTextOf({ hash, ...workflow }: OneWorkflow & { readonly hash: string }): Answer<string> {
    return Effect.flatMap(this.#idOf(workflow), (id) => this.definitionText({ workflowId: id, hash }));
  }

  #idOf(workflow: OneWorkflow): Answer<WorkflowId> {
    return Effect.fromResult(this.#checkId(workflow));
  }

  #checkId({ name, ...rest }: OneWorkflow): Checked<WorkflowId> {
    const refusal = firstRefusal(checkSpace(rest), checkName(name, this.#options.limits));
    return refusal === undefined ? Result.succeed(workflowId(rest, name)) : Result.fail(refusal);
  }
}

/** Whoever asks by name is answered by name. */
function namedIn<T>(name: string, answer: Answer<T>): Answer<T> {
  return Effect.mapError(answer, (failure) => failure.code === "NotFound" ? missing(name) : failure);
}

function missing(name: string): RequestRefused {
  return refused("NotFound", `Workflow "${name}" does not exist`);
}

function invalidDefinition(diagnostics: readonly Diagnostic[]): RequestRefused {
  const [first] = diagnostics;
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
  return new RequestRefused({
    code: "InvalidDefinition",
    message: `${first?.code}: ${first?.message}${first?.location === undefined ? "" : ` at ${first.location}`}${more}`,
    diagnostics: [...diagnostics],
  });
}

function describeWorkflow(
  { name, revision, hash, createdAtEpochMs, updatedAtEpochMs }: WorkflowRecord,
): WorkflowDescription {
  return {
    name,
    revision,
    hash,
    createdAt: new Date(createdAtEpochMs).toISOString(),
    updatedAt: new Date(updatedAtEpochMs).toISOString(),
  };
}
