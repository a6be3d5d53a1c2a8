import { failureTable, HOST_CHARACTERS_MAX, placeBehind } from "../text_search.ts";

/**
 * `StringMatches`: `*` stands for any run of characters, `\\*` for a star, `\\\\` for a backslash. Linear in the length
 * of the text for any pattern.
 *
 * @returns A test, or `undefined` when the pattern has a backslash before any other character
 * @see https://states-language.net/spec.html#choice-state
 */
export function compileStringMatches(pattern: string): ((text: string) => boolean) | undefined {
  const pieces = [""];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === "*") {
      pieces.push("");
    } else if (character === "\\") {
      const escaped = pattern.charAt(++at);
      if (escaped !== "*" && escaped !== "\\") return undefined;
      pieces.push((pieces.pop() ?? "") + escaped);
    } else {
      pieces.push((pieces.pop() ?? "") + character);
    }
  }
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  const middle = rest.filter((piece) => piece !== "").map((piece) => ({
    piece,
    failures: piece.length <= HOST_CHARACTERS_MAX ? undefined : failureTable(piece),
  }));
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const { piece, failures } of middle) {
      at = failures === undefined ? behindFirst(text, at, piece) : placeBehind(text, at, end, piece, failures);
      if (at < 0 || at > end) return false;
    }
    return true;
  };
}

/** The position behind the first occurrence of a short piece at `start` or later, -1 when there is none. */
function behindFirst(text: string, start: number, piece: string): number {
  const place = text.indexOf(piece, start);
  return place < 0 ? -1 : place + piece.length;
}
