import type { Json } from "./json.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

/**
 * True when arrays and objects in JSON `text` nest deeper than `depthMax`. Linear, without recursion, and not a parser:
 * for text that is no JSON either answer may come, so parse as well.
 */
export function jsonDepthExceeds(text: string, depthMax: number): boolean {
  if (text.length <= depthMax * 2) return false; // each level needs two characters
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case BRACKET_OPEN:
      case BRACE_OPEN:
        if (++depth > depthMax) return true;
        break;
      case BRACKET_CLOSE:
      case BRACE_CLOSE:
        depth--;
        break;
    }
  }
  return false;
}

/** Index of the quote that ends the string begun at `start`; past the end when none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}

/** True when `value` has more than `depthMax` containers within each other. Does not overflow, however deep it is. */
export function isDeeperThan(value: Json, depthMax: number): boolean {
  if (value === null || typeof value !== "object") return false;
  if (depthMax <= 0) return true;
  if (Array.isArray(value)) return value.some((item: Json) => isDeeperThan(item, depthMax - 1));
  return Object.values(value).some((member: Json) => isDeeperThan(member, depthMax - 1));
}
