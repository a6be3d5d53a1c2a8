/**
 * Whole numbers by a picture: `$formatInteger`, `$parseInteger`, and the fields of dates.
 * @see XPath functions 3.1, section 4.6, "Formatting integers"
 */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { regularDistance } from "./format_number.ts";
import type { FunctionTable } from "./function_table.ts";
import {
  fromLetters,
  fromRoman,
  numberToWords,
  toLetters,
  toRoman,
  wordsToNumber,
  wordValues,
} from "./number_words.ts";

/** Upper case, lower case, or a capital at the start of each word. */
export type LetterCase = "upper" | "lower" | "title";

/** A separator, and how many digits are behind it. */
interface Separator {
  readonly position: number;
  readonly character: string;
}

/** A picture, understood. */
export interface IntegerFormat {
  readonly kind: "decimal" | "letters" | "roman" | "words" | "sequence";
  readonly letterCase: LetterCase;
  readonly ordinal: boolean;
  /** Code point of the digit 0. */
  readonly zero: number;
  readonly mandatoryDigits: number;
  readonly optionalDigits: number;
  /** From the right. */
  readonly separators: readonly Separator[];
  /** Digits from one separator to the next when all are alike, else 0. */
  readonly regularDistance: number;
  /** The picture, for messages. */
  readonly token: string;
  /** Digits to read where another number follows at once. */
  readonly parseWidth?: number;
}

const ASCII_ZERO = 0x30;
const digitZeros: readonly number[] = [
  0x30,
  0x0660,
  0x06F0,
  0x07C0,
  0x0966,
  0x09E6,
  0x0A66,
  0x0AE6,
  0x0B66,
  0x0BE6,
  0x0C66,
  0x0CE6,
  0x0D66,
  0x0DE6,
  0x0E50,
  0x0ED0,
  0x0F20,
  0x1040,
  0x1090,
  0x17E0,
  0x1810,
  0x1946,
  0x19D0,
  0x1A80,
  0x1A90,
  0x1B50,
  0x1BB0,
  0x1C40,
  0x1C50,
  0xA620,
  0xA8D0,
  0xA900,
  0xA9D0,
  0xA9F0,
  0xAA50,
  0xABF0,
  0xFF10,
];

const namedPictures: Readonly<Record<string, readonly [kind: IntegerFormat["kind"], letterCase: LetterCase]>> = {
  A: ["letters", "upper"],
  a: ["letters", "lower"],
  I: ["roman", "upper"],
  i: ["roman", "lower"],
  W: ["words", "upper"],
  w: ["words", "lower"],
  Ww: ["words", "title"],
};

/** Reads a picture such as `#,##0`, `Ww;o`, `I`. */
export function integerFormatOf(picture: string, run: Run): IntegerFormat {
  run.charge(10 + picture.length * 4);
  const semicolon = picture.lastIndexOf(";");
  const primary = semicolon < 0 ? picture : picture.slice(0, semicolon);
  const ordinal = semicolon >= 0 && picture.charAt(semicolon + 1) === "o";
  const named = Object.hasOwn(namedPictures, primary) ? namedPictures[primary] : undefined;
  const base = {
    ordinal,
    zero: ASCII_ZERO,
    mandatoryDigits: 0,
    optionalDigits: 0,
    separators: [],
    regularDistance: 0,
    token: primary,
  };
  if (named !== undefined) return { ...base, kind: named[0], letterCase: named[1] };
  return { ...base, ...decimalPattern(primary, run), letterCase: "lower" };
}

function decimalPattern(picture: string, run: Run) {
  let zero: number | undefined;
  let [mandatoryDigits, optionalDigits] = [0, 0];
  const separators: Separator[] = [];
  for (const character of [...picture].reverse()) {
    const code = character.codePointAt(0) ?? 0;
    const family = digitZeros.find((start) => code >= start && code <= start + 9);
    if (family !== undefined) {
      if (zero !== undefined && zero !== family) throw fail("D3131");
      zero = family;
      mandatoryDigits++;
    } else if (character === "#") {
      optionalDigits++;
    } else {
      separators.push({ position: mandatoryDigits + optionalDigits, character });
    }
  }
  if (zero === undefined) return { kind: "sequence" as const };
  run.charge(separators.length * separators.length);
  const isUniform = separators.every((separator) => separator.character === separators[0]?.character);
  const distance = isUniform ? regularDistance(separators.map((separator) => separator.position)) : 0;
  return { kind: "decimal" as const, zero, mandatoryDigits, optionalDigits, separators, regularDistance: distance };
}

/** Writes a whole number. */
export function formatInteger(value: number, format: IntegerFormat, run: Run): string {
  if (!Number.isFinite(value)) throw fail("D3155", { value });
  const text = unsigned(Math.abs(value), format, run);
  return value < 0 ? `-${text}` : text;
}

