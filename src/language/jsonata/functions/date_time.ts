/** Date and time functions. What is now is drawn: the same for a whole turn. */
import type { Run } from "../limits.ts";
import type { Value } from "../values/values.ts";
import { formatMoment, ISO_PICTURE } from "./date_format.ts";
import { parseByPicture, parseIso } from "./date_parse.ts";
import type { FunctionTable } from "./function_table.ts";

/** Years 0 to 9999: those that the host writes as the default picture does. */
const plainYears = { from: -62_167_219_200_000, before: 253_402_300_800_000 };

function format(moment: number, picture: Value, timezone: Value, run: Run): string {
  run.charge(10);
  if (picture === undefined && timezone === undefined && moment >= plainYears.from && moment < plainYears.before) {
    return new Date(moment).toISOString();
  }
  return formatMoment(
    moment,
    typeof picture === "string" ? picture : ISO_PICTURE,
    typeof timezone === "string" ? timezone : undefined,
    run,
  );
}

function fromMillis([moment, picture, timezone]: readonly Value[], run: Run): Value {
  return typeof moment === "number" ? format(moment, picture, timezone, run) : undefined;
}

function toMillis([text, picture]: readonly Value[], run: Run): Value {
  if (typeof text !== "string") return undefined;
  return typeof picture === "string" ? parseByPicture(text, picture, run) : parseIso(text, run);
}

/** `$now`, `$millis`, `$fromMillis`, `$toMillis`. */
export const dateTimeFunctions: FunctionTable = {
  now: [2, "<s?s?:s>", ([picture, timezone], run) => format(run.draws.nowEpochMs, picture, timezone, run)],
  millis: [0, "<:n>", (_, run) => run.draws.nowEpochMs],
  fromMillis: [3, "<n-s?s?:s>", fromMillis],
  toMillis: [2, "<s-s?:n>", toMillis],
};
