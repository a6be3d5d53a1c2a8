import { isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";
import type { DefinitionLimits } from "../types.ts";
import { acceptedLimits } from "./accepted_limits.ts";
import { readDefinition } from "./parse_definition.ts";

/**
 * The variables that each state reads, by the state's name, sorted; states that read none are left out. Empty for what is no definition.
 *
 * @param limits Those of what was accepted before, if not given
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html `variableReferences`
 */
export function variableReferences(
  definition: string | Json,
  limits: DefinitionLimits = acceptedLimits,
): Readonly<Record<string, readonly string[]>> {
  const { machine, reads } = readDefinition(definition, limits);
  if (machine === undefined) return {};
  const byState = new Map<string, Set<string>>();
  for (const { name, location } of reads) {
    const state = stateAt(machine.source, location, limits);
    if (state === undefined) continue;
    const names = byState.get(state) ?? new Set();
    byState.set(state, names.add(name));
  }
  return Object.fromEntries([...byState].map(([state, names]) => [state, [...names].sort()]));
}

const childPattern = /^\/(ItemProcessor|Iterator|Branches\[(\d+)\])(?=\/States\/)/;

/** The longest name of a state that a location behind `/States/` begins with. */
function nameAt(states: JsonObject, behind: string, { nameCharactersMax }: DefinitionLimits): string | undefined {
  let end = behind.length <= nameCharactersMax ? behind.length : behind.lastIndexOf("/", nameCharactersMax);
  for (; end > 0; end = behind.lastIndexOf("/", end - 1)) {
    const name = behind.slice(0, end);
    if (Object.hasOwn(states, name)) return name;
  }
  return undefined;
}

/** The innermost state that a location like `/States/Sort/ItemProcessor/States/Compare/InputPath` is in. Names may hold slashes. */
function stateAt(machine: JsonObject, location: string, limits: DefinitionLimits): string | undefined {
  let container: Json | undefined = machine;
  let rest = location;
  let found: string | undefined;
  while (container !== undefined && isJsonObject(container) && rest.startsWith("/States/")) {
    const states: Json | undefined = container["States"];
    if (states === undefined || !isJsonObject(states)) return found;
    const behind = rest.slice("/States/".length);
    const name = nameAt(states, behind, limits);
    const state: Json | undefined = name === undefined ? undefined : states[name];
    if (name === undefined || state === undefined || !isJsonObject(state)) return found;
    found = name;
    rest = behind.slice(name.length);
    const [child = "", field = "", index] = childPattern.exec(rest) ?? [];
    rest = rest.slice(child.length);
    const branches: Json | undefined = state["Branches"];
    container = index === undefined
      ? state[field]
      : Array.isArray(branches)
      ? (branches as readonly Json[])[Number(index)]
      : undefined;
  }
  return found;
}
