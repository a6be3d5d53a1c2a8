/**
 * `$contains`, `$match`, `$replace`, `$split`: with a string, a regular expression, or a function that stands for one. Such a
 * function takes a text and gives `{ match, start, end, groups, next }`, `next` being a function without parameters that
 * gives the next match in the same form.
 */
import { placeOf, placesOf, searchSteps, splitText } from "../../text_search.ts";
import { callBack } from "../values/callable.ts";
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { RegexFunction, type RegexMatch } from "../values/regex.ts";
import { Callable, isArray, isObject, ownValue, Sequence, type Value, type ValueObject } from "../values/values.ts";
import type { FunctionTable } from "./function_table.ts";

interface Found extends RegexMatch {
  /** The match as a value, as a replacing function gets it. */
  readonly value: () => Value;
  readonly next: () => Found | undefined;
}

/** The first match of a matcher in a text. */
function firstMatch(matcher: Value, text: string, token: string, run: Run): Found | undefined {
  run.chargeText(text.length);
  if (matcher instanceof RegexFunction) return regexMatch(matcher, text, matcher.regex.find(text, 0, run), run);
  return customMatch(callBack(matcher, [text], run), token, run);
}

function regexMatch(matcher: RegexFunction, text: string, match: RegexMatch | undefined, run: Run): Found | undefined {
  if (match === undefined) return undefined;
  return {
    ...match,
    value: () => ({ match: match.match, start: match.start, end: match.end, groups: match.groups }),
    next: () => regexMatch(matcher, text, matcher.regex.findNext(text, match, run), run),
  };
}

function customMatch(value: Value, token: string, run: Run): Found | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value) || !isMatchLike(value)) throw fail("T1010", { token });
  const match = ownValue(value, "match");
  const start = ownValue(value, "start");
  const end = ownValue(value, "end");
  const groups = ownValue(value, "groups");
  return {
    match: typeof match === "string" ? match : "",
    start: typeof start === "number" ? start : 0,
    end: typeof end === "number" ? end : 0,
    groups: isArray(groups) ? groups : [],
    value: () => value,
    next: () => customMatch(callBack(ownValue(value, "next"), [], run), token, run),
  };
}

function isMatchLike(value: ValueObject): boolean {
  return typeof ownValue(value, "start") === "number" || isArray(ownValue(value, "groups")) ||
    ownValue(value, "next") instanceof Callable;
}

/** The matches one after the other, at most `limit` of them. */
function* matchesOf(matcher: Value, text: string, limit: Value, token: string, run: Run): Generator<Found> {
  const most = typeof limit === "number" ? limit : Infinity;
  let match = firstMatch(matcher, text, token, run);
  for (let count = 0; match !== undefined && count < most; count++) {
    run.charge(1);
    yield match;
    match = match.next();
  }
}

function contains([text, token]: readonly Value[], run: Run): Value {
  if (typeof text !== "string" || token === undefined) return undefined;
  if (typeof token === "string") {
    run.charge(searchSteps(text, token));
    return placeOf(text, token) >= 0;
  }
  run.chargeText(text.length);
  return firstMatch(token, text, "contains", run) !== undefined;
}

function match([text, matcher, limit]: readonly Value[], run: Run): Value {
  if (typeof text !== "string") return undefined;
  if (typeof limit === "number" && limit < 0) throw fail("D3040", { value: limit, index: 3 });
  const results = new Sequence();
  if (limit === 0) return results;
  for (const found of matchesOf(matcher, text, limit, "match", run)) {
    results.push({ match: found.match, index: found.start, groups: found.groups });
    run.grow(results.length);
    run.allocate(96);
  }
  return results;
}

