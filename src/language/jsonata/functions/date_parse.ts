/** Text as moments: `$toMillis`. */
import { RE2JS } from "re2js";
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { Regex } from "../values/regex.ts";
import { dateField, dayNames, monthNames } from "./date_fields.ts";
import { type FieldPart, parsePicture } from "./date_picture.ts";
import { integerReader } from "./integer_format.ts";

/** How one part of a picture is read; literals have no letter. */
interface PartReader {
  readonly pattern: string;
  readonly letter?: string;
  readonly read?: (text: string) => number | undefined;
}

/** Fields that were read, by letter. */
type Fields = Map<string, number | string | undefined>;

const isoPattern = new RegExp(
  "^(\\d{4})(?:-([01]\\d))?(?:-([0-3]\\d))?(?:T([0-2]\\d):([0-5]\\d):([0-5]\\d))?(\\.\\d+)?(?:([+-])([0-2]\\d):?([0-5]\\d)|Z)?$",
);

/** Reads an ISO 8601 timestamp; without a time zone it is taken as UTC. */
export function parseIso(text: string, run: Run): number {
  run.chargeText(text.length);
  const match = isoPattern.exec(text);
  if (match === null) throw fail("D3110", { value: text });
  const [, year, month = "01", day = "01", hour = "00", minute = "00", second = "00", fraction = "", sign, ...zone] =
    match;
  const ms = Number(fraction.slice(1, 4).padEnd(3, "0"));
  const moment = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${String(ms).padStart(3, "0")}Z`);
  if (Number.isNaN(moment)) throw fail("D3110", { value: text });
  const offset = (Number(zone[0] ?? 0) * 60 + Number(zone[1] ?? 0)) * 60_000;
  return sign === "-" ? moment + offset : moment - offset;
}

/** What reads by one picture. */
interface PictureReader {
  readonly parts: readonly PartReader[];
  readonly regex: Regex;
}

/** Pictures that an evaluation has used: making a reader takes a thousand times longer than reading. */
const readersByRun = new WeakMap<Run, Map<string, PictureReader>>();

function pictureReader(picture: string, run: Run): PictureReader {
  const readers = readersByRun.get(run) ?? new Map<string, PictureReader>();
  readersByRun.set(run, readers);
  const known = readers.get(picture);
  if (known !== undefined) return known;
  const parts = parsePicture(picture, run).map((part): PartReader =>
    part.kind === "literal" ? { pattern: RE2JS.quote(part.text) } : fieldReader(part)
  );
  const pattern = parts.map((part) => `(${part.pattern})`).join("");
  run.charge(1_000 + pattern.length * 20);
  run.allocate(10_000 + pattern.length * 200);
  const reader = { parts, regex: new Regex(`^${pattern}$`, "i") };
  readers.set(picture, reader);
  return reader;
}

/** Reads a timestamp by a picture; nothing when the text does not fit it. Missing leading fields are those of now. */
export function parseByPicture(text: string, picture: string, run: Run): number | undefined {
  const { parts, regex } = pictureReader(picture, run);
  run.charge(10 + parts.length);
  const match = regex.find(text, 0, run);
  if (match === undefined) return undefined;
  const fields: Fields = new Map();
  for (const [index, reader] of parts.entries()) {
    const group = match.groups[index];
    if (reader.read === undefined || reader.letter === undefined || typeof group !== "string") continue;
    fields.set(reader.letter, reader.read(group));
  }
  return fields.size === 0 ? undefined : momentOf(fields, run.draws.nowEpochMs);
}

function fieldReader(part: FieldPart): PartReader {
  const { letter } = part;
  if (letter === "Z" || letter === "z") return zoneReader(part);
  if (letter === "f") {
    return { letter, pattern: "[0-9]+", read: (text) => Number.parseFloat(`0.${text.slice(0, 3)}`) * 1000 };
  }
  if (part.integer !== undefined) return { letter, ...integerReader(part.integer) };
  const names = nameValues(part);
  return { letter, pattern: "[a-zA-Z]+", read: (text) => names.get(text) };
}

function nameValues(part: FieldPart): ReadonlyMap<string, number> {
  const shortened = (name: string) =>
    part.widthMax === undefined || part.widthMax === 0 ? name : name.slice(0, part.widthMax);
  switch (part.letter) {
    case "M":
    case "x":
      return new Map(monthNames.map((name, index) => [shortened(name), index + 1]));
    case "F":
      return new Map(dayNames.flatMap((name, index) => index === 0 ? [] : [[shortened(name), index] as const]));
    case "P":
      return new Map([["am", 0], ["AM", 0], ["pm", 1], ["PM", 1]]);
    default:
      throw fail("D3133", { value: part.letter });
  }
}

/** Reads minutes. */
function zoneReader(part: FieldPart): PartReader {
  const format = part.integer;
  const separator = format !== undefined && format.regularDistance > 0 ? format.separators[0]?.character : undefined;
  const digits = separator === undefined ? "[-+][0-9]+" : `[-+][0-9]+${RE2JS.quote(separator)}[0-9]+`;
  return {
    letter: part.letter,
    pattern: part.letter === "z" ? `GMT${digits}` : digits,
    read: (text) => zoneMinutes(part.letter === "z" ? text.slice(3) : text, separator),
  };
}

function zoneMinutes(text: string, separator: string | undefined): number {
  const split = separator === undefined ? (text.length <= 3 ? text.length : 3) : text.indexOf(separator);
  const minutes = text.slice(split + (separator?.length ?? 0));
  return Number.parseInt(text.slice(0, split), 10) * 60 + (minutes === "" ? 0 : Number.parseInt(minutes, 10));
}

/** Field sets that make a date or a time, as bits of `YXMxWwdD` and `PHhmsf`. */
const DATE_BY_MONTH = 0b10100001;
const DATE_BY_DAY = 0b10000010;
const DATE_BY_MONTH_WEEK = 0b01010100;
const DATE_BY_WEEK = 0b01001000;
const TIME_BY_24 = 0b010111;
const TIME_BY_12 = 0b101111;

function maskOf(fields: Fields, letters: string): number {
  let mask = 0;
  for (const letter of letters) mask = mask * 2 + (fields.get(letter) ? 1 : 0);
  return mask;
}

/** True when the fields are some of the set's, and no others. */
function isOf(set: number, mask: number): boolean {
  return (~set & mask) === 0 && (set & mask) !== 0;
}

function momentOf(fields: Fields, nowMs: number): number {
  const dateMask = maskOf(fields, "YXMxWwdD");
  const isByDay = !isOf(DATE_BY_MONTH, dateMask) && isOf(DATE_BY_DAY, dateMask);
  const isByMonthWeek = isOf(DATE_BY_MONTH_WEEK, dateMask);
  const isByWeek = !isByMonthWeek && isOf(DATE_BY_WEEK, dateMask);
  const timeMask = maskOf(fields, "PHhmsf");
  const isBy12 = !isOf(TIME_BY_24, timeMask) && isOf(TIME_BY_12, timeMask);
  const dateLetters = isByDay ? "YD" : isByMonthWeek ? "XxwF" : isByWeek ? "XWF" : "YMD";
  complete(fields, dateLetters + (isBy12 ? "Phmsf" : "Hmsf"), nowMs);
  if (isByMonthWeek || isByWeek) throw fail("D3136");
  return assemble(fields, isByDay, isBy12);
}

/** Fills in fields: before those given from now, after them with the least there is. Gaps are a failure. */
function complete(fields: Fields, letters: string, nowMs: number): void {
  let [started, ended] = [false, false];
  for (const letter of letters) {
    if (fields.get(letter) !== undefined) {
      started = true;
      if (ended) throw fail("D3136");
    } else if (started) {
      fields.set(letter, "MDd".includes(letter) ? 1 : 0);
      ended = true;
    } else {
      fields.set(letter, dateField(nowMs, letter));
    }
  }
}

function assemble(fields: Fields, isByDay: boolean, isBy12: boolean): number {
  const number = (letter: string): number => {
    const value = fields.get(letter);
    return typeof value === "number" ? value : 0;
  };
  let [month, day, hour] = [Math.max(0, number("M") - 1), number("D"), number("H")];
  if (isByDay) {
    const date = new Date(Date.UTC(number("Y"), 0) + (number("d") - 1) * 86_400_000);
    [month, day] = [date.getUTCMonth(), date.getUTCDate()];
  }
  if (isBy12) hour = (number("h") === 12 ? 0 : number("h")) + (fields.get("P") === 1 ? 12 : 0);
  const moment = Date.UTC(number("Y"), month, day, hour, number("m"), number("s"), number("f"));
  return moment - (number("Z") || number("z")) * 60_000;
}
