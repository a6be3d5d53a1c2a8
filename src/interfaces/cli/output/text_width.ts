/** Text in columns of a terminal: how wide it is, cut and padded to a width, and safe to print. */
import { stripVTControlCharacters } from "node:util";
import { eastAsianWidth } from "get-east-asian-width";

const ESCAPE = "\x1b";
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Every character of it is one column wide. */
const narrow = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u00ff\u2500-\u259f\u2026\u203a\u2190-\u21ff]*$/;
const emoji = /^\p{Emoji_Presentation}|^\p{RI}|\uFE0F/u;
const invisible = /^[\p{M}\p{Cf}\p{Cc}]+$/u;
const colours = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`);

/** Columns that `text` takes; escape sequences take none, wide characters and emoji two. */
export function widthOf(text: string): number {
  const visible = text.includes(ESCAPE) ? stripVTControlCharacters(text) : text;
  if (narrow.test(visible)) return visible.length;
  let width = 0;
  for (const { segment } of graphemes.segment(visible)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (narrow.test(grapheme)) return 1;
  if (invisible.test(grapheme)) return 0;
  return emoji.test(grapheme) ? 2 : eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}

/** `text` if it fits in `columns`, else its beginning and `…`. Keeps colours closed. */
export function cutTo(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (widthOf(text) <= columns) return text;
  if (narrow.test(text)) return `${text.slice(0, columns - 1)}…`;
  let cut = "";
  let left = columns - 1;
  for (const [place, piece] of text.split(colours).entries()) {
    // Every second piece is an escape sequence, of no width.
    if (place % 2 === 1) {
      cut += piece;
      continue;
    }
    for (const { segment } of graphemes.segment(piece)) {
      left -= graphemeWidth(segment);
      if (left < 0) return `${cut}…${cut.includes(ESCAPE) ? `${ESCAPE}[0m` : ""}`;
      cut += segment;
    }
  }
  return cut;
}

/** `text` cut or padded with blanks on the right (`"left"` aligned) or on the left to exactly `columns`. */
export function fitTo(text: string, columns: number, align: "left" | "right" = "left"): string {
  const cut = cutTo(text, columns);
  const blanks = " ".repeat(Math.max(0, columns - widthOf(cut)));
  return align === "left" ? cut + blanks : blanks + cut;
}

const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * Text from outside, made safe for a terminal: control characters, and those that turn the direction of writing, become `·`.
 * A state's name or an error can thus neither move the cursor nor write into the title of somebody's window.
 */
export function printable(text: string, options: { readonly keepLines?: boolean } = {}): string {
  if (options.keepLines === true) return text.split("\n").map((line) => printable(line)).join("\n");
  return text.replace(controls, "·");
}
