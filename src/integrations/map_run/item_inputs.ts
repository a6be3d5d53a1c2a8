/** From items to the inputs of children: `ItemSelector`, then `ItemBatcher`. One pass, in order, nothing kept. */
import { Effect, Result, Stream } from "effect";
import { effectiveInput, itemInput, seededDraws } from "../../language/mod.ts";
import type { Evaluated, EvaluationLimits, EvaluationScope, MapState } from "../../language/types.ts";
import type { StateInScope } from "../../runtime/mod.ts";
import { isJsonObject, type Json, type JsonObject, payloadBytes, present } from "../../values/mod.ts";
import type { Items } from "./item_source.ts";
import { MapRunFailed } from "./map_run_failed.ts";

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
  /** `ItemReader`, evaluated: where the items come from. */
  readonly reader?: Json | undefined;
  /** `ItemBatcher`, evaluated. */
  readonly batcher?: Json | undefined;
  readonly limits: EvaluationLimits;
}

type Made<A> = Result.Result<A, MapRunFailed>;

/** Inputs of children, in the order of the items: each is made when the one before it has been taken. */
export class ChildInputs {
  readonly #items: Items;
  readonly #settings: InputSettings;

  constructor(items: Items, settings: InputSettings) {
    this.#items = items;
    this.#settings = settings;
  }

  /** Takes one after the other. Fails when an expression fails, an input or a batch of one item is too large. */
  forEach(take: (input: ChildInput) => Effect.Effect<void>): Effect.Effect<void, MapRunFailed> {
    const taken = (inputs: readonly ChildInput[]): Effect.Effect<void> => {
      const [first] = inputs;
      if (first === undefined) return Effect.void;
      return inputs.length === 1 ? take(first) : Effect.forEach(inputs, take, { discard: true });
    };
    return Effect.flatMap(this.#maker(), (maker) => {
      const all = Stream.runForEachArray(this.#items, (items) =>
        Effect.forEach(items, (item) => {
          const made = maker.add(item);
          return Result.isSuccess(made) ? taken(made.success) : Effect.fail(made.failure);
        }, { discard: true }));
      return Effect.andThen(all, Effect.suspend(() => taken(maker.rest())));
    });
  }

  /** The same, as a stream: what comes before a failure comes, too. */
  get stream(): Stream.Stream<ChildInput, MapRunFailed> {
    const inputs = Effect.map(this.#maker(), (maker) =>
      Stream.mapAccumEffect(
        Stream.rechunk(this.#items, 1),
        () => maker,
        (maker, item: Json) => Effect.map(Effect.fromResult(maker.add(item)), (inputs) => [maker, inputs] as const),
        { onHalt: (maker) => maker.rest() },
      ));
    return Stream.unwrap(inputs);
  }

  #maker(): Effect.Effect<InputMaker, MapRunFailed> {
    const settings = this.#settings;
    return Effect.suspend(() =>
      Effect.map(Effect.fromResult(selector(settings)), (select) => new InputMaker(select, settings))
    );
  }
}

/** Makes inputs out of items, in order. */
class InputMaker {
  readonly #select: Select;
  readonly #payloadBytesMax: number;
  readonly #batches: Batches | undefined;
  #itemIndex = 0;
  #index = 0;

  constructor(select: Select, { batcher, limits: { payloadBytesMax } }: InputSettings) {
    this.#select = select;
    this.#payloadBytesMax = payloadBytesMax;
    this.#batches = isJsonObject(batcher) ? new Batches(batcher, payloadBytesMax) : undefined;
  }

