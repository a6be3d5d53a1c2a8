/** String functions that need no regular expression. */
import { Buffer } from "node:buffer";
import { placeOf, searchSteps } from "../../text_search.ts";
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { codePointLength, codePointOffset, stringOf } from "../values/text.ts";
import { isArray, type Value } from "../values/values.ts";
import type { FunctionTable } from "./function_table.ts";

type TextFunction = (text: string, args: readonly Value[], run: Run) => Value;

/** A function of a text: nothing gives nothing. The text's length is charged. */
function ofText(compute: TextFunction) {
  return (args: readonly Value[], run: Run): Value => {
    const [text] = args;
    if (typeof text !== "string") return undefined;
    run.chargeText(text.length);
    return compute(text, args, run);
  };
}

/** A string just built, if it is not too long. */
function built(text: string, run: Run): string {
  run.reserveText(text.length);
  return text;
}

function string([value, prettify]: readonly Value[], run: Run): Value {
  return value === undefined ? undefined : stringOf(value, run, prettify === true ? "  " : "");
}

/** Start and length in code points, a negative start from the end; fractions are cut as the host's `slice` cuts them. */
function substring(text: string, [, start, length]: readonly Value[], run: Run): Value {
  if (typeof start !== "number") return text;
  const total = codePointLength(text);
  const first = total + start < 0 ? 0 : start;
  if (typeof length !== "number") return built(sliceCodePoints(text, total, first, total), run);
  if (length <= 0) return "";
  return built(sliceCodePoints(text, total, first, first >= 0 ? first + length : total + first + length), run);
}

function sliceCodePoints(text: string, total: number, start: number, end: number): string {
  const place = (at: number): number => {
    const whole = Math.trunc(at);
    return whole < 0 ? Math.max(0, total + whole) : Math.min(whole, total);
  };
  const [from, to] = [place(start), place(end)];
  if (from >= to) return "";
  if (total === text.length) return text.slice(from, to);
  return text.slice(codePointOffset(text, from), codePointOffset(text, to));
}

function substringBefore(text: string, [, characters]: readonly Value[], run: Run): Value {
  run.charge(searchSteps(text, String(characters)));
  const place = placeOf(text, String(characters));
  return place < 0 ? text : text.slice(0, place);
}

function substringAfter(text: string, [, characters]: readonly Value[], run: Run): Value {
  run.charge(searchSteps(text, String(characters)));
  const place = placeOf(text, String(characters));
  return place < 0 ? text : text.slice(place + String(characters).length);
}

/** Runs of spaces, tabs and line ends become one space; none is left at the ends. */
function trim(text: string, _: readonly Value[], run: Run): Value {
  return built(text.replace(/[ \t\n\r]+/g, " ").replace(/^ /, "").replace(/ $/, ""), run);
}

/** To a width in code points: behind when positive, in front when negative. */
function pad(text: string, [, width, character]: readonly Value[], run: Run): Value {
  const filler = typeof character === "string" && character.length > 0 ? character : " ";
  const wanted = typeof width === "number" ? Math.trunc(width) : 0;
  const missing = Math.abs(wanted) - codePointLength(text);
  if (!(missing > 0)) return text;
  run.reserveText(text.length + missing * filler.length);
  const padding = filler.length === 1 ? filler.repeat(missing) : fill(filler, missing);
  return wanted > 0 ? text + padding : padding + text;
}

function fill(filler: string, count: number): string {
  const repeated = filler.repeat(Math.ceil(count / codePointLength(filler)));
  return sliceCodePoints(repeated, codePointLength(repeated), 0, count);
}

function join([texts, separator]: readonly Value[], run: Run): Value {
  if (!isArray(texts)) return undefined;
  const between = typeof separator === "string" ? separator : "";
  run.charge(texts.length);
  let length = between.length * Math.max(0, texts.length - 1);
  for (const text of texts) length += typeof text === "string" ? text.length : 0;
  run.reserveText(length);
  let joined = "";
  for (let index = 0; index < texts.length; index++) {
    joined += (index > 0 ? between : "") + stringOf(texts[index], run);
  }
  return joined;
}

/** The code units' low bytes as base64, as the reference implementation has it on Node. */
function base64encode(text: string, _: readonly Value[], run: Run): Value {
  run.reserveText(Math.ceil(text.length / 3) * 4);
  return Buffer.from(text, "latin1").toString("base64");
}

function base64decode(text: string, _: readonly Value[], run: Run): Value {
  run.reserveText(text.length);
  return Buffer.from(text, "base64").toString("latin1");
}

function url(functionName: string, translate: (text: string) => string): TextFunction {
  return (text, _, run) => {
    let translated: string;
    try {
      translated = translate(text);
    } catch {
      throw fail("D3140", { value: text, functionName });
    }
    return built(translated, run);
  };
}

/** The functions of strings that need no matcher. */
export const stringFunctions: FunctionTable = {
  string: [1, "<x-b?:s>", string],
  substring: [3, "<s-nn?:s>", ofText(substring)],
  substringBefore: [2, "<s-s:s>", ofText(substringBefore)],
  substringAfter: [2, "<s-s:s>", ofText(substringAfter)],
  lowercase: [1, "<s-:s>", ofText((text, _, run) => built(text.toLowerCase(), run))],
  uppercase: [1, "<s-:s>", ofText((text, _, run) => built(text.toUpperCase(), run))],
  length: [1, "<s-:n>", ofText(codePointLength)],
  trim: [1, "<s-:s>", ofText(trim)],
  pad: [3, "<s-ns?:s>", ofText(pad)],
  join: [2, "<a<s>s?:s>", join],
  base64encode: [1, "<s-:s>", ofText(base64encode)],
  base64decode: [1, "<s-:s>", ofText(base64decode)],
  encodeUrlComponent: [1, "<s-:s>", ofText(url("encodeUrlComponent", encodeURIComponent))],
  encodeUrl: [1, "<s-:s>", ofText(url("encodeUrl", encodeURI))],
  decodeUrlComponent: [1, "<s-:s>", ofText(url("decodeUrlComponent", decodeURIComponent))],
  decodeUrl: [1, "<s-:s>", ofText(url("decodeUrl", decodeURI))],
};
