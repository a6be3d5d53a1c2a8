/** What a definition's text says of its states, without reading what they do: names, where they may go, whom they ask. */
import { isJsonObject, type Json, type JsonObject } from "../values/mod.ts";

/** One state, at any depth. */
export interface OutlinedState {
  readonly name: string;
  readonly type: string;
  /** Of a Task. */
  readonly resource?: string;
  /** Names of the states that may follow: of `Next`, `Choices`, `Default` and `Catch`, each once. */
  readonly targets: readonly string[];
  /** Line of the text that its name stands in, from 1. */
  readonly line: number;
}

/** All states of a definition, in the order of its text. @throws {SyntaxError} it is no JSON */
export function outlineOf(text: string): readonly OutlinedState[] {
  const found: OutlinedState[] = [];
  collect(JSON.parse(text), text, found);
  return found;
}

/** What tasks ask for, each once, in the order of the text. */
export function resourcesOf(states: readonly OutlinedState[]): readonly string[] {
  return [...new Set(states.flatMap(({ resource }) => resource ?? []))];
}

function collect(machine: Json, text: string, found: OutlinedState[]): void {
  const states = isJsonObject(machine) ? machine["States"] : undefined;
  if (!isJsonObject(states)) return;
  for (const [name, state] of Object.entries(states)) {
    if (!isJsonObject(state)) continue;
    found.push(outlined(name, state, text));
    for (const inner of [state["ItemProcessor"], state["Iterator"]]) {
      if (inner !== undefined) collect(inner, text, found);
    }
    const branches = state["Branches"];
    if (Array.isArray(branches)) { for (const branch of branches) collect(branch, text, found); }
  }
}

function outlined(name: string, state: JsonObject, text: string): OutlinedState {
  const lists = [state["Choices"], state["Catch"]].flatMap((list): readonly Json[] => Array.isArray(list) ? list : []);
  const next = [state["Next"], ...lists.map((rule) => isJsonObject(rule) ? rule["Next"] : undefined), state["Default"]];
  const targets = [...new Set(next.filter((target) => typeof target === "string"))];
  const { Type: type, Resource: resource } = state;
  return {
    name,
    type: typeof type === "string" ? type : "",
    ...(typeof resource === "string" ? { resource } : {}),
    targets,
    line: lineOfKey(text, name),
  };
}

/** The state's own key is the one with an object behind it that says its `Type` or anything else of a state; names are unique in a machine. */
function lineOfKey(text: string, name: string): number {
  const key = JSON.stringify(name).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const at = new RegExp(`${key}\\s*:\\s*\\{`).exec(text)?.index ?? 0;
  return text.slice(0, at).split("\n").length;
}
