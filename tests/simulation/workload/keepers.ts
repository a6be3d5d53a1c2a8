/** Keepers: they put and delete workflows that nobody starts, and resources, and look at them in the same moments. */
import type { ResourceDescription, WorkflowDescription } from "../../../src/runtime/mod.ts";
import type { Json, ResourceName, Space } from "../../../src/values/mod.ts";
import type { ReadChecks } from "../checks/read_checks.ts";
import type { Answer } from "../world/gateway.ts";
import type { SimConfig } from "../world/sim_config.ts";
import type { SimRandom } from "../world/sim_random.ts";
import type { World } from "../world/world.ts";
import type { Asking } from "./asking.ts";
import type { Readers } from "./readers.ts";

/** Workflows that come and go. */
export const keptWorkflows = ["kept_1", "kept_2"];
/** Resources that come and go: two of them with one first name. */
export const keptResources: readonly Omit<ResourceName, keyof Space>[] = [
  { kind: "thing", names: ["first", "one"] },
  { kind: "thing", names: ["first", "two"] },
  { kind: "thing", names: ["second", "one"] },
];

/** So soon after somebody began to write others read. */
const SOON_MS = 30;

export class Keepers {
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #asking: Asking;
  readonly #readers: Readers;
  readonly #checks: ReadChecks;
  readonly #config: SimConfig;

  constructor(world: World, asking: Asking, readers: Readers, checks: ReadChecks, config: SimConfig) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#asking = asking;
    this.#readers = readers;
    this.#checks = checks;
    this.#config = config;
  }

  /** Plans all that keepers will do. */
  plan(): void {
    const random = this.#random;
    const { chaosMs, keepCount } = this.#config;
    for (let count = 0; count < keepCount; count++) {
      const space = this.#readers.drawSpace();
      const atMs = random.below(chaosMs);
      const [write, read] = random.chance(0.5)
        ? this.#workflow(space, random.oneOf(keptWorkflows))
        : this.#resource({ ...space, ...random.oneOf(keptResources) });
      this.#asking.after(atMs, write);
      for (let reads = random.below(3); reads > 0; reads--) {
        this.#asking.after(atMs + random.between(0, SOON_MS), read);
      }
    }
  }

  #workflow(space: Space, name: string): readonly [write: () => void, read: () => void] {
    const random = this.#random;
    const readers = this.#readers;
    const definition = { StartAt: "S", States: { S: { Type: "Pass", Result: random.below(3), End: true } } };
    return [
      random.chance(0.3) ? () => this.#deleteWorkflow(space, name) : () => this.#putWorkflow(space, name, definition),
      random.chance(0.6)
        ? () => readers.workflow(space, name)
        : () => readers.workflows({ ...space, limit: random.between(1, 5) }),
    ];
  }

  #resource(name: ResourceName): readonly [write: () => void, read: () => void] {
    const random = this.#random;
    const readers = this.#readers;
    const expectedRevision = random.chance(0.3) ? random.below(3) : undefined;
    const value = random.below(4);
    return [
      random.chance(0.3) ? () => this.#deleteResource(name) : () => this.#putResource(name, value, expectedRevision),
      random.chance(0.6) ? () => readers.resource(name) : () => readers.resources(name),
    ];
  }

  #putWorkflow(space: Space, name: string, definition: Json): void {
    this.#asking.insist<WorkflowDescription>({
      what: `put ${name}`,
      ask: (engine) => engine.putWorkflow({ ...space, name, definition }),
      check: (answer, mark, by) => {
        this.#refusedNever(`put ${name}`, answer);
        if (answer.kind === "ok") this.#checks.workflow(space, name, answer, mark, by);
      },
    });
  }

  /** What is answered is what it was; that it is gone now, who reads it next will see. */
  #deleteWorkflow(space: Space, name: string): void {
    this.#asking.insist<{ readonly name: string }>({
      what: `delete ${name}`,
      ask: (engine) => engine.deleteWorkflow({ ...space, name }),
      check: (answer, mark, by) => {
        if (answer.kind === "refused" && answer.code === "NotFound") {
          this.#checks.workflow(space, name, answer, mark, by);
        } else this.#gone(`delete ${name}`, answer, () => this.#checks.workflow(space, name, notThere, mark, by));
      },
    });
  }

  #putResource(name: ResourceName, value: Json, expectedRevision: number | undefined): void {
    const what = `put ${name.names.join("/")}`;
    const expectation = expectedRevision === undefined ? {} : { expectedRevision };
    this.#asking.insist<ResourceDescription>({
      what,
      ask: (_engine, registry) => registry.putResource({ ...name, value, ...expectation }),
      check: (answer, mark, by) => {
        if (expectedRevision === undefined) this.#refusedNever(what, answer);
        if (answer.kind === "ok") this.#checks.resource(name, answer, mark, by);
      },
    });
  }

  #deleteResource(name: ResourceName): void {
    const what = `delete ${name.names.join("/")}`;
    this.#asking.insist<ResourceDescription>({
      what,
      ask: (_engine, registry) => registry.deleteResource(name),
      check: (answer, mark, by) => {
        if (answer.kind === "refused" && answer.code === "NotFound") this.#checks.resource(name, answer, mark, by);
        else this.#gone(what, answer, () => this.#checks.resource(name, notThere, mark, by));
      },
    });
  }

  #gone(what: string, answer: Answer<unknown>, check: () => void): void {
    this.#refusedNever(what, answer);
    if (answer.kind === "ok") check();
  }

  #refusedNever(what: string, answer: Answer<unknown>): void {
    if (answer.kind !== "refused" || answer.code === "Unavailable") return;
    this.#world.violate("noDefect", `${what} is refused: ${answer.code}, ${answer.message}`);
  }
}

const notThere = { kind: "refused", code: "NotFound", message: "", isFromZombie: false } as const;
