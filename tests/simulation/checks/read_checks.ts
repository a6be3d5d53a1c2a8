/**
 * What reads say is compared with the log at the moment of their answer: never more than is durable, and never less than was when
 * the question came. So an acknowledged write is seen by every later read, whoever asks, and nobody sees the past come back.
 */
import type {
  ExecutionDescription,
  ExecutionSummary,
  HistoryEvent,
  ListExecutionsRequest,
  ResourceDescription,
  WorkflowDescription,
} from "../../../src/runtime/mod.ts";
import {
  canonicalJson,
  type ExecutionId,
  type Json,
  parseExecutionId,
  type ResourceId,
  resourceId,
  type ResourceName,
  sha256Hex,
  type Space,
  workflowId,
} from "../../../src/values/mod.ts";
import type { ExecutionModel, ExecutionView, TurnModel } from "../model/execution_model.ts";
import type { LogMark, LogModel } from "../model/log_model.ts";
import type { Sight } from "../model/timeline.ts";
import type { Answer, Answerer } from "../world/gateway.ts";
import type { World } from "../world/world.ts";
import { keyName, spaceOf } from "../workload/space.ts";

type Summary = ExecutionSummary;
type Told = { readonly events: readonly HistoryEvent[]; readonly next?: number };
type Pageful<A> = A & { readonly next?: string };

export class ReadChecks {
  readonly #world: World;
  readonly #model: LogModel;
  /** Answers of nodes that may not have led any more, which were older than what was known by then. */
  stale = 0;

  constructor(world: World, model: LogModel) {
    this.#world = world;
    this.#model = model;
  }

