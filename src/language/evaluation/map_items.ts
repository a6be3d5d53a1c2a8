/** The items of a Map state, and the input of one iteration. */
import * as Result from "effect/Result";
import { isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";
import { runtimeFailure, shown } from "../failures.ts";
import type { DistributedMapFields, Evaluated, EvaluationScope, MapState } from "../types.ts";
import { View } from "./view.ts";

/** `ItemsPath`, JSONata `Items`, or the effective input itself: an array. */
export function mapItems(state: MapState, scope: EvaluationScope, input: Json): Evaluated<readonly Json[]> {
  const source = state.ItemsPath ?? state.Items;
  const items = source === undefined ? Result.succeed(input) : source.evaluate(new View(scope, input));
  if (Result.isFailure(items)) return Result.fail(items.failure);
  const list = items.success;
  if (isList(list)) return Result.succeed(list);
  if (state.QueryLanguage === "JSONPath") {
    // AWS writes a path of the context object as one of the input.
    const path = String(state.ItemsPath?.source ?? "$").replace(/^\$\$/, () => "$");
    return runtimeFailure(`Reference path "${path}" must point to array.`);
  }
  return Result.fail({
    error: "States.QueryEvaluationError",
    cause: `Map state input must be an array but was: ${shown(list)}`,
    raisedBy: "Query",
  });
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * `ItemSelector` (or the older `Parameters`), whose `$` is the effective input and whose `$$.Map.Item` the caller put into
 * the scope's context object; the item itself where there is none.
 */
export function itemInput(state: MapState, scope: EvaluationScope, input: Json, item: Json): Evaluated<Json> {
  const selector = state.ItemSelector ?? state.Parameters;
  return selector === undefined ? Result.succeed(item) : selector.evaluate(new View(scope, input));
}

/** `ItemReader`, `ItemBatcher` and `ResultWriter`, evaluated. */
export function distributedMapFields(
  state: MapState,
  scope: EvaluationScope,
  input: Json,
): Evaluated<DistributedMapFields> {
  const view = new View(scope, input);
  const fields: { -readonly [Name in keyof DistributedMapFields]: DistributedMapFields[Name] } = {};
  for (const name of ["ItemReader", "ItemBatcher", "ResultWriter"] as const) {
    const value = state[name]?.evaluate(view);
    if (value === undefined) continue;
    if (Result.isFailure(value)) return Result.fail(value.failure);
    fields[name] = value.success;
  }
  const refusal = mostItemsRefusal(state, fields.ItemReader);
  return refusal === undefined ? Result.succeed(fields) : runtimeFailure(refusal);
}

/** Why a number that `MaxItemsPath` led to is none of items; one below 0 is left to who reads them. */
function mostItemsRefusal(state: MapState, reader: Json | undefined): string | undefined {
  if (state.QueryLanguage !== "JSONPath") return undefined;
  const { MaxItems } = configOf(reader);
  if (typeof MaxItems !== "number" || Number.isInteger(MaxItems)) return undefined;
  const written = configOf(state.ItemReader?.source);
  const path = written["MaxItemsPath"] ?? written["MaxItems.$"] ?? "";
  return `The MaxItemsPath field refers to value "${MaxItems}" which is not a valid integer: ${String(path)}`;
}

function configOf(reader: Json | undefined): JsonObject {
  const config = isJsonObject(reader) ? reader["ReaderConfig"] : undefined;
  return isJsonObject(config) ? config : {};
}
