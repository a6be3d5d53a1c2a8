/**
 * `$formatNumber`: a number by a picture such as `#,##0.00`.
 * @see XPath functions 3.1, section 4.7, "Formatting numbers"; where the reference implementation departs from it, it is followed
 */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { isObject, type Value } from "../values/values.ts";
import type { FunctionTable } from "./function_table.ts";
import { roundHalfEven } from "./numeric.ts";

/** The characters that have a meaning in pictures, and that results are made with. */
interface Symbols {
  readonly decimal: string;
  readonly grouping: string;
  readonly exponent: string;
  readonly minus: string;
  readonly percent: string;
  readonly perMille: string;
  readonly zero: string;
  readonly digit: string;
  readonly separator: string;
  /** The ten digits. */
  readonly digits: string;
  /** The characters that make the active part of a picture. */
  readonly active: ReadonlySet<string>;
}

function symbolsOf(options: Value): Symbols {
  const option = (name: string, otherwise: string): string => {
    const value = isObject(options) && Object.hasOwn(options, name) ? options[name] : undefined;
    // An empty string would be found everywhere.
    return typeof value === "string" && value !== "" ? value : otherwise;
  };
  const zero = option("zero-digit", "0");
  let digits = "";
  for (let digit = 0; digit < 10; digit++) digits += String.fromCharCode(zero.charCodeAt(0) + digit);
  const symbols = {
    decimal: option("decimal-separator", "."),
    grouping: option("grouping-separator", ","),
    exponent: option("exponent-separator", "e"),
    minus: option("minus-sign", "-"),
    percent: option("percent", "%"),
    perMille: option("per-mille", "\u2030"),
    zero,
    digit: option("digit", "#"),
    separator: option("pattern-separator", ";"),
    digits,
  };
  const { decimal, exponent, grouping, digit, separator } = symbols;
  return { ...symbols, active: new Set([...digits, decimal, exponent, grouping, digit, separator]) };
}

/** One picture, taken apart. */
interface Parts {
  readonly picture: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly active: string;
  readonly mantissa: string;
  readonly exponent: string | undefined;
  readonly integer: string;
  readonly fraction: string;
}

function takeApart(picture: string, symbols: Symbols): Parts {
  const isActive = (character: string) => symbols.active.has(character) && character !== symbols.exponent;
  let start = 0;
  while (start < picture.length && !isActive(picture.charAt(start))) start++;
  let end = picture.length;
  while (end > 0 && !isActive(picture.charAt(end - 1))) end--;
  const prefix = start < picture.length ? picture.slice(0, start) : "";
  const suffix = end > 0 ? picture.slice(end) : "";
  const active = picture.slice(prefix.length, picture.length - suffix.length);
  const exponentAt = picture.indexOf(symbols.exponent, prefix.length);
  const hasExponent = exponentAt >= 0 && exponentAt <= picture.length - suffix.length;
  const mantissa = hasExponent ? active.slice(0, exponentAt) : active;
  const decimalAt = mantissa.indexOf(symbols.decimal);
  return {
    picture,
    prefix,
    suffix,
    active,
    mantissa,
    exponent: hasExponent ? active.slice(exponentAt + 1) : undefined,
    integer: decimalAt < 0 ? mantissa : mantissa.slice(0, decimalAt),
    fraction: decimalAt < 0 ? suffix : mantissa.slice(decimalAt + 1),
  };
}

function countDigits(text: string, symbols: Symbols): number {
  let count = 0;
  for (const character of text) if (symbols.digits.includes(character)) count++;
  return count;
}

function countPlaces(text: string, symbols: Symbols): number {
  let count = 0;
  for (const character of text) if (symbols.digits.includes(character) || character === symbols.digit) count++;
  return count;
}

function occursTwice(text: string, part: string): boolean {
  return text.indexOf(part) !== text.lastIndexOf(part);
}

