/** The item processor of a distributed Map, as the machine that its children run. */
import type { MapState, StateMachine } from "../../language/types.ts";
import { isJsonObject, type Json, type JsonObject, sha256Hex } from "../../values/mod.ts";

/** A definition by its text: children are pinned to its hash. */
export interface ChildMachine {
  readonly hash: string;
  readonly text: string;
}

/** The definition of a Map's children: its processor with the query language of the machine around it. */
export function childMachine({ source, QueryLanguage }: StateMachine, { name }: MapState): ChildMachine {
  const state = stateSource(source, name);
  const processor = state?.["ItemProcessor"] ?? state?.["Iterator"];
  if (!isJsonObject(processor)) throw new RangeError(`State "${name}" has no item processor`);
  const { ProcessorConfig: _config, ...machine } = processor;
  const text = JSON.stringify({ QueryLanguage, ...machine });
  return { hash: sha256Hex(text), text };
}

/** The JSON of a state, wherever in the definition it stands: names are unique. */
function stateSource(machine: JsonObject, name: string): JsonObject | undefined {
  const containers: Json[] = [machine];
  for (let container = containers.pop(); container !== undefined; container = containers.pop()) {
    const states = isJsonObject(container) ? container["States"] : undefined;
    if (!isJsonObject(states)) continue;
    const found = Object.hasOwn(states, name) ? states[name] : undefined;
    if (isJsonObject(found)) return found;
    for (const state of Object.values(states)) if (isJsonObject(state)) containers.push(...insideOf(state));
  }
  return undefined;
}

function insideOf({ ItemProcessor, Iterator, Branches }: JsonObject): readonly Json[] {
  return [ItemProcessor, Iterator, ...(Array.isArray(Branches) ? Branches : [])].filter((inner) => inner !== undefined);
}
