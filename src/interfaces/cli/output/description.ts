/** One thing in full: named fields, then payloads as indented JSON. */
import type { Json } from "../../../values/mod.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./text_width.ts";

/**
 * Lines for a terminal. Fields without a value are left out.
 *
 * @param fields Values may be coloured already; they are on one line each
 */
export function descriptionLines(
  fields: readonly (readonly [name: string, value: string | undefined])[],
  payloads: readonly (readonly [name: string, value: Json | undefined])[],
  paint: Paint,
): string[] {
  const width = Math.max(...[...fields, ...payloads].map(([name]) => name.length));
  const lines: string[] = [];
  for (const [name, value] of fields) if (value !== undefined) lines.push(`${paint.dim(name.padEnd(width))}  ${value}`);
  for (const [name, value] of payloads) {
    if (value === undefined) continue;
    const [first = "", ...rest] = JSON.stringify(value, undefined, 2).split("\n").map((line) => printable(line));
    lines.push(`${paint.dim(name.padEnd(width))}  ${first}`, ...rest.map((line) => `${" ".repeat(width + 2)}${line}`));
  }
  return lines;
}