/** The code of the last rule that the picture breaks. */
function brokenRule(parts: Parts, symbols: Symbols): string | undefined {
  const { picture, integer, fraction, exponent } = parts;
  const decimalAt = picture.indexOf(symbols.decimal);
  const hasPercent = picture.includes(symbols.percent);
  const hasPerMille = picture.includes(symbols.perMille);
  const besideDecimal = [picture.charAt(decimalAt - 1), picture.charAt(decimalAt + 1)];
  const optionalAt = integer.indexOf(symbols.digit);
  const lastOptionalAt = fraction.lastIndexOf(symbols.digit);
  const rules: readonly (readonly [code: string, isBroken: boolean])[] = [
    ["D3081", occursTwice(picture, symbols.decimal)],
    ["D3082", occursTwice(picture, symbols.percent)],
    ["D3083", occursTwice(picture, symbols.perMille)],
    ["D3084", hasPercent && hasPerMille],
    ["D3085", countPlaces(parts.mantissa, symbols) === 0],
    ["D3086", [...parts.active].some((character) => !symbols.active.has(character))],
    ["D3087", decimalAt >= 0 && besideDecimal.includes(symbols.grouping)],
    ["D3088", decimalAt < 0 && integer.charAt(integer.length - 1) === symbols.grouping],
    ["D3089", picture.includes(symbols.grouping + symbols.grouping)],
    ["D3090", optionalAt >= 0 && countDigits(integer.slice(0, optionalAt), symbols) > 0],
    ["D3091", lastOptionalAt >= 0 && countDigits(fraction.slice(lastOptionalAt), symbols) > 0],
    ["D3092", exponent !== undefined && exponent.length > 0 && (hasPercent || hasPerMille)],
    ["D3093", exponent !== undefined && (exponent.length === 0 || countDigits(exponent, symbols) < exponent.length)],
  ];
  return rules.findLast(([, isBroken]) => isBroken)?.[0];
}

/** What a picture asks for. */
interface Layout {
  readonly picture: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly integerGroups: readonly number[];
  /** Every so many digits, 0 when the groups are not alike. */
  readonly regularGroup: number;
  readonly fractionGroups: readonly number[];
  readonly integerMin: number;
  readonly scaling: number;
  readonly fractionMin: number;
  readonly fractionMax: number;
  readonly exponentMin: number;
}

function layoutOf(parts: Parts, symbols: Symbols): Layout {
  const integerGroups = groupPlaces(parts.integer, parts.integer, false, symbols);
  const scaling = countDigits(parts.integer, symbols);
  let integerMin = scaling;
  let fractionMin = countDigits(parts.fraction, symbols);
  let fractionMax = countPlaces(parts.fraction, symbols);
  const hasExponent = parts.exponent !== undefined;
  if (integerMin === 0 && fractionMax === 0) {
    if (hasExponent) fractionMin = fractionMax = 1;
    else integerMin = 1;
  }
  if (hasExponent && integerMin === 0 && parts.integer.includes(symbols.digit)) integerMin = 1;
  if (integerMin === 0 && fractionMin === 0) fractionMin = 1;
  return {
    picture: parts.picture,
    prefix: parts.prefix,
    suffix: parts.suffix,
    integerGroups,
    regularGroup: regularDistance(integerGroups),
    fractionGroups: groupPlaces(parts.fraction, parts.integer, true, symbols),
    integerMin,
    scaling,
    fractionMin,
    fractionMax,
    exponentMin: countDigits(parts.exponent ?? "", symbols),
  };
}

/** Digits between each grouping separator and the decimal separator. After the first it is the integer part that is searched. */
function groupPlaces(part: string, integer: string, toLeft: boolean, symbols: Symbols): number[] {
  const places: number[] = [];
  for (let at = part.indexOf(symbols.grouping); at >= 0; at = integer.indexOf(symbols.grouping, at + 1)) {
    places.push(countPlaces(toLeft ? part.slice(0, at) : part.slice(at), symbols));
  }
  return places;
}

/** The distance between groups that are all alike, else 0. */
export function regularDistance(places: readonly number[]): number {
  if (places.length === 0) return 0;
  const divisor = (a: number, b: number): number => b === 0 ? a : divisor(b, a % b);
  const distance = places.reduce(divisor);
  for (let count = 1; count <= places.length; count++) {
    if (!places.includes(count * distance)) return 0;
  }
  return distance;
}

function digitsOf(value: number, decimals: number, symbols: Symbols): string {
  const text = Math.abs(value).toFixed(decimals);
  return text.replace(/[0-9]/g, (digit) => symbols.digits.charAt(Number(digit)));
}

