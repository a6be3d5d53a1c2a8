/** `StartAt` and `States` of a machine, a branch or an item processor, and what must hold among them. */
import { isJsonObject, type Json } from "../../values/mod.ts";
import type { DefinitionLimits, MachineType, QueryLanguage, State, SubMachine } from "../types.ts";
import { Fields } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { readState } from "./read_state.ts";
import { otherLanguage, wrongLanguage } from "./languages.ts";
import { isFieldOf } from "./state_field_names.ts";
import { StateReading, type Target } from "./state_reading.ts";
import { queryLanguages } from "./table/field.ts";
import { isStateType, type StateType, stateTypes } from "./table/state_types.ts";

/** Where the states of one container may go, by state. */
type Transitions = Map<string, { readonly targets: readonly Target[]; readonly isEnd: boolean }>;

/** What a set of states lives in. */
export interface Container {
  /** 0: the machine itself. */
  readonly nesting: number;
  readonly machineType: MachineType;
}

/** Reads the states of one definition, nested ones included. */
export class StatesReader {
  /** Every state read so far, by name. */
  readonly allStates = new Map<string, State>();
  readonly #names = new Set<string>();
  readonly #language: QueryLanguage;
  readonly #limits: DefinitionLimits;
  readonly #findings: Findings;
  #stateCount = 0;

  constructor(language: QueryLanguage, limits: DefinitionLimits, findings: Findings) {
    this.#language = language;
    this.#limits = limits;
    this.#findings = findings;
  }

