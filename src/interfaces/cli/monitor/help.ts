/** The monitor's keys, on a screen of their own. */
import type { Paint } from "../output/paint.ts";
import { cutTo } from "../output/text_width.ts";

const keys: readonly (readonly [key: string, what: string])[] = [
  ["↑ ↓ j k", "move the cursor"],
  ["PgUp PgDn Home End", "by pages, to the beginning and the end"],
  ["Enter", "look into an execution: its states, attempts, why it waits"],
  ["Esc", "back: from an execution, a filter, the failures; never out"],
  ["/", "show only what has a text in id, workflow, state or error"],
  ["f", "failures alone, those of before as well; again: all"],
  ["s", "order: oldest, newest, state, workflow"],
  ["c", "cancel the execution, after a question"],
  ["r", "redrive an execution that failed, after a question"],
  ["?", "this help"],
  ["q Ctrl-C", "quit"],
];

/** The lines of a screen of this size. */
export function helpLines(
  { rows, columns, paint }: { readonly rows: number; readonly columns: number; readonly paint: Paint },
): string[] {
  const width = Math.max(...keys.map(([key]) => key.length));
  const lines = [
    paint.bold(paint.cyan("weft monitor: keys")),
    "",
    ...keys.map(([key, what]) => `  ${paint.bold(key.padEnd(width))}  ${what}`),
    "",
    paint.dim("Ids are as every command takes them: weft executions describe e…/…"),
  ].slice(0, Math.max(1, rows - 1));
  while (lines.length < rows - 1) lines.push("");
  return [...lines, paint.dim("any key goes back")].map((line) => cutTo(line, columns));
}