  /** A description must be one that was true after some turn, at the earliest the last one when it was asked for. */
  described(description: ExecutionDescription, mark: LogMark, by: Answerer): void {
    const execution = this.#summarized(description);
    if (execution === undefined) return;
    const { status, startedAt, endedAt, output, error, cause } = description;
    const view: ExecutionView = {
      status,
      startedAt,
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(output === undefined ? {} : { output }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
    const shown = canonicalJson({ ...view });
    const sight = this.#judge(execution, mark, ({ viewText }) => viewText === shown);
    this.#report(sight, by, () => `"${execution.id}" is described as ${shown}`);
    if (canonicalJson(description.input) !== canonicalJson(execution.started?.input ?? null)) {
      this.#world.violate("readAfterLog", `"${execution.id}" is described with another input`);
    }
  }

  /** Something about an execution is refused: it must not be there, unless a node that does not lead says so. */
  refused(id: ExecutionId, answer: Answer<unknown>, mark: LogMark, by: Answerer): void {
    if (answer.kind !== "refused" || answer.code === "Unavailable") return;
    const execution = this.#model.executions.get(id);
    const isThere = (mark.turns.get(id) ?? 0) > 0 && execution?.isDeleted !== true;
    if (answer.code === "NotFound") {
      if (isThere) this.#report("stale", by, () => `"${id}" is not found`);
    } else this.#world.violate("readAfterLog", `A read of "${id}" is refused: ${answer.code}, ${answer.message}`);
  }

  /** What an execution is said to be after a command, or its start. */
  knownStatus(execution: ExecutionModel, status: string, mark: LogMark, by: Answerer): void {
    const sight = this.#judge(execution, mark, ({ view }) => view.status === status);
    this.#report(sight, by, () => `"${execution.id}" is said to be ${status}`);
  }

  /** The execution that a key stands for, or none. */
  foundByKey(space: Space, key: string, answer: Answer<ExecutionDescription>, mark: LogMark, by: Answerer): void {
    const name = keyName(space, key);
    const holders = this.#model.holders.get(name) ?? [];
    const before = mark.holders.get(name) ?? 0;
    if (answer.kind === "ok") {
      this.described(answer.value, mark, by);
      const at = holders.findIndex(({ id }) => id === answer.value.executionId);
      const sight = at < 0 ? "untold" : at + 1 < before ? "stale" : "current";
      this.#report(sight, by, () => `Key "${key}" is said to be that of "${answer.value.executionId}"`);
    } else if (answer.kind === "refused" && answer.code === "NotFound") {
      if (before > 0 && holders[before - 1]?.isDeleted === false) {
        this.#report("stale", by, () => `Key "${key}" is said to be nobody's`);
      }
    }
  }

  /** A page of a list: all that fits, once each, newest first, and nothing else. */
  listed(
    request: ListExecutionsRequest,
    { executions, next }: Pageful<{ readonly executions: readonly Summary[] }>,
    mark: LogMark,
    by: Answerer,
  ): void {
    const wrong = (message: string) => this.#world.violate("listsComplete", message);
    const listed = new Set<ExecutionId>();
    let before = request.next ?? "~";
    for (const summary of executions) {
      const place = placeOf(summary.executionId);
      if (place >= before) wrong(`"${summary.executionId}" is listed behind ${before}`);
      if (next !== undefined && place < next) wrong(`"${summary.executionId}" is behind the end of its page, ${next}`);
      before = place;
      listed.add(summary.executionId);
      this.#checkListed(summary, request, mark, by);
    }
    if (executions.length > (request.limit ?? 100)) wrong(`A page of ${request.limit} has ${executions.length}`);
    if (next !== undefined && next >= (request.next ?? "~")) wrong(`The page at ${request.next} leads to ${next}`);
    for (const [id, turns] of mark.turns) {
      const execution = this.#model.executions.get(id);
      if (execution === undefined || listed.has(id) || execution.isDeleted || !isOf(request, id)) continue;
      const place = placeOf(id);
      if (place >= (request.next ?? "~") || (next !== undefined && place < next)) continue;
      const later = execution.turns.slice(turns - 1);
      if (!later.every((turn) => fits(request, execution, turn))) continue;
      if (by.isCertain) wrong(`"${id}" is not in the page of ${JSON.stringify(request)}`);
      else this.stale += 1;
    }
  }

  /** A page of a history: exactly the events that the log has, from `after` on. */
  told(
    { id, after, limit }: { readonly id: ExecutionId; readonly after: number; readonly limit: number },
    { events, next }: Told,
    mark: LogMark,
    by: Answerer,
  ): void {
    const execution = this.#model.executions.get(id);
    const turns = execution?.turns ?? [];
    const all = turns.flatMap(({ events, atEpochMs }) => events.map((event) => ({ event, atEpochMs })));
    for (const [index, told] of events.entries()) {
      const truth = all[after + index];
      const isSame = told.id === after + index + 1 && told.type === truth?.event.type &&
        told.timestamp === new Date(truth.atEpochMs).toISOString();
      if (isSame) continue;
      const place = after + index;
      this.#world.violate(
        "history",
        `Event ${told.id} of "${id}" is told as ${told.type} behind ${place}, but the log has ${truth?.event.type}`,
      );
      return;
    }
    const end = after + events.length;
    if (events.length > limit || (next !== undefined && (next !== end || events.length === 0))) {
      this.#world.violate("history", `The history of "${id}" goes on at ${next}, but it was told up to ${end}`);
    }
    const last = turns[(mark.turns.get(id) ?? 0) - 1];
    const known = last === undefined ? 0 : last.firstEventId - 1 + last.events.length;
    if (next === undefined && end < known) {
      this.#report("stale", by, () => `The history of "${id}" is told up to ${end} of ${known}`);
    }
  }

  /** A workflow as it stands, or none of that name. */
  workflow(
    space: Space,
    name: string,
    answer: Answer<WorkflowDescription>,
    mark: LogMark,
    by: Answerer,
  ): void {
    if (answer.kind === "ok") {
      const { definition, hash } = answer.value;
      if (definition !== undefined && sha256Hex(JSON.stringify(definition)) !== hash) {
        this.#world.violate("readAfterLog", `Workflow "${name}" is shown with another definition`);
      }
    }
    this.#kept(workflowId(space, name), answer, shownWorkflow, mark, by);
  }

  /** A page of workflows: all of the space, by name. */
  workflows(
    { limit = 100, next: after = "", ...space }: Space & { readonly limit?: number; readonly next?: string },
    { workflows, next }: Pageful<{ readonly workflows: readonly WorkflowDescription[] }>,
    mark: LogMark,
    by: Answerer,
  ): void {
    const names = workflows.map(({ name }) => name);
    const isInOrder = names.every((name, index) => name > (names[index - 1] ?? after));
    if (!isInOrder || names.length > limit) {
      this.#world.violate("listsComplete", `A page of ${limit} workflows behind "${after}" is ${names.join()}`);
    }
    const shown = new Map(workflows.map((workflow) => [workflowId(space, workflow.name) as string, workflow]));
    for (const id of this.#keptIn(space, "w", shown.keys())) {
      const name = id.split("/").at(-1) ?? "";
      if (name <= after || (next !== undefined && name > next)) continue;
      const workflow = shown.get(id);
      this.#judgeKept(id, workflow === undefined ? undefined : shownWorkflow(workflow), mark, by);
    }
  }

  /** A resource as it stands, or none of that name. */
  resource(name: ResourceName, answer: Answer<ResourceDescription>, mark: LogMark, by: Answerer): void {
    this.#kept(resourceId(name), answer, shownResource, mark, by);
  }

  /** All resources of a kind, with these outer names. */
  resources(
    { kind, names, ...space }: ResourceName,
    resources: readonly ResourceDescription[],
    mark: LogMark,
    by: Answerer,
  ): void {
    const idOf = (inner: readonly string[]): string => resourceId({ ...space, kind, names: inner });
    const shown = new Map(resources.map((resource) => [idOf(resource.names), resource]));
    if (shown.size < resources.length) this.#world.violate("listsComplete", `A resource of "${kind}" is listed twice`);
    const middle = `/${[kind, ...names].join("/")}/`;
    for (const id of this.#keptIn(space, "r", shown.keys())) {
      const isWanted = id.slice(id.indexOf("/", `/${space.tenant}/${space.namespace}/r`.length)).startsWith(middle);
      if (!isWanted) continue;
      const resource = shown.get(id);
      this.#judgeKept(id, resource === undefined ? undefined : shownResource(resource), mark, by);
    }
  }

  /** Nobody but its own space finds it. */
  foreign(what: string, answer: Answer<unknown>, code: string): void {
    if (answer.kind === "none" || (answer.kind === "refused" && [code, "Unavailable"].includes(answer.code))) return;
    const got = answer.kind === "ok" ? "is answered" : answer.code;
    this.#world.violate("tenants", `${what} from another space ${got}, instead of ${code}`);
  }

  #kept<A>(id: string, answer: Answer<A>, show: (value: A) => string, mark: LogMark, by: Answerer): void {
    if (answer.kind === "ok") this.#judgeKept(id, show(answer.value), mark, by);
    else if (answer.kind === "refused" && answer.code === "NotFound") this.#judgeKept(id, undefined, mark, by);
  }

