/** Moments as text: `$fromMillis` and `$now`. */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { dateField, dayNames, monthNames } from "./date_fields.ts";
import { type FieldPart, parsePicture } from "./date_picture.ts";
import { formatInteger, type IntegerFormat, integerFormatOf } from "./integer_format.ts";

/** What a moment is written as when there is no picture. */
export const ISO_PICTURE = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";

/** Milliseconds from the epoch that a date can have. */
const MOMENT_MAX = 8.64e15;

interface Offset {
  readonly hours: number;
  readonly minutes: number;
}

/** Writes a moment (unix milliseconds) by a picture, at a time zone given as `±hhmm`. */
export function formatMoment(moment: number, picture: string, timezone: string | undefined, run: Run): string {
  const offset = parseOffset(timezone);
  const local = moment + (60 * offset.hours + offset.minutes) * 60_000;
  if (!(Math.abs(local) <= MOMENT_MAX)) throw fail("D3155", { value: moment });
  let text = "";
  for (const part of parsePicture(picture, run)) {
    run.charge(10);
    text += part.kind === "literal" ? part.text : fieldText(local, part, offset, run);
    run.reserveText(text.length);
  }
  return text;
}

function parseOffset(timezone: string | undefined): Offset {
  if (timezone === undefined) return { hours: 0, minutes: 0 };
  const offset = Number.parseInt(timezone, 10);
  if (Number.isNaN(offset)) throw fail("D3155", { value: timezone });
  return { hours: Math.floor(offset / 100), minutes: offset % 100 };
}

function fieldText(moment: number, part: FieldPart, offset: Offset, run: Run): string {
  if (part.letter === "Z" || part.letter === "z") return zoneText(part, offset, run);
  const value = dateField(moment, part.letter);
  if (typeof value === "string") return part.letter === "P" && part.names === "upper" ? value.toUpperCase() : value;
  if (value === undefined) return "undefined";
  if (part.names !== undefined && part.letter !== "f") return nameText(value, part);
  if (part.integer === undefined) throw fail("D3133", { value: part.letter });
  const number = part.letter === "Y" && part.yearDigits !== -1 ? value % 10 ** part.yearDigits : value;
  return formatInteger(number, part.integer, run);
}

function nameText(value: number, part: FieldPart): string {
  let names: readonly string[];
  if (part.letter === "M" || part.letter === "x") names = ["", ...monthNames];
  else if (part.letter === "F") names = dayNames;
  else throw fail("D3133", { value: part.letter });
  const name = names[value] ?? "";
  const cased = part.names === "upper" ? name.toUpperCase() : part.names === "lower" ? name.toLowerCase() : name;
  return part.widthMax === undefined ? cased : cased.slice(0, part.widthMax);
}

function zoneText(part: FieldPart, offset: Offset, run: Run): string {
  const format = part.integer ?? integerFormatOf("01:01", run);
  const number = offset.hours * 100 + offset.minutes;
  if (number === 0 && part.zuluForUtc) return "Z";
  const sign = number >= 0 ? "+" : "";
  return (part.letter === "z" ? "GMT" : "") + sign + zoneDigits(number, offset, format, run);
}

function zoneDigits(number: number, offset: Offset, format: IntegerFormat, run: Run): string {
  if (format.regularDistance > 0) return formatInteger(number, format, run);
  switch (format.mandatoryDigits) {
    case 1:
    case 2: {
      const minutes = offset.minutes === 0 ? "" : `:${formatInteger(offset.minutes, integerFormatOf("00", run), run)}`;
      return formatInteger(offset.hours, format, run) + minutes;
    }
    case 3:
    case 4:
      return formatInteger(number, format, run);
    default:
      throw fail("D3134", { value: format.mandatoryDigits });
  }
}