  /** Reads `StartAt` and `States`. */
  readContainer(fields: Fields, container: Container): SubMachine {
    const States = new Map<string, State>();
    const transitions: Transitions = new Map();
    const StartAt = fields.string("StartAt") ?? "";
    const states = fields.objectAt("States");
    if (states === undefined) return { StartAt, States };
    if (Object.keys(states.object).length === 0) this.#findings.schema(states.location, "Value cannot be empty");
    for (const [name, source] of Object.entries(states.object)) {
      if (++this.#stateCount > this.#limits.statesMax) {
        if (this.#stateCount === this.#limits.statesMax + 1) {
          this.#findings.schema("", `The definition has more than ${this.#limits.statesMax} states`);
        }
        break;
      }
      const state = this.#readState(name, source, states.at(name), container, transitions);
      if (state === undefined) continue;
      States.set(name, state);
      this.allStates.set(name, state);
    }
    if (this.#stateCount <= this.#limits.statesMax) this.#checkTransitions(fields, StartAt, states, transitions);
    return { StartAt, States };
  }

  #readState(
    name: string,
    source: Json,
    location: string,
    container: Container,
    transitions: Transitions,
  ): State | undefined {
    this.#checkName(name, location);
    if (!isJsonObject(source)) {
      this.#findings.schema(location, "Expected value of type [OBJECT]");
      return undefined;
    }
    const fields = new Fields(source, location, this.#findings);
    const type = fields.value("Type");
    if (type === undefined) fields.require("Type");
    else if (!isStateType(type)) {
      this.#findings.schema(
        fields.at("Type"),
        `The field 'Type' should have one of these values: [${stateTypes.join(", ")}]`,
      );
    }
    if (!isStateType(type)) {
      transitions.set(name, { targets: targetsOf(fields), isEnd: false });
      return undefined;
    }
    const language = this.#languageOf(fields, type);
    const reading = new StateReading(
      fields,
      language,
      container.machineType,
      (inner, { readsOuter, machineType }) =>
        this.#findings.inScope(
          readsOuter,
          () => this.#readSubMachine(inner, { nesting: container.nesting + 1, machineType }),
        ),
    );
    const state = readState(reading, name, type);
    const isEnd = type === "Succeed" || type === "Fail" || fields.value("End") === true;
    transitions.set(name, { targets: reading.targets, isEnd });
    return state;
  }

  #readSubMachine(fields: Fields, container: Container): SubMachine {
    if (container.nesting > this.#limits.nestingMax) {
      this.#findings.error("TOO_DEEPLY_NESTED", fields.location, "The states are too deeply nested");
      return { StartAt: "", States: new Map() };
    }
    fields.require("States", "StartAt");
    return this.readContainer(fields, container);
  }

  /** The state's language, with a finding for each field that it does not allow. */
  #languageOf(fields: Fields, type: StateType): QueryLanguage {
    const given = fields.value("QueryLanguage");
    // Anything but exactly "JSONPath" is taken as JSONata, whatever else is found about it.
    const language = given === undefined ? this.#language : given === "JSONPath" ? "JSONPath" : "JSONata";
    if (language === "JSONPath" && this.#language === "JSONata") {
      this.#findings.schema(
        fields.location,
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
      );
      return language;
    }
    const other = otherLanguage(language);
    for (const field of Object.keys(fields.object)) {
      if (isFieldOf(type, language, field)) continue;
      const message = isFieldOf(type, other, field)
        ? wrongLanguage(language, field)
        : `Field '${field}' is not supported`;
      this.#findings.schema(fields.location, message);
    }
    fields.oneOf("QueryLanguage", queryLanguages);
    return language;
  }

  #checkName(name: string, location: string): void {
    const error = (code: string, message: string) => this.#findings.error(code, location, message);
    if (this.#names.has(name)) error("DUPLICATE_STATE_NAME", `Duplicate State name: ${name}`);
    this.#names.add(name);
    if (name === "") error("INVALID_STATE_NAME", "Invalid State name: State must not be empty");
    const { nameCharactersMax } = this.#limits;
    if (name.length > nameCharactersMax) {
      error(
        "INVALID_STATE_NAME",
        `Invalid State name: State exceeds the ${nameCharactersMax}-character limit allowed by the service`,
      );
    }
  }

  /** Every target exists, every state is reached, and, of the machine's own states, one ends. */
  #checkTransitions(fields: Fields, startAt: string, states: Fields, transitions: Transitions): void {
    const missing = (message: string, location: string) =>
      this.#findings.error("MISSING_TRANSITION_TARGET", location, message);
    const hasStart = typeof fields.value("StartAt") === "string";
    // Whichever field names a state that is not there, AWS calls it a 'Next' target.
    const begin: readonly Target[] = hasStart ? [{ name: startAt, location: fields.at("StartAt") }] : [];
    for (const { targets } of [{ targets: begin }, ...transitions.values()]) {
      for (const target of targets) {
        if (!Object.hasOwn(states.object, target.name)) {
          missing(`Missing 'Next' target: ${target.name}`, target.location);
        }
      }
    }
    const isWhole = fields.location === "";
    if (isWhole && ![...transitions.values()].some(({ isEnd }) => isEnd)) {
      if (this.#findings.hasSchemaErrors) return; // a state that lacks its End says so itself
      if (transitions.size > 0) {
        this.#findings.error("MISSING_END_STATE", undefined, "Workflow has no terminal state");
      }
      return;
    }
    if (!hasStart) return;
    const reached = reachedFrom(startAt, transitions);
    for (const name of transitions.keys()) {
      if (!reached.has(name)) missing(`State "${name}" is not reachable.`, states.at(name));
    }
  }
}

/** `Next` and `Default` of a state of unknown type, so that what they name is not called unreachable. */
function targetsOf(fields: Fields): Target[] {
  const targets: Target[] = [];
  for (const field of ["Next", "Default"]) {
    const name = fields.value(field);
    if (typeof name === "string") targets.push({ name, location: fields.at(field) });
  }
  return targets;
}

function reachedFrom(startAt: string, transitions: Transitions): ReadonlySet<string> {
  const reached = new Set([startAt]);
  for (const name of reached) {
    for (const target of transitions.get(name)?.targets ?? []) reached.add(target.name);
  }
  return reached;
}
