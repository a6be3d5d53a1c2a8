import { Cause, Effect, Stream } from "effect";
import type { Json } from "../../values/mod.ts";
import { failedOrDefect, type MapRunFailed } from "./map_run_failed.ts";

/** Items as they come, one after the other: each is taken before the next one is read. */
export type Items = Stream.Stream<Json, MapRunFailed>;

/** Where the items of a Map Run come from. */
export interface ItemSource {
  /** Changes when the items may have changed. At most 1,000 characters. */
  readonly fingerprint: string;
  /** Where it is known before they are read. */
  readonly itemCount?: number;
  /** From the first one on, however often they are run. Fails with `States.ItemReaderFailed`. */
  readonly items: Items;
}

/** Items that the state brought itself: they stand in its events, and never change. */
export function inlineItems(items: readonly Json[]): ItemSource {
  return {
    fingerprint: `inline:${items.length}`,
    itemCount: items.length,
    items: Stream.fromArray(items),
  };
}

/**
 * What a reader made of promises gives, as items.
 *
 * @param read its signal is aborted when no more is wanted
 */
export function readItems(read: (signal: AbortSignal) => AsyncIterable<Json>): Items {
  return Stream.unwrap(Effect.gen(function* () {
    const reading = new AbortController();
    const iterator = read(reading.signal)[Symbol.asyncIterator]();
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        reading.abort();
        iterator.return?.().catch(() => {}); // it was told to end
      })
    );
    const next = Effect.tryPromise({ try: () => iterator.next(), catch: (thrown) => thrown });
    const pull = Effect.flatMap(
      Effect.catch(next, failedOrDefect),
      ({ done, value }) => done === true ? Cause.done() : Effect.succeed([value] as const),
    );
    return Stream.fromPull(Effect.succeed(pull));
  }));
}
