/** From items to the inputs of children: `ItemSelector`, then `ItemBatcher`. One pass, in order, nothing kept. */
import { Result } from "effect";
import { effectiveInput, itemInput } from "../../language/mod.ts";
import type { Evaluated, EvaluationScope, MapState } from "../../language/types.ts";
import type { StateInScope } from "../../runtime/mod.ts";
import { isJsonObject, type Json, type JsonObject, payloadBytes, present } from "../../values/mod.ts";
import { MapRunFailed } from "./failed.ts";
import { seededDraws } from "./seeded_draws.ts";

/** What a child is started with. */
export interface ChildInput {
  /** 0-based, in the order of the items. */
  readonly index: number;
  readonly itemCount: number;
  readonly input: Json;
}

/** What inputs are made with. */
export interface InputSettings {
  readonly inScope: StateInScope;
  readonly state: MapState;
  /** Names the Map Run, for draws. */
  readonly seed: string;
  readonly nowEpochMs: number;
  /** `ItemBatcher`, evaluated. */
  readonly batcher?: Json | undefined;
  readonly payloadBytesMax: number;
}

/** @throws {MapRunFailed} an expression fails, an input or a batch of one item is too large */
export async function* childInputs(
  items: AsyncIterable<Json> | Iterable<Json>,
  settings: InputSettings,
): AsyncGenerator<ChildInput, void> {
  const select = selector(settings);
  const batches = isJsonObject(settings.batcher) ? new Batches(settings.batcher, settings.payloadBytesMax) : undefined;
  let itemIndex = 0;
  let index = 0;
  for await (const item of items) {
    const selected = select(itemIndex++, item);
    if (batches === undefined) {
      yield { index: index++, itemCount: 1, input: within(selected, settings.payloadBytesMax) };
      continue;
    }
    const full = batches.add(selected);
    if (full !== undefined) yield { index: index++, ...full };
    const complete = batches.takeIfFull();
    if (complete !== undefined) yield { index: index++, ...complete };
  }
  const rest = batches?.take();
  if (rest !== undefined) yield { index, ...rest };
}

function within(input: Json, payloadBytesMax: number): Json {
  if (payloadBytes(input) <= payloadBytesMax) return input;
  throw new MapRunFailed(
    "States.DataLimitExceeded",
    "The input of a child workflow execution has a size exceeding the maximum number of bytes service limit.",
  );
}

function selector({ inScope, state, seed, nowEpochMs }: InputSettings): (index: number, item: Json) => Json {
  if (state.ItemSelector === undefined && state.Parameters === undefined) return (_index, item) => item;
  const scopeOf = (index: number, contextObject: JsonObject): EvaluationScope => ({
    rawInput: inScope.rawInput,
    contextObject,
    variables: inScope.variables,
    draws: seededDraws(`${seed}/${index}`, nowEpochMs),
  });
  const input = unwrapped(effectiveInput(state, scopeOf(-1, inScope.contextObject)));
  return (index, item) => {
    const contextObject = { ...inScope.contextObject, Map: { Item: { Index: index, Value: item } } };
    return unwrapped(itemInput(state, scopeOf(index, contextObject), input, item));
  };
}

function unwrapped(evaluated: Evaluated<Json>): Json {
  if (Result.isSuccess(evaluated)) return evaluated.success;
  const { error = "States.Runtime", cause = "" } = evaluated.failure;
  throw new MapRunFailed(error, cause);
}

type Batch = Pick<ChildInput, "itemCount" | "input">;

/** Collects items until a batch has as many, or as many bytes, as it may. */
class Batches {
  readonly #head: JsonObject;
  readonly #itemsMax: number;
  readonly #bytesMax: number;
  readonly #headBytes: number;
  #items: Json[] = [];
  #bytes = 0;

  constructor(batcher: JsonObject, payloadBytesMax: number) {
    const { BatchInput, MaxItemsPerBatch, MaxInputBytesPerBatch } = batcher;
    this.#head = present({ BatchInput });
    this.#itemsMax = numberOr(MaxItemsPerBatch, Infinity);
    this.#bytesMax = Math.min(numberOr(MaxInputBytesPerBatch, payloadBytesMax), payloadBytesMax);
    this.#headBytes = payloadBytes({ ...this.#head, Items: [] });
  }

  /** Takes an item in; gives the batch before it, where it does not fit into that any more. */
  add(item: Json): Batch | undefined {
    const bytes = payloadBytes(item) + 1;
    const isTooMuch = this.#headBytes + this.#bytes + bytes > this.#bytesMax;
    const before = isTooMuch ? this.take() : undefined;
    if (this.#headBytes + bytes > this.#bytesMax) {
      throw new MapRunFailed(
        "States.DataLimitExceeded",
        `An item is larger than a batch may be: it has ${bytes} bytes, and a batch at most ${this.#bytesMax}.`,
      );
    }
    this.#items.push(item);
    this.#bytes += bytes;
    return before;
  }

  takeIfFull(): Batch | undefined {
    return this.#items.length >= this.#itemsMax ? this.take() : undefined;
  }

  take(): Batch | undefined {
    if (this.#items.length === 0) return undefined;
    const batch = { itemCount: this.#items.length, input: { ...this.#head, Items: this.#items } };
    this.#items = [];
    this.#bytes = 0;
    return batch;
  }
}

/** A number of a batcher, which may come as digits; 0 stands for none, as AWS has it. */
function numberOr(value: Json | undefined, otherwise: number): number {
  const number = typeof value === "string" && /^[0-9]{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && number > 0 ? number : otherwise;
}
