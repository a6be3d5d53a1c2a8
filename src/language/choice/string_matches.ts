import { failureTable, placeBehind } from "../text_search.ts";

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
  const middle = rest.filter((piece) => piece !== "").map((piece) => ({ piece, failures: failureTable(piece) }));
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const { piece, failures } of middle) {
      at = placeBehind(text, at, end, piece, failures);
      if (at < 0) return false;
    }
    return true;
  };
}