/** A mantissa with as many digits before the point as the picture has, and the exponent that goes with it. */
function scaled(value: number, scaling: number): readonly [mantissa: number, exponent: number] {
  const [largest, least] = [10 ** scaling, 10 ** (scaling - 1)];
  let [mantissa, exponent] = [value, 0];
  if (mantissa !== 0) {
    while (Math.abs(mantissa) < least) {
      mantissa *= 10;
      exponent--;
    }
    while (Math.abs(mantissa) > largest) {
      mantissa /= 10;
      exponent++;
    }
  }
  return [mantissa, exponent];
}

function format(value: number, layout: Layout, symbols: Symbols): string {
  let adjusted = value;
  if (layout.picture.includes(symbols.percent)) adjusted *= 100;
  else if (layout.picture.includes(symbols.perMille)) adjusted *= 1000;
  const [mantissa, exponent] = layout.exponentMin === 0 ? [adjusted, undefined] : scaled(adjusted, layout.scaling);
  const rounded = roundHalfEven(mantissa, layout.fractionMax);
  let text = grouped(padded(digitsOf(rounded, layout.fractionMax, symbols), layout, symbols), layout, symbols);
  const decimalAt = text.indexOf(symbols.decimal);
  if (!layout.picture.includes(symbols.decimal) || decimalAt === text.length - 1) text = text.slice(0, -1);
  if (exponent !== undefined) {
    const digits = digitsOf(exponent, 0, symbols).padStart(layout.exponentMin, symbols.zero);
    text += symbols.exponent + (exponent < 0 ? symbols.minus : "") + digits;
  }
  return layout.prefix + text + layout.suffix;
}

/** The digits without needless zeros, and with those that the picture asks for. */
function padded(digits: string, layout: Layout, symbols: Symbols): string {
  let text = digits.includes(".") ? digits.replace(".", () => symbols.decimal) : digits + symbols.decimal;
  let start = 0;
  while (text.charAt(start) === symbols.zero) start++;
  let end = text.length;
  while (end > start && text.charAt(end - 1) === symbols.zero) end--;
  text = text.slice(start, end);
  const decimalAt = text.indexOf(symbols.decimal);
  const left = Math.max(0, layout.integerMin - decimalAt);
  const right = Math.max(0, layout.fractionMin - (text.length - decimalAt - 1));
  return symbols.zero.repeat(left) + text + symbols.zero.repeat(right);
}

function grouped(digits: string, layout: Layout, symbols: Symbols): string {
  let text = digits;
  const insert = (at: number): void => {
    text = text.slice(0, at) + symbols.grouping + text.slice(at);
  };
  let decimalAt = text.indexOf(symbols.decimal);
  if (layout.regularGroup > 0) {
    const count = Math.floor((decimalAt - 1) / layout.regularGroup);
    for (let group = 1; group <= count; group++) insert(decimalAt - group * layout.regularGroup);
  } else {
    for (const place of layout.integerGroups) {
      insert(decimalAt - place);
      decimalAt++;
    }
  }
  decimalAt = text.indexOf(symbols.decimal);
  for (const place of layout.fractionGroups) insert(place + decimalAt + 1);
  return text;
}

/** Pictures are short; what is done with one grows with the square of its length. */
const FRACTION_DIGITS_MAX = 100;

function formatNumber([value, picture, options]: readonly Value[], run: Run): Value {
  if (typeof value !== "number" || typeof picture !== "string") return undefined;
  if (!Number.isFinite(value)) throw fail("D1001", { value });
  run.charge(50 + picture.length * (1 + (picture.length >> 4)));
  const symbols = symbolsOf(options);
  const pictures = picture.split(symbols.separator);
  if (pictures.length > 2) throw fail("D3080");
  const layouts = pictures.map((part) => {
    const parts = takeApart(part, symbols);
    const broken = brokenRule(parts, symbols);
    if (broken !== undefined) throw fail(broken);
    return layoutOf(parts, symbols);
  });
  const [positive, negative = positive] = layouts;
  if (positive === undefined || negative === undefined) return undefined;
  const layout = value >= 0
    ? positive
    : layouts.length > 1
    ? negative
    : { ...negative, prefix: symbols.minus + negative.prefix };
  if (layout.fractionMax > FRACTION_DIGITS_MAX) throw fail("D3094");
  const text = format(value, layout, symbols);
  run.reserveText(text.length);
  return text;
}

/** `$formatNumber`. */
export const formatNumberFunctions: FunctionTable = {
  formatNumber: [3, "<n-so?:s>", formatNumber],
};
