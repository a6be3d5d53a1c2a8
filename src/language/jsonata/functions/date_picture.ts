/**
 * Pictures of dates and times, such as `[D1o] [MNn] [Y0001] [h]:[m01] [PN]`.
 * @see XPath functions 3.1, section 9.8.4, "The date/time formatting functions"
 */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { type IntegerFormat, integerFormatOf, type LetterCase } from "./integer_format.ts";

/** A part of a picture: text, or a field in brackets. */
export type PicturePart = { readonly kind: "literal"; readonly text: string } | FieldPart;

/** `[…]` of a picture. */
export interface FieldPart {
  readonly kind: "field";
  /** The letter that names the field. */
  readonly letter: string;
  /** The field is written as a name, in this case. */
  readonly names: LetterCase | undefined;
  /** The field is written as a number. */
  readonly integer: IntegerFormat | undefined;
  readonly widthMax: number | undefined;
  /** Digits of the year, -1 for all. */
  readonly yearDigits: number;
  /** UTC is written `Z`. */
  readonly zuluForUtc: boolean;
}

const defaultPresentations: Readonly<Record<string, string>> = {
  Y: "1",
  M: "1",
  D: "1",
  d: "1",
  F: "n",
  W: "1",
  w: "1",
  X: "1",
  x: "1",
  H: "1",
  h: "1",
  P: "n",
  m: "01",
  s: "01",
  f: "1",
  Z: "01:01",
  z: "01:01",
  C: "n",
  E: "n",
};

const NUMBER_LETTERS = "YMDdFWwXxHhmsf";
/** A picture costs more than its length: a regular expression may be made of it. */
const PICTURE_CHARACTERS_MAX = 1_000;

/** Takes a picture apart. */
export function parsePicture(picture: string, run: Run): readonly PicturePart[] {
  if (picture.length > PICTURE_CHARACTERS_MAX) throw fail("D3155", { value: picture });
  run.charge(20 + picture.length);
  const parts: PicturePart[] = [];
  let start = 0;
  const addLiteral = (end: number): void => {
    if (end > start) parts.push({ kind: "literal", text: picture.slice(start, end).replaceAll("]]", "]") });
  };
  let position = 0;
  while (position < picture.length) {
    if (picture.charAt(position) !== "[") {
      position++;
      continue;
    }
    addLiteral(position);
    if (picture.charAt(position + 1) === "[") {
      parts.push({ kind: "literal", text: "[" });
      position += 2;
    } else {
      const end = picture.indexOf("]", position);
      if (end < 0) throw fail("D3135");
      const field = parseField(picture.slice(position + 1, end).replace(/\s+/g, ""), run);
      holdPreviousWidth(parts, field);
      parts.push(field);
      position = end + 1;
    }
    start = position;
  }
  addLiteral(position);
  return parts;
}

/** Where a number follows a number at once, the first one must be read by its width. */
function holdPreviousWidth(parts: PicturePart[], field: FieldPart): void {
  const previous = parts[parts.length - 1];
  if (field.integer === undefined || !NUMBER_LETTERS.includes(field.letter)) return;
  if (previous?.kind !== "field" || previous.integer === undefined) return;
  const integer = { ...previous.integer, parseWidth: previous.integer.mandatoryDigits };
  parts[parts.length - 1] = { ...previous, integer };
}

function parseField(marker: string, run: Run): FieldPart {
  const letter = marker.charAt(0);
  const comma = marker.lastIndexOf(",");
  const [widthMin, widthMax] = comma < 0 ? [undefined, undefined] : parseWidths(marker.slice(comma + 1));
  const modifiers = comma < 0 ? marker.slice(1) : marker.slice(1, comma);
  const last = modifiers.length > 1 ? modifiers.charAt(modifiers.length - 1) : "";
  const second = last !== "" && "atco".includes(last) ? last : "";
  const presentation = modifiers === ""
    ? (Object.hasOwn(defaultPresentations, letter) ? defaultPresentations[letter] : undefined)
    : modifiers.slice(0, modifiers.length - second.length);
  if (presentation === undefined) throw fail("D3132", { value: letter });
  const names = nameCase(presentation);
  let integer: IntegerFormat | undefined;
  let yearDigits = -1;
  if (names === undefined && NUMBER_LETTERS.includes(letter) && letter !== "") {
    integer = integerFormatOf(second === "" ? presentation : `${presentation};${second}`, run);
    if (widthMin !== undefined && integer.mandatoryDigits < widthMin) {
      integer = { ...integer, mandatoryDigits: widthMin };
    }
    if (letter === "Y") [integer, yearDigits] = withYearDigits(integer, widthMax);
  } else if (letter === "Z" || letter === "z") {
    integer = integerFormatOf(presentation, run);
  }
  return { kind: "field", letter, names, integer, widthMax, yearDigits, zuluForUtc: second === "t" };
}

function withYearDigits(integer: IntegerFormat, widthMax: number | undefined): [IntegerFormat, number] {
  if (widthMax !== undefined) return [{ ...integer, mandatoryDigits: widthMax }, widthMax];
  const digits = integer.mandatoryDigits + integer.optionalDigits;
  return [integer, digits >= 2 ? digits : -1];
}

function nameCase(presentation: string): LetterCase | undefined {
  if (presentation.startsWith("n")) return "lower";
  if (!presentation.startsWith("N")) return undefined;
  return presentation.charAt(1) === "n" ? "title" : "upper";
}

/** `min-max`, either of them `*` or left out. */
function parseWidths(text: string): [min: number | undefined, max: number | undefined] {
  const dash = text.indexOf("-");
  const parse = (width: string): number | undefined => {
    const number = Number.parseInt(width, 10);
    return Number.isNaN(number) ? undefined : number;
  };
  return dash < 0 ? [parse(text), undefined] : [parse(text.slice(0, dash)), parse(text.slice(dash + 1))];
}
