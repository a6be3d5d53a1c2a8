/** Readers: they ask for all that can be asked for, at any moment, and turn every page. */
import type {
  ExecutionDescription,
  ExecutionStatus,
  ListExecutionsRequest,
  WorkflowDescription,
} from "../../../src/runtime/mod.ts";
import { type ExecutionId, type ResourceName, sha256Hex, type Space } from "../../../src/values/mod.ts";
import type { ReadChecks } from "../checks/read_checks.ts";
import type { LogModel } from "../model/log_model.ts";
import type { SimConfig } from "../world/sim_config.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";
import type { Asking, Wish } from "./asking.ts";
import { spaceOf, spaces } from "./space.ts";

/** How many keys clients start with. */
export const KEYS = 12;
/** What readers may ask a list to be narrowed to. */
const statuses: readonly ExecutionStatus[] = ["Pending", "Running", "Succeeded", "Failed", "Canceled"];

/** What there is to read. */
export interface Readable {
  /** Of executions, those that a client was told of. */
  readonly executions: () => readonly ExecutionId[];
  readonly workflows: readonly string[];
  readonly resources: readonly Omit<ResourceName, keyof Space>[];
}

export class Readers {
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #asking: Asking;
  readonly #model: LogModel;
  readonly #checks: ReadChecks;
  readonly #config: SimConfig;
  readonly #readable: Readable;