/** A string that grows within the bounds. */
class TextBuilder {
  text = "";
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  add(part: string): void {
    const length = this.text.length + part.length;
    if (length > this.#run.limits.stringCharactersMax) {
      throw fail("D2016", { value: this.#run.limits.stringCharactersMax });
    }
    this.#run.chargeText(part.length);
    this.#run.allocate(32);
    this.text += part;
  }
}

function replace([text, pattern, replacement, limit]: readonly Value[], run: Run): Value {
  if (typeof text !== "string") return undefined;
  if (pattern === "") throw fail("D3010", { value: pattern, index: 2 });
  if (typeof limit === "number" && limit < 0) throw fail("D3011", { value: limit, index: 4 });
  if (limit === 0) return text;
  run.chargeText(text.length);
  const builder = new TextBuilder(run);
  const end = typeof pattern === "string"
    ? replaceString(text, pattern, replacement, limit, builder, run)
    : replaceMatches(text, pattern, replacement, limit, builder, run);
  builder.add(text.slice(end));
  return builder.text;
}

/** @returns the end of the last part replaced */
function replaceString(
  text: string,
  pattern: string,
  replacement: Value,
  limit: Value,
  builder: TextBuilder,
  run: Run,
): number {
  const most = typeof limit === "number" ? limit : Infinity;
  let position = 0;
  run.charge(searchSteps(text, pattern));
  for (const place of placesOf(text, pattern, most)) {
    run.charge(1);
    if (typeof replacement !== "string") throw fail("D3012", { value: replacement });
    builder.add(text.slice(position, place));
    builder.add(replacement);
    position = place + pattern.length;
  }
  return position;
}

function replaceMatches(
  text: string,
  matcher: Value,
  replacement: Value,
  limit: Value,
  builder: TextBuilder,
  run: Run,
): number {
  let position = 0;
  for (const found of matchesOf(matcher, text, limit, "replace", run)) {
    builder.add(text.slice(position, Math.max(position, found.start)));
    if (typeof replacement === "string") {
      expand(replacement, found, builder);
    } else {
      const replaced = callBack(replacement, [found.value()], run);
      if (typeof replaced !== "string") throw fail("D3012", { value: replaced });
      builder.add(replaced);
    }
    position = found.start + found.match.length;
  }
  return position;
}

/** Adds a replacement with `$0` (the match), `$1` … (its groups) and `$$` (a dollar) put in. */
function expand(replacement: string, found: RegexMatch, builder: TextBuilder): void {
  let position = 0;
  for (let dollar = replacement.indexOf("$"); dollar >= 0; dollar = replacement.indexOf("$", position)) {
    builder.add(replacement.slice(position, dollar));
    position = dollar + 1;
    const next = replacement.charAt(position);
    if (next === "$" || next === "0") {
      builder.add(next === "$" ? "$" : found.match);
      position++;
      continue;
    }
    const digits = groupDigits(replacement, position, found.groups.length);
    if (digits === "") {
      builder.add("$");
      continue;
    }
    const group = found.groups[Number(digits) - 1];
    if (typeof group === "string") builder.add(group);
    position += String(Number(digits)).length;
  }
  builder.add(replacement.slice(position));
}

/** As many digits as the number of the last group has, one less when there is no such group. */
function groupDigits(replacement: string, position: number, groupCount: number): string {
  const most = Math.max(1, String(groupCount).length);
  const digits = /^\d*/.exec(replacement.slice(position, position + most))?.[0] ?? "";
  return most > 1 && Number(digits) > groupCount ? digits.slice(0, most - 1) : digits;
}

function split([text, separator, limit]: readonly Value[], run: Run): Value {
  if (typeof text !== "string") return undefined;
  if (typeof limit === "number" && limit < 0) throw fail("D3020", { value: limit, index: 3 });
  if (limit === 0) return [];
  run.chargeText(text.length);
  return typeof separator === "string"
    ? splitByString(text, separator, limit, run)
    : splitByMatches(text, separator, limit, run);
}

function splitByString(text: string, separator: string, limit: Value, run: Run): Value {
  // One more than allowed is enough to know that there are too many.
  const wanted = typeof limit === "number" ? Math.trunc(limit) : Infinity;
  run.charge(searchSteps(text, separator));
  const parts = splitText(text, separator, Math.min(wanted, run.limits.sequenceLengthMax + 1));
  run.reserveArray(parts.length);
  run.allocate(text.length);
  return parts;
}

function splitByMatches(text: string, matcher: Value, limit: Value, run: Run): Value {
  const parts: Value[] = [];
  let start = 0;
  for (const found of matchesOf(matcher, text, limit, "split", run)) {
    parts.push(text.slice(start, Math.max(start, found.start)));
    run.grow(parts.length);
    run.allocate(32);
    start = found.end;
  }
  if (typeof limit !== "number" || parts.length < limit) parts.push(text.slice(start));
  return parts;
}

/** `$contains`, `$match`, `$replace`, `$split`. */
export const matchingFunctions: FunctionTable = {
  contains: [2, "<s-(sf):b>", contains],
  match: [3, "<s-f<s:o>n?:a<o>>", match],
  replace: [4, "<s-(sf)(sf)n?:s>", replace],
  split: [3, "<s-(sf)n?:a<s>>", split],
};