  /** The inputs that are complete with this item. */
  add(item: Json): Made<readonly ChildInput[]> {
    const selected = this.#select(this.#itemIndex++, item);
    if (Result.isFailure(selected)) return Result.fail(selected.failure);
    const batches = this.#batches;
    if (batches !== undefined) {
      return Result.map(batches.add(selected.success), (complete) => complete.map((batch) => this.#numbered(batch)));
    }
    if (payloadBytes(selected.success) > this.#payloadBytesMax) return Result.fail(tooLarge());
    return Result.succeed([this.#numbered({ itemCount: 1, input: selected.success })]);
  }

  /** What the items that are left make. */
  rest(): readonly ChildInput[] {
    return (this.#batches?.take() ?? []).map((batch) => this.#numbered(batch));
  }

  #numbered(batch: Batch): ChildInput {
    return { index: this.#index++, ...batch };
  }
}

function tooLarge(): MapRunFailed {
  return new MapRunFailed(
    "States.DataLimitExceeded",
    "The input of a child workflow execution has a size exceeding the maximum number of bytes service limit.",
  );
}

type Select = (index: number, item: Json) => Made<Json>;

function selector({ inScope, state, seed, nowEpochMs, reader, limits }: InputSettings): Made<Select> {
  if (state.ItemSelector === undefined && state.Parameters === undefined) {
    return Result.succeed((_index, item) => Result.succeed(item));
  }
  const scopeOf = (index: number, contextObject: JsonObject): EvaluationScope => ({
    rawInput: inScope.rawInput,
    contextObject,
    variables: inScope.variables,
    draws: seededDraws(`${seed}/${index}`, nowEpochMs),
    limits,
  });
  const from = present({ Source: sourceOf(reader) });
  return Result.map(evaluated(effectiveInput(state, scopeOf(-1, inScope.contextObject))), (input) => (index, item) => {
    const contextObject = { ...inScope.contextObject, Map: { Item: { Index: index, Value: item, ...from } } };
    return evaluated(itemInput(state, scopeOf(index, contextObject), input, item));
  });
}

/**
 * `$$.Map.Item.Source`, as AWS has it: the bucket of a list, the object of a dataset. Items of several objects, which a manifest or a list
 * leads to, have none here.
 */
function sourceOf(reader: Json | undefined): string | undefined {
  if (!isJsonObject(reader)) return "STATE_DATA";
  const { Parameters, Arguments = Parameters, ReaderConfig } = reader;
  const { Bucket, Key } = isJsonObject(Arguments) ? Arguments : {};
  const { InputType, ManifestType, Transformation } = isJsonObject(ReaderConfig) ? ReaderConfig : {};
  const isOfMany = InputType === "MANIFEST" || ManifestType !== undefined || Transformation === "LOAD_AND_FLATTEN";
  if (isOfMany || typeof Bucket !== "string") return undefined;
  return typeof Key === "string" ? `S3://${Bucket}/${Key}` : `S3://${Bucket}`;
}

function evaluated(value: Evaluated<Json>): Made<Json> {
  return Result.mapError(value, ({ error = "States.Runtime", cause = "" }) => new MapRunFailed(error, cause));
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

  /** Takes an item in; gives the batches that are complete by it: the one before, where it does not fit into that, and its own. */
  add(item: Json): Made<readonly Batch[]> {
    const bytes = payloadBytes(item) + 1;
    const isTooMuch = this.#headBytes + this.#bytes + bytes > this.#bytesMax;
    const before = isTooMuch ? this.take() : [];
    if (this.#headBytes + bytes > this.#bytesMax) {
      return Result.fail(
        new MapRunFailed(
          "States.DataLimitExceeded",
          `An item is larger than a batch may be: it has ${bytes} bytes, and a batch at most ${this.#bytesMax}.`,
        ),
      );
    }
    this.#items.push(item);
    this.#bytes += bytes;
    return Result.succeed(this.#items.length >= this.#itemsMax ? [...before, ...this.take()] : before);
  }

  take(): readonly Batch[] {
    if (this.#items.length === 0) return [];
    const batch = { itemCount: this.#items.length, input: { ...this.#head, Items: this.#items } };
    this.#items = [];
    this.#bytes = 0;
    return [batch];
  }
}

/** A number of a batcher, which may come as digits; 0 stands for none, as AWS has it. */
function numberOr(value: Json | undefined, otherwise: number): number {
  const number = typeof value === "string" && /^[0-9]{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && number > 0 ? number : otherwise;
}
