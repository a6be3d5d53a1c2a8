/**
 * Finding one text in another in time linear in both, whatever they are.
 *
 * The search of V8's strings is quadratic for some long patterns: of 130,000 characters in 260,000 it takes ten seconds, and
 * nothing can stop it. So long patterns are searched for by the algorithm of Knuth, Morris and Pratt.
 */

/** Patterns up to here are left to the host's search, whose worst case is the product of both lengths. */
export const HOST_CHARACTERS_MAX = 32;
/** So are those whose product with the text is up to here. */
const HOST_PRODUCT_MAX = 4_000_000;

function isForHost(textLength: number, patternLength: number): boolean {
  return patternLength <= HOST_CHARACTERS_MAX || textLength * patternLength <= HOST_PRODUCT_MAX;
}

/** What a search costs at worst, in steps of some 100 nanoseconds: to be charged before it. */
export function searchSteps(text: string, pattern: string): number {
  return isForHost(text.length, pattern.length)
    ? 1 + ((text.length * pattern.length) >> 7)
    : text.length + pattern.length;
}

/** The first place of `pattern` in `text` at `from` or later, -1 when there is none: `text.indexOf(pattern, from)`. */
export function placeOf(text: string, pattern: string, from = 0): number {
  if (isForHost(text.length - from, pattern.length)) return text.indexOf(pattern, from);
  if (pattern.length > text.length - from) return -1;
  const behind = placeBehind(text, from, text.length, pattern, failureTable(pattern));
  return behind < 0 ? -1 : behind - pattern.length;
}

/** All places of `pattern` in `text` that do not overlap, from the left; at most `countMax`. The pattern is not empty. */
export function* placesOf(text: string, pattern: string, countMax = Infinity): Generator<number> {
  const failures = isForHost(text.length, pattern.length) ? undefined : failureTable(pattern);
  let from = 0;
  for (let count = 0; count < countMax; count++) {
    const place = failures === undefined
      ? text.indexOf(pattern, from)
      : placeBehind(text, from, text.length, pattern, failures) - pattern.length;
    if (place < from) return;
    yield place;
    from = place + pattern.length;
  }
}

/** The first `countMax` parts of `text` between places of `separator`: `text.split(separator, countMax)`. */
export function splitText(text: string, separator: string, countMax: number): string[] {
  if (isForHost(text.length, separator.length)) return text.split(separator, Math.min(countMax, 0xffff_ffff));
  const parts: string[] = [];
  let start = 0;
  for (const place of placesOf(text, separator, countMax)) {
    parts.push(text.slice(start, place));
    start = place + separator.length;
  }
  if (parts.length < countMax) parts.push(text.slice(start));
  return parts;
}

/** For each prefix of a pattern, the length of its longest proper prefix that is also its suffix. */
export function failureTable(pattern: string): Int32Array {
  const table = new Int32Array(pattern.length);
  for (let at = 1, matched = 0; at < pattern.length; at++) {
    while (matched > 0 && pattern.charCodeAt(at) !== pattern.charCodeAt(matched)) matched = table[matched - 1] ?? 0;
    if (pattern.charCodeAt(at) === pattern.charCodeAt(matched)) matched++;
    table[at] = matched;
  }
  return table;
}

/** The position behind the first occurrence of `pattern` within [start, end) of `text`; -1 when there is none. */
export function placeBehind(text: string, start: number, end: number, pattern: string, failures: Int32Array): number {
  let matched = 0;
  for (let at = start; at < end; at++) {
    while (matched > 0 && text.charCodeAt(at) !== pattern.charCodeAt(matched)) matched = failures[matched - 1] ?? 0;
    if (text.charCodeAt(at) === pattern.charCodeAt(matched)) matched++;
    if (matched === pattern.length) return at + 1;
  }
  return -1;
}
