/** Requests that concern workflows: each lives in the partition of its name. */
import { Effect, Result } from "effect";
import { parseDefinition, validateDefinition } from "../language/mod.ts";
import type { Diagnostic } from "../language/types.ts";
import {
  type Json,
  type Limits,
  partitionKey,
  partitionOf,
  sha256Hex,
  type Space,
  type WorkflowId,
  workflowId,
} from "../values/mod.ts";
import type { DefinitionCache } from "./definition_cache.ts";
import { type Page, type PutWorkflowRequest, RequestRefused, type WorkflowDescription } from "./engine.ts";
import type { Partition } from "./partition/partition.ts";
import type { WorkflowRecord } from "./partition/partition_store.ts";
import { checked, checkLimit, checkName, checkSpace, refused } from "./requests.ts";

type Answer<T> = Effect.Effect<T, RequestRefused>;

/** Requests about workflows: checks them, and hands them to the partition that they concern. */
export class WorkflowRequests {
  readonly #partitions: readonly Partition[];
  readonly #definitions: DefinitionCache;
  readonly #limits: Limits;

  constructor(partitions: readonly Partition[], definitions: DefinitionCache, limits: Limits) {
    this.#partitions = partitions;
    this.#definitions = definitions;
    this.#limits = limits;
  }

  put({ name, definition, ...space }: PutWorkflowRequest): Answer<WorkflowDescription> {
    return this.#with(space, name, (id) => {
      const parsed = parseDefinition(definition, this.#limits);
      if (Result.isFailure(parsed)) return Effect.fail(invalidDefinition(parsed.failure));
      const text = typeof definition === "string" ? definition : JSON.stringify(definition);
      const hash = sha256Hex(text);
      this.#definitions.set(hash, parsed.success);
      return Effect.map(
        Effect.callback<WorkflowRecord, RequestRefused>((resume) =>
          this.#home(id).offer({
            kind: "workflow",
            workflowId: id,
            put: { name, hash, definitionText: text },
            reply: {
              succeed: (workflow) => resume(Effect.succeed(workflow)),
              refuse: ({ code, message }) => resume(Effect.fail(refused(code, message))),
            },
          })
        ),
        (workflow) => {
          const diagnostics = validateDefinition(definition).filter(({ severity }) => severity === "WARNING");
          return { ...describeWorkflow(workflow), ...(diagnostics.length === 0 ? {} : { diagnostics }) };
        },
      );
    });
  }

  validate(definition: string | Json): readonly Diagnostic[] {
    return validateDefinition(definition);
  }

  describe({ name, ...space }: Space & { readonly name: string }): Answer<WorkflowDescription> {
    return Effect.flatMap(this.find(space, name), (workflow) =>
      Effect.map(
        this.definitionText(workflow),
        (text) => ({ ...describeWorkflow(workflow), definition: JSON.parse(text) as Json }),
      ));
  }

  list({ limit, next, ...space }: Space & Page): Answer<{ workflows: readonly WorkflowDescription[]; next?: string }> {
    return checked(checkSpace(space), ({ tenant, namespace }) =>
      checked(checkLimit(limit), (size) => {
        const prefix = `/${tenant}/${namespace}/`;
        const all: WorkflowRecord[] = [];
        for (const partition of this.#partitions) {
          const status = partition.status();
          if (status.kind !== "leading") return Effect.fail(unavailable(partition));
          for (const workflow of status.term.memory.workflows.values()) {
            if (workflow.workflowId.startsWith(prefix) && (next === undefined || workflow.name > next)) {
              all.push(workflow);
            }
          }
        }
        all.sort((a, b) => (a.name < b.name ? -1 : 1));
        const page = all.slice(0, size);
        const last = page.at(-1)?.name;
        return Effect.succeed({
          workflows: page.map(describeWorkflow),
          ...(all.length > size && last !== undefined ? { next: last } : {}),
        });
      }));
  }

  delete({ name, ...space }: Space & { readonly name: string }): Answer<{ readonly name: string }> {
    return this.#with(space, name, (id) =>
      Effect.callback((resume) =>
        this.#home(id).offer({
          kind: "workflow",
          workflowId: id,
          reply: {
            succeed: () => resume(Effect.succeed({ name })),
            refuse: ({ code }) => resume(Effect.fail(refused(code, `Workflow "${name}" does not exist`))),
          },
        })
      ));
  }

  /** As {@link describe}, without the definition. */
  newest({ name, ...space }: Space & { readonly name: string }): Answer<WorkflowDescription> {
    return Effect.map(this.find(space, name), describeWorkflow);
  }

  /** The workflow of this name as it stands. */
  find(space: Space, name: string): Answer<WorkflowRecord> {
    return this.#with(space, name, (id) => {
      const home = this.#home(id);
      const status = home.status();
      if (status.kind !== "leading") return Effect.fail(unavailable(home));
      const workflow = status.term.memory.workflows.get(id);
      return workflow === undefined
        ? Effect.fail(refused("NotFound", `Workflow "${name}" does not exist`))
        : Effect.succeed(workflow);
    });
  }

  /** The text of a definition that a workflow has or had. */
  definitionText({ workflowId: id, hash, name }: Pick<WorkflowRecord, "workflowId" | "hash" | "name">): Answer<string> {
    return definitionIn(this.#home(id), hash, `of workflow "${name}" `);
  }

  /** As {@link definitionText}, whatever has become of the workflow since. */
  definitionTextOf({ name, hash, ...space }: Space & { readonly name: string; readonly hash: string }): Answer<string> {
    return this.#with(space, name, (id) => this.definitionText({ workflowId: id, hash, name }));
  }

  #with<T>(space: Space, name: string, then: (id: WorkflowId) => Answer<T>): Answer<T> {
    return checked(
      checkSpace(space),
      (known) => checked(checkName(name, this.#limits), () => then(workflowId(known, name))),
    );
  }

  #home(id: WorkflowId): Partition {
    const home = this.#partitions[partitionOf(partitionKey(id), this.#partitions.length)];
    if (home === undefined) throw new RangeError("A node without partitions");
    return home;
  }
}

/** The text of a definition that a partition's log holds. @param whose for the failure's message */
export function definitionIn(home: Partition, hash: string, whose = ""): Answer<string> {
  const status = home.status();
  if (status.kind !== "leading") return Effect.fail(unavailable(home));
  const fresh = status.term.memory.newDefinitions.get(hash);
  if (fresh !== undefined) return Effect.succeed(fresh.text);
  const { definitions, store } = home.options;
  const known = definitions.text(hash);
  if (known !== undefined) return Effect.succeed(known);
  return store.loadDefinitions([hash]).pipe(
    Effect.mapError(() => unavailable(home)),
    Effect.flatMap(([text]) => {
      if (text === undefined) return Effect.fail(refused("Internal", `The definition ${hash} ${whose}is missing`));
      definitions.keepText(hash, text);
      return Effect.succeed(text);
    }),
  );
}

function unavailable({ partition }: Partition): RequestRefused {
  return refused("Unavailable", `Partition ${partition} is not led here at the moment: ask again`);
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