function unsigned(value: number, format: IntegerFormat, run: Run): string {
  switch (format.kind) {
    case "letters":
      return toLetters(value, format.letterCase === "upper" ? "A" : "a");
    case "roman":
      run.reserveText(Math.ceil(value / 1000) + 16);
      return withCase(toRoman(value), format.letterCase);
    case "words":
      run.charge(20);
      return withCase(
        numberToWords(value, format.ordinal),
        format.letterCase === "title" ? undefined : format.letterCase,
      );
    case "decimal":
      return decimal(value, format, run);
    case "sequence":
      throw fail("D3130", { value: format.token });
  }
}

function withCase(text: string, letterCase: LetterCase | undefined): string {
  if (letterCase === undefined) return text;
  return letterCase === "upper" ? text.toUpperCase() : text.toLowerCase();
}

function decimal(value: number, format: IntegerFormat, run: Run): string {
  run.reserveText(Math.max(32, format.mandatoryDigits) + format.separators.length);
  let text = String(value).padStart(format.mandatoryDigits, "0");
  if (format.zero !== ASCII_ZERO) {
    text = [...text].map((digit) => String.fromCodePoint((digit.codePointAt(0) ?? 0) + format.zero - ASCII_ZERO)).join(
      "",
    );
  }
  text = separated(text, format, run);
  if (!format.ordinal) return text;
  const suffix = ({ 1: "st", 2: "nd", 3: "rd" } as Readonly<Record<string, string>>)[text.charAt(text.length - 1)];
  return text + (suffix === undefined || text.charAt(text.length - 2) === "1" ? "th" : suffix);
}

function separated(digits: string, format: IntegerFormat, run: Run): string {
  const insert = (text: string, at: number, character: string) => text.slice(0, at) + character + text.slice(at);
  let text = digits;
  const [first] = format.separators;
  if (format.regularDistance > 0 && first !== undefined) {
    const count = Math.floor((digits.length - 1) / format.regularDistance);
    run.charge(count * (1 + (digits.length >> 6)));
    for (let group = count; group > 0; group--) {
      text = insert(text, text.length - group * format.regularDistance, first.character);
    }
    return text;
  }
  run.charge(format.separators.length * (1 + (digits.length >> 6)));
  for (const { position, character } of format.separators.toReversed()) {
    // Where there are fewer digits than that, the position counts from the end, as in the reference implementation.
    const at = text.length - position;
    text = text.slice(0, Math.max(0, at)) + character + text.slice(at);
  }
  return text;
}

/** What text a format reads, and how. */
export interface IntegerReader {
  readonly pattern: string;
  readonly read: (text: string) => number;
}

/** The reader for a format. */
export function integerReader(format: IntegerFormat): IntegerReader {
  const isUpper = format.letterCase === "upper";
  switch (format.kind) {
    case "letters":
      return { pattern: isUpper ? "[A-Z]+" : "[a-z]+", read: (text) => fromLetters(text, isUpper ? "A" : "a") };
    case "roman":
      return {
        pattern: isUpper ? "[MDCLXVI]+" : "[mdclxvi]+",
        read: (text) => fromRoman(isUpper ? text : text.toUpperCase()),
      };
    case "words":
      return {
        pattern: `(?:${[...wordValues.keys(), "and", "[\\-, ]"].join("|")})+`,
        read: (text) => wordsToNumber(text.toLowerCase()),
      };
    case "decimal":
      return {
        pattern: `[0-9]${format.parseWidth === undefined ? "+" : `{${format.parseWidth}}`}${
          format.ordinal ? "(?:th|st|nd|rd)" : ""
        }`,
        read: (text) => readDecimal(text, format),
      };
    case "sequence":
      throw fail("D3130", { value: format.token });
  }
}

function readDecimal(text: string, format: IntegerFormat): number {
  let digits = format.ordinal ? text.slice(0, -2) : text;
  if (format.regularDistance > 0) {
    digits = digits.replaceAll(",", "");
  } else {
    for (const { character } of format.separators) digits = digits.replaceAll(character, "");
  }
  if (format.zero !== ASCII_ZERO) {
    const offset = format.zero - ASCII_ZERO;
    digits = [...digits].map((digit) => String.fromCodePoint(Math.max(0, (digit.codePointAt(0) ?? 0) - offset))).join(
      "",
    );
  }
  return Number.parseInt(digits, 10);
}

/** `$formatInteger` and `$parseInteger`. */
export const integerFunctions: FunctionTable = {
  formatInteger: [2, "<n-s:s>", ([value, picture], run) => {
    if (typeof value !== "number" || typeof picture !== "string") return undefined;
    return formatInteger(Math.floor(value), integerFormatOf(picture, run), run);
  }],
  parseInteger: [2, "<s-s:n>", ([text, picture], run) => {
    if (typeof text !== "string" || typeof picture !== "string") return undefined;
    run.chargeText(text.length * 8);
    return integerReader(integerFormatOf(picture, run)).read(text);
  }],
};
