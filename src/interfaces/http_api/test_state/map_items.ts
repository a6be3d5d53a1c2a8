/** What a Map under test makes of its items: read from a mocked dataset, selected, put together in batches. */
import { Result } from "effect";
import { distributedMapFields, itemInput } from "../../../language/mod.ts";
import type { Evaluated, EvaluationScope, MapState } from "../../../language/types.ts";
import { isJsonObject, type Json, type JsonObject, payloadBytes, present } from "../../../values/mod.ts";

/** Items of a mocked dataset, and what `ItemsPointer` leads to, if there is one. */
export interface ReadItems {
  readonly items: readonly Json[];
  readonly pointed?: Json;
}

/**
 * Items that an `ItemReader` would read from this text of a JSON document or of JSON Lines. `undefined`: of datasets in other forms they are
 * not known.
 */
export function readItems(reader: Json | undefined, dataset: string): ReadItems | undefined {
  const config = isJsonObject(reader) ? reader["ReaderConfig"] : undefined;
  const { InputType, ItemsPointer, MaxItems } = isJsonObject(config) ? config : {};
  const most = typeof MaxItems === "number" && MaxItems > 0 ? MaxItems : Infinity;
  if (InputType === "JSONL") {
    const lines = dataset.split("\n").filter((line) => line.trim() !== "");
    const values = lines.map(parsed);
    return values.includes(undefined) ? undefined : { items: (values as readonly Json[]).slice(0, most) };
  }
  const document = InputType === "JSON" ? parsed(dataset) : undefined;
  const pointed = document === undefined || typeof ItemsPointer !== "string" ? document : at(document, ItemsPointer);
  if (pointed === undefined) return undefined;
  const items = isJsonObject(pointed)
    ? Object.entries(pointed).map(([Key, Value]): Json => ({ Key, Value }))
    : Array.isArray(pointed)
    ? pointed as readonly Json[]
    : undefined;
  if (items === undefined) return undefined;
  return { items: items.slice(0, most), ...(ItemsPointer === undefined ? {} : { pointed }) };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value that a JSON Pointer (RFC 6901) names. */
function at(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

/** The inputs of the iterations, one for each item: as `ItemSelector` makes them, if there is one. */
export function selectedItems(
  state: MapState,
  { contextObject, ...scope }: EvaluationScope,
  input: Json,
  items: readonly Json[],
): Evaluated<readonly Json[]> {
  const selected: Json[] = [];
  for (const [index, item] of items.entries()) {
    const shown = { ...contextObject, Map: { Item: { Index: index, Value: item } } };
    const one = itemInput(state, { ...scope, contextObject: shown }, input, item);
    if (Result.isFailure(one)) return Result.fail(one.failure);
    selected.push(one.success);
  }
  return Result.succeed(selected);
}

/** What the children of a Map with `ItemBatcher` are started with; `undefined` without one. */
export function batchedItems(
  state: MapState,
  scope: EvaluationScope,
  input: Json,
  items: readonly Json[],
): Evaluated<readonly Json[] | undefined> {
  return Result.map(distributedMapFields(state, scope, input), ({ ItemBatcher }) => {
    if (!isJsonObject(ItemBatcher)) return undefined;
    const { BatchInput, MaxItemsPerBatch, MaxInputBytesPerBatch } = ItemBatcher;
    const head = present({ BatchInput });
    const [itemsMax, bytesMax] = [positive(MaxItemsPerBatch), positive(MaxInputBytesPerBatch)];
    const batches: Json[][] = [];
    for (const item of items) {
      const last = batches.at(-1);
      const isFull = last === undefined || last.length >= itemsMax ||
        payloadBytes({ ...head, Items: [...last, item] }) > bytesMax;
      if (isFull) batches.push([item]);
      else last.push(item);
    }
    return batches.map((Items) => ({ ...head, Items }));
  });
}

function positive(value: Json | undefined): number {
  return typeof value === "number" && value > 0 ? value : Infinity;
}
