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
      at = endOfFirst(text, at, end, piece, failures);
      if (at < 0) return false;
    }
    return true;
  };
}

/** Knuth, Morris, Pratt: for each prefix, the length of its longest proper prefix that is also its suffix. */
function failureTable(piece: string): Int32Array {
  const table = new Int32Array(piece.length);
  for (let at = 1, matched = 0; at < piece.length; at++) {
    while (matched > 0 && piece.charCodeAt(at) !== piece.charCodeAt(matched)) matched = table[matched - 1] ?? 0;
    if (piece.charCodeAt(at) === piece.charCodeAt(matched)) matched++;
    table[at] = matched;
  }
  return table;
}

/** The position behind the first occurrence of `piece` within [start, end) of `text`, -1 when there is none. */
function endOfFirst(text: string, start: number, end: number, piece: string, failures: Int32Array): number {
  let matched = 0;
  for (let at = start; at < end; at++) {
    while (matched > 0 && text.charCodeAt(at) !== piece.charCodeAt(matched)) matched = failures[matched - 1] ?? 0;
    if (text.charCodeAt(at) === piece.charCodeAt(matched)) matched++;
    if (matched === piece.length) return at + 1;
  }
  return -1;
}
