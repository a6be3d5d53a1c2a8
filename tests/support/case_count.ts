import process from "node:process";

/**
 * How many of `count` random cases a run makes: all, and a fifth in `npm run ok`, which sets `WEFT_FEW_CASES`.
 *
 * Only for cases that are alike but for their seed: what one of them shows, `npm test` shows too.
 */
export function caseCount(count: number): number {
  return (process.env["WEFT_FEW_CASES"] ?? "") === "" ? count : Math.ceil(count / 5);
}
