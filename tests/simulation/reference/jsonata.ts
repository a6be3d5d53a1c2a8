/** The few JSONata expressions that generated workflows use: paths from what a state sees, and one comparison. Shares no code with the engine. */
import type { Json, JsonObject } from "../../../src/values/mod.ts";
import { anyUuid, type Sight } from "./paths.ts";

/** What expressions of a state see. */
export interface JsonataSight extends Sight {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

const EXPRESSION = /^\{% (\S+)(?: ([>=]) (.+))? %\}$/;

/** The value of `{% … %}`; any other text is itself. */
export function evaluate(text: string, sight: JsonataSight): Json {
  const [, path, comparison, than] = EXPRESSION.exec(text) ?? [];
  if (path === undefined) return text;
  const value = valueAt(path, sight);
  if (comparison === undefined || than === undefined) return value;
  const other = JSON.parse(than) as Json;
  return comparison === ">" ? Number(value) > Number(other) : value === other;
}

/** A template with its expressions replaced. */
export function fillJsonata(template: Json, sight: JsonataSight): Json {
  if (typeof template === "string") return evaluate(template, sight);
  if (Array.isArray(template)) return template.map((item) => fillJsonata(item, sight));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template as JsonObject).map(([key, value]) => [key, fillJsonata(value, sight)]),
  );
}

function valueAt(path: string, { input, result, errorOutput, context, variables }: JsonataSight): Json {
  if (path === "$uuid()") return anyUuid;
  const [root = "", ...steps] = path.split(".");
  const states: Record<string, Json | undefined> = { input, result, errorOutput, context };
  let value: Json | undefined = root === "$states"
    ? states[steps.shift() ?? ""]
    : (variables as Record<string, Json | undefined>)[root.slice(1)];
  for (const step of steps) value = (value as Record<string, Json | undefined> | undefined)?.[step];
  if (value === undefined) throw new RangeError(`Expected "${path}" to be there: the generator promised it`);
  return value;
}
