import type { Json } from "../../values/mod.ts";

/** Where the items of a Map Run come from. */
export interface ItemSource {
  /** Changes when the items may have changed. At most 1,000 characters. */
  readonly fingerprint: string;
  /** Where it is known before they are read. */
  readonly itemCount?: number;
  /** From the first one on; may be called again. @throws {MapRunFailed} `States.ItemReaderFailed` */
  items(): AsyncIterable<Json>;
}

/** Items that the state brought itself: they stand in its events, and never change. */
export function inlineItems(items: readonly Json[]): ItemSource {
  return {
    fingerprint: `inline:${items.length}`,
    itemCount: items.length,
    async *items() {
      yield* items;
    },
  };
}