  constructor(
    world: World,
    asking: Asking,
    model: LogModel,
    checks: ReadChecks,
    config: SimConfig,
    readable: Readable,
  ) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#asking = asking;
    this.#model = model;
    this.#checks = checks;
    this.#config = config;
    this.#readable = readable;
  }

  /** Plans all that readers will ask for. */
  plan(): void {
    const random = this.#random;
    const { chaosMs, readCount } = this.#config;
    for (let count = 0; count < readCount; count++) this.#asking.after(random.below(chaosMs), () => this.look());
  }

  /** A look at whatever there may be. */
  look(): void {
    const random = this.#random;
    const { workflows, resources } = this.#readable;
    const space = this.drawSpace();
    const known = this.#readable.executions();
    const id = known[random.below(Math.max(1, known.length))];
    const draw = random.next();
    if (draw < 0.2) return this.list(this.#drawList(space));
    if (draw < 0.3) return this.key(space, `key ${random.below(KEYS)}`);
    if (draw < 0.4) return this.workflow(space, random.oneOf(workflows));
    if (draw < 0.5) return this.workflows({ ...space, limit: random.between(1, 5) });
    if (draw < 0.6) return this.resource({ ...space, ...random.oneOf(resources) });
    if (draw < 0.7) return this.resources({ ...space, ...random.oneOf(resources) });
    if (id === undefined) return;
    if (draw < 0.78) return this.execution(id);
    if (draw < 0.86) return this.history(id, 0);
    if (draw < 0.93) return this.#definition(id);
    this.#foreign(id);
  }

  drawSpace(): Space {
    return this.#random.oneOf(spaces.slice(0, this.#config.spaceCount));
  }

  execution(id: ExecutionId): void {
    const request = { ...spaceOf(id), executionId: id };
    this.#asking.once<ExecutionDescription>({
      what: `describe ${id}`,
      home: id,
      ask: (engine) => engine.describeExecution(request),
      check: (answer, mark, by) => {
        if (answer.kind === "ok") this.#checks.described(answer.value, mark, by);
        else this.#checks.refused(id, answer, mark, by);
      },
    });
  }

  key(space: Space, key: string): void {
    this.#asking.once<ExecutionDescription>({
      what: `find ${key}`,
      ask: (_engine, registry) => registry.executionByKey({ ...space, key }),
      check: (answer, mark, by) => this.#checks.foundByKey(space, key, answer, mark, by),
    });
  }

  history(id: ExecutionId, after: number): void {
    const limit = this.#random.between(1, 60);
    this.#asking.insist({
      what: `history of ${id} after ${after}`,
      ask: (engine) => engine.executionHistory({ ...spaceOf(id), executionId: id, after, limit }),
      check: (answer, mark, by) => {
        if (answer.kind === "ok") this.#checks.told({ id, after, limit }, answer.value, mark, by);
        else this.#checks.refused(id, answer, mark, by);
      },
      then: (answer) => {
        if (answer.kind === "ok" && answer.value.next !== undefined) this.history(id, answer.value.next);
      },
    });
  }

  /** All pages of a list, one after the other. */
  list(request: ListExecutionsRequest): void {
    this.#asking.insist({
      what: `list ${JSON.stringify(request)}`,
      ask: (engine) => engine.listExecutions(request),
      check: (answer, mark, by) => {
        if (answer.kind === "ok") this.#checks.listed(request, answer.value, mark, by);
      },
      then: (answer) => {
        if (answer.kind === "ok" && answer.value.next !== undefined) {
          this.list({ ...request, next: answer.value.next });
        }
      },
    });
  }

  workflow(space: Space, name: string): void {
    this.#asking.once<WorkflowDescription>({
      what: `workflow ${name}`,
      ask: this.#random.chance(0.5)
        ? (engine) => engine.describeWorkflow({ ...space, name })
        : (_engine, registry) => registry.workflow({ ...space, name }),
      check: (answer, mark, by) => this.#checks.workflow(space, name, answer, mark, by),
    });
  }

  workflows(request: Space & { readonly limit: number; readonly next?: string }): void {
    this.#asking.insist({
      what: "list workflows",
      ask: (engine) => engine.listWorkflows(request),
      check: (answer, mark, by) => {
        if (answer.kind === "ok") this.#checks.workflows(request, answer.value, mark, by);
      },
      then: (answer) => {
        if (answer.kind === "ok" && answer.value.next !== undefined) {
          this.workflows({ ...request, next: answer.value.next });
        }
      },
    });
  }

  resource(name: ResourceName): void {
    this.#asking.once({
      what: `resource ${name.names.join("/")}`,
      ask: (_engine, registry) => registry.describeResource(name),
      check: (answer, mark, by) => this.#checks.resource(name, answer, mark, by),
    });
  }

  /** Those of a resource's kind that have its first name, or all of the kind. */
  resources({ names, ...rest }: ResourceName): void {
    const name = { ...rest, names: names.slice(0, this.#random.below(names.length)) };
    this.#asking.once({
      what: `list resources ${name.kind}/${name.names.join("/")}`,
      ask: (_engine, registry) => registry.listResources(name),
      check: (answer, mark, by) => {
        if (answer.kind === "ok") this.#checks.resources(name, answer.value, mark, by);
      },
    });
  }

  #drawList(space: Space): ListExecutionsRequest {
    const random = this.#random;
    const startedAfter = new Date(this.#world.wall.nowEpochMs - random.between(0, 30_000)).toISOString();
    return {
      ...space,
      limit: random.oneOf([1, 2, 3, 5, 1_000]),
      ...(random.chance(0.3) ? { workflow: random.oneOf(this.#readable.workflows) } : {}),
      ...(random.chance(0.3) ? { status: random.oneOf(statuses) } : {}),
      ...(random.chance(0.2) ? { startedAfter } : {}),
    };
  }

  #definition(id: ExecutionId): void {
    this.#asking.once<string>({
      what: `definition of ${id}`,
      ask: (_engine, registry) => registry.definitionOfExecution({ ...spaceOf(id), executionId: id }),
      check: (answer, mark, by) => {
        if (answer.kind !== "ok") return this.#checks.refused(id, answer, mark, by);
        const { definitionHash } = this.#model.executions.get(id)?.started ?? {};
        if (sha256Hex(answer.value) === definitionHash) return;
        this.#world.violate("readAfterLog", `"${id}" is said to have another definition`);
      },
    });
  }

  /** Somebody who has an id from another space. */
  #foreign(id: ExecutionId): void {
    const own = spaceOf(id);
    const others = spaces.filter(({ tenant, namespace }) => tenant !== own.tenant || namespace !== own.namespace);
    const request = { ...this.#random.oneOf(others), executionId: id };
    const [what, ask] = this.#random.oneOf<readonly [what: string, ask: Wish<unknown>["ask"]]>([
      ["A description", (engine) => engine.describeExecution(request)],
      ["A history", (engine) => engine.executionHistory(request)],
      ["A wait", (engine) => engine.awaitExecution(request)],
      ["A cancelation", (engine) => engine.cancelExecution(request)],
      ["A deletion", (engine) => engine.deleteExecution(request)],
    ]);
    this.#asking.once<unknown>({
      what: `${what} of ${id} from ${request.tenant}/${request.namespace}`,
      ask,
      check: (answer) => this.#checks.foreign(`${what} of "${id}"`, answer, "NotFound"),
    });
  }
}
