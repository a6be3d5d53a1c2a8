import type { ExpressionDraws } from "./types.ts";
import { sha256Hex, uuidText } from "../values/mod.ts";

const RANDOM_DIGITS = 13;

/**
 * Draws that are the same whenever they are asked for again: after a crash an item's input must come out as it did before, or its
 * child would be another.
 *
 * @param seed names the item
 */
export function seededDraws(seed: string, nowEpochMs: number): ExpressionDraws {
  let drawn = 0;
  const digits = () => sha256Hex(`${seed}/${drawn++}`);
  return {
    nowEpochMs,
    random: () => Number.parseInt(digits().slice(0, RANDOM_DIGITS), 16) / 16 ** RANDOM_DIGITS,
    uuid: () => {
      const hex = digits();
      return uuidText(`${hex.slice(0, 12)}4${hex.slice(13, 16)}a${hex.slice(17)}`);
    },
  };
}