  #judgeKept(id: string, shown: string | undefined, mark: LogMark, by: Answerer): void {
    const sight = this.#model.kept.get(id)?.judge(shown, mark.kept.get(id) ?? 1) ??
      (shown === undefined ? "current" : "untold");
    this.#report(sight, by, () => `"${id}" is shown as ${shown ?? "not there"}`);
  }

  /** Ids of what a space keeps, and of what is said to be there. */
  #keptIn({ tenant, namespace }: Space, kind: "w" | "r", shown: Iterable<string>): ReadonlySet<string> {
    const prefix = `/${tenant}/${namespace}/${kind}`;
    return new Set([...[...this.#model.kept.keys()].filter((id) => id.startsWith(prefix)), ...shown]);
  }

  #checkListed(summary: Summary, request: ListExecutionsRequest, mark: LogMark, by: Answerer): void {
    const { executionId, status, endedAt, error } = summary;
    const execution = this.#summarized(summary);
    if (execution === undefined) return;
    if (!isOf(request, executionId)) {
      return this.#world.violate("tenants", `"${executionId}" is in a list of ${request.tenant}/${request.namespace}`);
    }
    const isSo = (turn: TurnModel) =>
      turn.view.status === status && turn.view.endedAt === endedAt && turn.view.error === error;
    this.#report(this.#judge(execution, mark, isSo), by, () => `"${executionId}" is listed as ${status}`);
    const isWanted = execution.turns.some((turn) => isSo(turn) && fits(request, execution, turn));
    if (!isWanted) this.#world.violate("listsComplete", `"${executionId}" does not fit ${JSON.stringify(request)}`);
  }

  #judge({ id, turns }: ExecutionModel, mark: LogMark, isSo: (turn: TurnModel) => boolean): Sight {
    const at = turns.findLastIndex(isSo);
    return at < 0 ? "untold" : at + 1 < (mark.turns.get(id) ?? 0) ? "stale" : "current";
  }

  #summarized(summary: Summary): ExecutionModel | undefined {
    const { executionId, key, workflow, revision, startedAt } = summary;
    const execution = this.#model.executions.get(executionId);
    const started = execution?.started;
    if (started === undefined) {
      this.#world.violate("readAfterLog", `"${executionId}" is shown before it is in the log`);
      return undefined;
    }
    const isSame = started.key === key && started.workflow === workflow && started.revision === revision &&
      execution?.turns[0]?.view.startedAt === startedAt;
    if (!isSame) this.#world.violate("readAfterLog", `"${executionId}" is not shown as it was started`);
    return execution;
  }

  #report(sight: Sight, { isCertain }: Answerer, what: () => string): void {
    if (sight === "current") return;
    if (sight === "untold") return this.#world.violate("readAfterLog", `${what()}, which the log does not say`);
    if (isCertain) return this.#world.violate("readIsCurrent", `${what()}, as it was before the question`);
    this.stale += 1;
    this.#world.note(() => `read: ${what()}, by a node that may not lead any more`);
  }
}

function shownWorkflow({ name, revision, hash, createdAt, updatedAt }: WorkflowDescription): string {
  return canonicalJson({ name, revision, hash, createdAt, updatedAt });
}

function shownResource(
  { names, revision, value, createdAtEpochMs, updatedAtEpochMs }: ResourceDescription,
): string {
  return canonicalJson({ names, revision, value, createdAtEpochMs, updatedAtEpochMs } as Json);
}

/** As lists have it in their `next`: sorts by start. */
function placeOf(id: ExecutionId): string {
  const { hlc = "", hash = "" } = parseExecutionId(id) ?? {};
  return `${hlc}-${hash}`;
}

function isOf({ tenant, namespace }: Space, id: ExecutionId | ResourceId): boolean {
  const own = spaceOf(id);
  return own.tenant === tenant && own.namespace === namespace;
}

/** The execution is to be in the list, as it stood after this turn. */
function fits(
  { workflow, status, startedAfter }: ListExecutionsRequest,
  { started }: ExecutionModel,
  { view }: TurnModel,
): boolean {
  return (workflow === undefined || started?.workflow === workflow) &&
    (status === undefined || view.status === status) &&
    (startedAfter === undefined || Date.parse(view.startedAt) > Date.parse(startedAfter));
}
