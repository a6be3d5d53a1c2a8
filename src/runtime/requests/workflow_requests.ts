/** Requests that concern workflows: each lives in the partition of its name. */
import { Effect, Exit, Result } from "effect";
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
import type { WorkflowRecord } from "../partition/store/stored_values.ts";
import type { PublishedWorkflows } from "../published_workflows.ts";
import { type Checked, checkLimit, checkName, checkSpace, firstRefusal, refused } from "./checks.ts";
import type { PartitionHomes } from "./partition_homes.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;
type OneWorkflow = Space & { readonly name: string };
type Told = (workflow: Answer<WorkflowRecord>) => void;

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
  /** Of each workflow that is being asked for: who came since. */
  readonly #lookups = new Map<WorkflowId, Told[]>();

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
          this.#homes.askAt<readonly WorkflowRecord[]>(
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

  /**
   * The workflow of this name as this node knows it to be durable, for starts: without asking its partition. `undefined`: it is led
   * elsewhere, or has no such workflow, which only {@link found} may say.
   */
  durable(space: Space, name: string): Checked<WorkflowRecord | undefined> {
    return Result.map(
      this.#checkId({ ...space, name }),
      (id) => this.#options.published.find(this.#homes.of(id), id),
    );
  }

  /** The workflow of this name, by its partition. Starts that come while it is asked share the next question. */
  found(space: Space, name: string): Answer<WorkflowRecord> {
    const id = workflowId(space, name);
    return Effect.callback<WorkflowRecord, RequestRefused>((resume) => {
      const waiting = this.#lookups.get(id);
      if (waiting !== undefined) return void waiting.push(resume);
      this.#lookUp({ ...space, name }, id, [resume]);
    });
  }

  /** Whoever comes while this is asked is answered by the next: what was known before he came may be out of date. */
  #lookUp(request: OneWorkflow, id: WorkflowId, asking: readonly Told[]): void {
    const next: Told[] = [];
    this.#lookups.set(id, next);
    Effect.runCallback(this.#find(request), {
      onExit: (exit) => {
        const told = Exit.isSuccess(exit) ? Effect.succeed(exit.value) : Effect.failCause(exit.cause);
        this.#lookups.delete(id);
        if (next.length > 0) this.#lookUp(request, id, next);
        for (const tell of asking) tell(told);
      },
    });
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
