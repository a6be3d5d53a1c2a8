/**
 * A full screen on a terminal: the alternate one, so that what was there comes back; only lines that changed are written.
 *
 * The terminal is given back by `close`, and by the process's exit however it comes, crashes included (`CliIo.onExit`).
 */
import type { CliIo } from "../io.ts";

const ESC = "\x1b[";
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}2J`;
const LEAVE = `${ESC}?7h${ESC}?25h${ESC}?1049l`;
/** Terminals that know it show a frame at once; the others ignore it. */
const FRAME_BEGIN = `${ESC}?2026h`;
const FRAME_END = `${ESC}?2026l`;

/** A terminal taken over by {@link openScreen}. */
export interface Screen {
  /** Shows these lines, the first at the top. Leaves the frame out while the terminal is behind; the next one makes up for it. */
  draw(lines: readonly string[]): void;
  /** The next frame is written whole: after a resize. */
  redraw(): void;
  /** Gives the terminal back. Repeats are harmless. */
  close(): void;
}

/** Takes the terminal over. `io.stdout` must be one. */
export function openScreen(io: CliIo): Screen {
  let shown: readonly string[] = [];
  let isClosed = false;
  const forget = io.onExit(() => {
    if (!isClosed) io.writeNow(LEAVE);
  });
  io.stdout.write(ENTER);
  return {
    draw(lines) {
      if (isClosed || io.stdout.isCongested) return;
      const changes = changedLines(shown, lines);
      shown = lines;
      if (changes !== "") io.stdout.write(`${FRAME_BEGIN}${changes}${FRAME_END}`);
    },
    redraw() {
      if (isClosed) return;
      shown = [];
      io.stdout.write(`${ESC}2J`);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      forget();
      io.stdout.write(LEAVE);
    },
  };
}

/** What turns a screen that shows `before` into one that shows `after`. */
export function changedLines(before: readonly string[], after: readonly string[]): string {
  let changes = "";
  for (let row = 0; row < Math.max(before.length, after.length); row += 1) {
    const line = after[row] ?? "";
    if (line !== (before[row] ?? "")) changes += `${ESC}${row + 1};1H${line}${ESC}0m${ESC}K`;
  }
  return changes;
}
