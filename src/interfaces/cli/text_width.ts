/** Text in columns of a terminal: how wide it is, cut and padded to a width, and safe to print. */
import measure from "fast-string-truncated-width";

const ESCAPE = "\x1b";

/** Columns that `text` takes; escape sequences take none, wide characters and emoji two. */
export function widthOf(text: string): number {
  return measure(text).width;
}

/** `text` if it fits in `columns`, else its beginning and `…`. Keeps colours closed. */
export function cutTo(text: string, columns: number): string {
  if (columns <= 0) return "";
  const { index, truncated, ellipsed } = measure(text, { limit: columns, ellipsis: "…", ellipsisWidth: 1 });
  if (!truncated) return text;
  const cut = text.slice(0, index);
  return `${cut}${ellipsed ? "…" : ""}${cut.includes(ESCAPE) ? `${ESCAPE}[0m` : ""}`;
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
