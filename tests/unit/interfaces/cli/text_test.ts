import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { test } from "node:test";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
} from "../../../../src/interfaces/cli/output/duration.ts";
import { colourPaint, paintFor, plainPaint } from "../../../../src/interfaces/cli/output/paint.ts";
import { tableLines } from "../../../../src/interfaces/cli/output/table.ts";
import { cutTo, fitTo, printable, widthOf } from "../../../../src/interfaces/cli/output/text_width.ts";
import { FakeSink } from "../../../support/cli/fake_io.ts";

const durations = [
  [-5, "0ms"],
  [0, "0ms"],
  [999, "999ms"],
  [1_000, "1.0s"],
  [9_949, "9.9s"],
  [9_950, "10s"],
  [59_400, "59s"],
  [59_600, "1m00s"],
  [185_000, "3m05s"],
  [3_600_000, "1h00m"],
  [7_620_000, "2h07m"],
  [273_600_000, "3d04h"],
] as const;
for (const [ms, text] of durations) {
  test(`formatDuration() shows ${ms} ms as ${text}`, () => strictEqual(formatDuration(ms), text));
}

test("formatCount(), formatRate() and formatBytes() keep figures short", () => {
  deepStrictEqual([0, 999, 1_000, 1_234_567].map(formatCount), ["0", "999", "1,000", "1,234,567"]);
  deepStrictEqual([0, 0.44, 9.7, 1_234.5].map(formatRate), ["0", "0.4", "9.7", "1,235"]);
  deepStrictEqual([0, 1_023, 1_536, 2 ** 31].map(formatBytes), ["0 B", "1023 B", "1.5 KiB", "2.0 GiB"]);
});

test("cutTo() and fitTo() count wide characters twice and colours not at all", () => {
  strictEqual(widthOf("支払い"), 6);
  strictEqual(widthOf(colourPaint.red("abc")), 3);
  strictEqual(cutTo("支払い", 5), "支払…");
  strictEqual(fitTo("ab", 4), "ab  ");
  strictEqual(fitTo("ab", 4, "right"), "  ab");
  strictEqual(fitTo("支払い", 4), "支… ");
  strictEqual(cutTo("abc", 0), "");
  const cut = cutTo(colourPaint.red("abcdef"), 4);
  strictEqual(stripVTControlCharacters(cut), "abc…");
  ok(cut.endsWith("\x1b[0m"));
});

test("printable() takes the power out of control characters and changed directions of writing", () => {
  strictEqual(printable("a\x1b]0;title\x07b\u202ec\nd"), "a·]0;title·b·c·d");
  strictEqual(printable("a\nb\x9bc", { keepLines: true }), "a\nb·c");
});

test("paintFor() obeys NO_COLOR, then FORCE_COLOR, then the terminal", () => {
  const terminal = new FakeSink();
  terminal.isTTY = true;
  strictEqual(paintFor(terminal, {}), colourPaint);
  strictEqual(paintFor(terminal, { NO_COLOR: "1", FORCE_COLOR: "1" }), plainPaint);
  strictEqual(paintFor(terminal, { NO_COLOR: "" }), colourPaint);
  strictEqual(paintFor(terminal, { TERM: "dumb" }), plainPaint);
  strictEqual(paintFor(new FakeSink(), {}), plainPaint);
  strictEqual(paintFor(new FakeSink(), { FORCE_COLOR: "1" }), colourPaint);
  strictEqual(paintFor(terminal, { FORCE_COLOR: "0" }), plainPaint);
});

test("tableLines() aligns columns, makes cells safe and cuts only for a terminal", () => {
  const columns = [
    { title: "NAME", text: (row: readonly [string, number]) => row[0] },
    { title: "N", align: "right" as const, text: (row: readonly [string, number]) => String(row[1]) },
    { title: "AGAIN", text: (row: readonly [string, number]) => row[0] },
  ];
  const rows = [["支払い", 5], ["a\x1bb", 12_345]] as const;
  deepStrictEqual(tableLines(columns, rows, plainPaint, Infinity), [
    "NAME        N  AGAIN",
    "支払い      5  支払い",
    "a·b     12345  a·b",
  ]);
  deepStrictEqual(tableLines(columns, rows, plainPaint, 16).map(widthOf), [16, 16, 16]);
});
