/** Tables without boxes: a header, columns two blanks apart, every cell on one line. */
import type { Paint } from "./paint.ts";
import { cutTo, fitTo, printable, widthOf } from "./text_width.ts";

/** One column: its title, and how a row becomes a cell. */
export interface Column<Row> {
  readonly title: string;
  /** The cell's text, without colour. */
  readonly text: (row: Row) => string;
  readonly align?: "left" | "right";
  /** Colours a cell that has its final width. */
  readonly paint?: (cell: string, row: Row) => string;
}

const GAP = "  ";

/**
 * The lines of a table. Columns are as wide as their widest cell; where a terminal is narrower than the table, the last column is cut.
 *
 * @param columnsMax Width of the terminal; `Infinity` where there is none: then nothing is cut
 */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
  columnsMax: number,
): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.text(row))));
  const widths = columns.map((column, index) => {
    return cells.reduce((widest, line) => Math.max(widest, widthOf(line[index] ?? "")), widthOf(column.title));
  });
  const layOut = (texts: readonly string[], colour: (cell: string, column: Column<Row>) => string): string => {
    const laid = columns.map((column, index) => {
      const isLast = index === columns.length - 1 && column.align !== "right";
      const text = texts[index] ?? "";
      return colour(isLast ? text : fitTo(text, widths[index] ?? 0, column.align), column);
    });
    const line = laid.join(GAP);
    return Number.isFinite(columnsMax) ? cutTo(line, columnsMax) : line;
  };
  const header = layOut(columns.map((column) => column.title), (cell) => paint.dim(cell));
  return [
    header,
    ...rows.map((row, index) => layOut(cells[index] ?? [], (cell, column) => column.paint?.(cell, row) ?? cell)),
  ];
}
