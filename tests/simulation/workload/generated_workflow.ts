/**
 * Random workflows that are valid, end, and whose data always has the common shape (`n`, `list`, `tag`), so that every path they
 * use leads somewhere.
 */
import type { Json } from "../../../src/values/mod.ts";
import type { CatcherJson, RetrierJson, RuleJson, ScopeJson, StateJson } from "../reference/definition.ts";
import type { SimRandom } from "../world/sim_random.ts";
import { inJsonata, partlyInJsonata } from "./jsonata_states.ts";
import { drawPayload } from "./payloads.ts";

const DEPTH_MAX = 2;
/** Tasks of the last one have children: they end after the word of whoever does them. */
const withChildren = "arn:aws:states:::states:startExecution.sync";
const resources = ["work:a", "work:b", withChildren];
const child = "arn:aws:states:us-east-1:123456789012:stateMachine:child";
const errorNames = ["States.ALL", "Boom", "Broken", "States.TaskFailed", "States.Timeout", "Doomed"];
/** Waits longer than the time for which timers are kept in memory. */
const LONG_WAIT_SECONDS = [61, 100];

export function generatedWorkflow(random: SimRandom): ScopeJson {
  const scope = new WorkflowWriter(random).scope(0, random.between(1, 4));
  const machine = random.chance(0.15) ? { ...scope, TimeoutSeconds: random.between(3, 60) } : scope;
  const draw = random.next();
  return draw < 0.3 ? inJsonata(machine) : draw < 0.5 ? partlyInJsonata(random, machine) : machine;
}

class WorkflowWriter {
  readonly #random: SimRandom;
  #stateCount = 0;
  #variables: string[] = [];

  constructor(random: SimRandom) {
    this.#random = random;
  }

  /** States one after the other; each leads to a later one. */
  scope(depth: number, length: number): ScopeJson {
    const names = Array.from({ length }, () => `S${++this.#stateCount}`);
    const outerVariables = this.#variables;
    const states: Record<string, StateJson> = {};
    let needsHandler = false;
    const handler = `S${++this.#stateCount}`;
    for (const [index, name] of names.entries()) {
      const later = names.slice(index + 1);
      const state = this.#state(depth, index, later, handler);
      states[name] = state;
      needsHandler ||= state.Catch?.some(({ Next }) => Next === handler) === true || state.Next === handler;
    }
    if (needsHandler) states[handler] = { Type: "Pass", ResultPath: null, End: true };
    this.#variables = outerVariables;
    return { StartAt: names[0] ?? handler, States: states };
  }

  #state(depth: number, index: number, later: readonly string[], handler: string): StateJson {
    const random = this.#random;
    const [next] = later;
    const onwards = next === undefined ? { End: true } as const : { Next: next };
    if (index === 0 && next !== undefined && random.chance(0.25)) return this.#assign(onwards);
    const draw = random.next();
    if (draw < 0.3) return this.#task(later, handler, onwards);
    if (draw < 0.45 && depth < DEPTH_MAX) return this.#parallel(depth, later, handler, onwards);
    if (draw < 0.62 && depth < DEPTH_MAX) return this.#map(depth, later, handler, onwards);
    if (draw < 0.74) return this.#wait(onwards);
    if (draw < 0.84 && next !== undefined) return this.#choice(later, next);
    if (next === undefined && draw > 0.97) return { Type: "Succeed" };
    if (next === undefined && draw > 0.93) return { Type: "Fail", Error: "Doomed", Cause: "as generated" };
    return this.#pass(onwards);
  }

  #assign(onwards: Pick<StateJson, "Next" | "End">): StateJson {
    const variable = `v${this.#stateCount}`;
    this.#variables = [...this.#variables, variable];
    return { Type: "Pass", Assign: { [`${variable}.$`]: "$.n" }, ...onwards };
  }

  #pass(onwards: Pick<StateJson, "Next" | "End">): StateJson {
    const random = this.#random;
    const draw = random.next();
    if (draw < 0.3) return { Type: "Pass", Result: { ...drawPayload(random) }, ResultPath: "$.pass", ...onwards };
    if (draw < 0.5) return { Type: "Pass", Result: { ...drawPayload(random) }, ...onwards };
    if (draw < 0.8) return { Type: "Pass", Parameters: this.#template(true), ...onwards };
    return { Type: "Pass", ...onwards };
  }

  /** The common shape, and what else there is to see. */
  #template(maySeeDrawn: boolean): Json {
    const random = this.#random;
    const variable = this.#variables[random.below(Math.max(1, this.#variables.length))];
    return {
      "n.$": "$.n",
      "list.$": random.chance(0.8) ? "$.list" : "$$.Execution.Input.list",
      "tag.$": "$.tag",
      ...(random.chance(0.3) ? { "state.$": "$$.State.Name" } : {}),
      ...(random.chance(0.5) && variable !== undefined ? { "known.$": `$${variable}` } : {}),
      ...(maySeeDrawn && random.chance(0.3) ? { "drawn.$": "States.UUID()" } : {}),
    };
  }

  #task(later: readonly string[], handler: string, onwards: Pick<StateJson, "Next" | "End">): StateJson {
    const random = this.#random;
    const timeoutSeconds = random.between(2, 8);
    const resource = random.oneOf(resources);
    const template = random.chance(0.5) ? this.#template(false) : undefined;
    return {
      Type: "Task",
      Resource: resource,
      ...(resource === withChildren
        ? { Parameters: { StateMachineArn: child, Input: template ?? {} } }
        : template === undefined
        ? {}
        : { Parameters: template }),
      ...(random.chance(0.2) ? { ResultSelector: { "n.$": "$.n", "list.$": "$.list", "tag.$": "$.tag" } } : {}),
      ...this.#resultPath("$.task"),
      ...(random.chance(0.4) ? { TimeoutSeconds: timeoutSeconds } : {}),
      ...(random.chance(0.2) ? { HeartbeatSeconds: random.between(1, timeoutSeconds - 1) } : {}),
      ...this.#errorHandling(later, handler),
      ...onwards,
    };
  }

  #resultPath(field: string): Pick<StateJson, "ResultPath"> {
    const draw = this.#random.next();
    return draw < 0.4 ? { ResultPath: field } : draw < 0.6 ? { ResultPath: null } : {};
  }

  #errorHandling(later: readonly string[], handler: string): Pick<StateJson, "Retry" | "Catch"> {
    const random = this.#random;
    const retriers = Array.from({ length: random.below(3) }, () => this.#retrier());
    const isLast = ({ ErrorEquals }: RetrierJson) => ErrorEquals.includes("States.ALL");
    const end = retriers.findIndex(isLast);
    return {
      ...(retriers.length === 0 ? {} : { Retry: end < 0 ? retriers : retriers.slice(0, end + 1) }),
      ...(random.chance(0.4) ? { Catch: [this.#catcher(later, handler)] } : {}),
    };
  }

  #retrier(): RetrierJson {
    const random = this.#random;
    return {
      ErrorEquals: [random.oneOf(errorNames)],
      IntervalSeconds: random.between(1, 3),
      MaxAttempts: random.between(0, 3),
      BackoffRate: random.oneOf([1, 1.5, 2]),
      ...(random.chance(0.3) ? { MaxDelaySeconds: random.between(4, 5) } : {}),
      ...(random.chance(0.3) ? { JitterStrategy: "FULL" as const } : {}),
    };
  }

  #catcher(later: readonly string[], handler: string): CatcherJson {
    const Next = later.length > 0 && this.#random.chance(0.5) ? this.#random.oneOf(later) : handler;
    return { ErrorEquals: [this.#random.oneOf(errorNames)], Next, ResultPath: "$.caught" };
  }

  #wait(onwards: Pick<StateJson, "Next" | "End">): StateJson {
    const random = this.#random;
    if (random.chance(0.3)) return { Type: "Wait", SecondsPath: "$.n", ...onwards };
    const seconds = random.chance(0.15) ? random.oneOf(LONG_WAIT_SECONDS) : random.between(0, 12);
    return { Type: "Wait", Seconds: seconds, ...onwards };
  }

  #choice(later: readonly string[], next: string): StateJson {
    const random = this.#random;
    const rule = (): RuleJson => {
      const Next = random.oneOf(later);
      const draw = random.next();
      if (draw < 0.5) return { Variable: "$.n", NumericGreaterThan: random.between(0, 9), Next };
      if (draw < 0.8) return { Variable: "$.tag", StringEquals: random.oneOf(["red", "green"]), Next };
      return { Variable: "$.n", NumericEquals: random.between(0, 9), Next };
    };
    return { Type: "Choice", Choices: Array.from({ length: random.between(1, 3) }, rule), Default: next };
  }

  #parallel(
    depth: number,
    later: readonly string[],
    handler: string,
    onwards: Pick<StateJson, "Next" | "End">,
  ): StateJson {
    const random = this.#random;
    return {
      Type: "Parallel",
      Branches: Array.from({ length: random.between(1, 4) }, () => this.scope(depth + 1, random.between(1, 3))),
      ...(random.chance(0.3) ? { Parameters: this.#template(false) } : {}),
      ResultPath: random.chance(0.7) ? "$.parallel" : null,
      ...this.#errorHandling(later, handler),
      ...onwards,
    };
  }

  #map(
    depth: number,
    later: readonly string[],
    handler: string,
    onwards: Pick<StateJson, "Next" | "End">,
  ): StateJson {
    const random = this.#random;
    return {
      Type: "Map",
      ItemsPath: "$.list",
      ItemSelector: {
        "n.$": "$$.Map.Item.Value",
        "index.$": "$$.Map.Item.Index",
        ...(random.chance(0.3) ? { "list.$": "$.list" } : { list: [1, 2].slice(0, random.between(0, 2)) }),
        "tag.$": "$.tag",
      },
      MaxConcurrency: random.between(0, 3),
      ItemProcessor: this.scope(depth + 1, random.between(1, 3)),
      ResultPath: random.chance(0.7) ? "$.map" : null,
      ...this.#errorHandling(later, handler),
      ...onwards,
    };
  }
}
