/** The monitor's screen: a model and a size in, lines out. Pure. */
import { stripVTControlCharacters } from "node:util";
import { formatCount, formatDuration, formatRate } from "../output/duration.ts";
import type { Paint } from "../output/paint.ts";
import { progressBar } from "../output/progress_bar.ts";
import { cutTo, fitTo, printable, widthOf } from "../output/text_width.ts";
import { type FailureEntry, type Monitor, runningCount } from "./model.ts";
import { type Row, shownProgress } from "./row.ts";

/** How rows can be ordered; the key `s` goes through them. */
export const sortOrders = ["oldest", "newest", "state", "workflow"] as const;
/** One of {@link sortOrders}. */
export type SortOrder = (typeof sortOrders)[number];

/** Size, time and choices of one frame. */
export interface ViewOptions {
  readonly columns: number;
  readonly rows: number;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly paint: Paint;
  /** Such as `default/default  nats://127.0.0.1:4222`. */
  readonly title: string;
  readonly sort: SortOrder;
  /** Only what failed, instead of what runs. */
  readonly failuresOnly: boolean;
  /** First row shown, 0-based; too large is as good as the end. */
  readonly scroll: number;
  /** The execution that the cursor is on; the list scrolls so that it is seen. */
  readonly selectedId?: string | undefined;
  /** Only what has this in id, workflow, state or error, in lower case. */
  readonly filter?: string | undefined;
  /** Only executions of this workflow. */
  readonly workflow?: string | undefined;
  /** What is being typed or asked, in place of the last line. */
  readonly prompt?: string | undefined;
  /** Shown below the figures while it lasts, such as a lost connection. */
  readonly notices?: readonly string[];
}

/** One frame, and what it tells the loop. */
export interface MonitorFrame {
  /** At most `rows`, each at most `columns` wide. */
  readonly lines: readonly string[];
  /** Executions on the screen that the engine should be asked about: of unknown workflow, or quiet for long. */
  readonly doubtful: readonly string[];
  /** Rows that fit at once: the size of a page. */
  readonly pageRows: number;
  /** The largest `scroll` that shows more than the end. */
  readonly scrollMax: number;
  /** The first row shown. */
  readonly scroll: number;
  /** All executions of the list, in its order. */
  readonly listed: readonly string[];
}

/** Of the newest failures below what runs; fewer on a low screen. */
const FAILURES_SHOWN = 4;
/** A running execution of which nothing is heard for so long may have ended without our hearing it. */
const QUIET_MS = 15_000;

/** Lays out one frame. */
export function monitorFrame(monitor: Monitor, options: ViewOptions): MonitorFrame {
  const { columns, rows, failuresOnly } = options;
  const head = headLines(monitor, options);
  const foot = [options.prompt ?? footLine(monitor, options)];
  const failures = failuresOnly ? { lines: [], doubtful: [] } : failurePanel(monitor, options);
  const bodyRows = Math.max(1, rows - head.length - failures.lines.length - foot.length - 1);
  const body = failuresOnly ? failureBody(monitor, options, bodyRows) : runningBody(monitor, options, bodyRows);
  const filled = [...head, ...body.lines];
  while (filled.length + failures.lines.length + foot.length < rows) filled.push("");
  const lines = [...filled, ...failures.lines, ...foot].slice(0, Math.max(1, rows)).map((line) => cutTo(line, columns));
  const { scrollMax, scroll, listed } = body;
  const doubtful = [...body.doubtful, ...failures.doubtful];
  return { lines, doubtful, pageRows: bodyRows, scrollMax, scroll, listed };
}

function headLines(monitor: Monitor, options: ViewOptions): string[] {
  const { paint, columns, nowMs, title, notices = [] } = options;
  const clock = new Date(nowMs).toISOString().slice(11, 19);
  const left = `${paint.bold(paint.cyan("weft monitor"))}  ${printable(title)}`;
  const blanks = Math.max(2, columns - widthOf(left) - clock.length - 1);
  const warnings = [...notices, ...gapWarnings(monitor)];
  const warning = warnings.length === 0 ? [] : [paint.yellow(`! ${printable(warnings.join(" · "))}`)];
  return [`${left}${" ".repeat(blanks)}${paint.dim(clock)}`, figures(monitor, options).join("   "), ...warning, ""];
}

/** The most important first: what does not fit is cut. */
function figures(monitor: Monitor, { paint, columns, nowMs }: ViewOptions): string[] {
  const { succeeded, failed, canceled, retries } = monitor.totals;
  const failures = `${formatCount(failed)} failed`;
  const events = `events ${formatRate(monitor.eventRate.perSecond(nowMs))}/s`;
  const curve = columns < 110 ? "" : ` ${paint.cyan(sparkline(monitor.eventRate.recent(nowMs, 20)))}`;
  return [
    `${paint.bold(formatCount(runningCount(monitor)))} running`,
    failed > 0 ? paint.bold(paint.red(failures)) : failures,
    `starts ${formatRate(monitor.startRate.perSecond(nowMs))}/s`,
    `ends ${formatRate(monitor.endRate.perSecond(nowMs))}/s`,
    `${events}${curve}`,
    paint.green(`${formatCount(succeeded)} succeeded`),
    ...(retries > 0 ? [paint.yellow(`${formatCount(retries)} retries`)] : []),
    ...(canceled > 0 ? [`${formatCount(canceled)} canceled`] : []),
  ];
}

function gapWarnings(monitor: Monitor): string[] {
  const { gaps, gapsOpen } = monitor.totals;
  if (gaps === 0) return [];
  const open = gapsOpen === 0 ? "all filled from the history" : `${formatCount(gapsOpen)} left open`;
  return [`${formatCount(gaps)} ${gaps === 1 ? "gap" : "gaps"} in the feed, ${open}`];
}

interface Body {
  readonly lines: string[];
  readonly doubtful: string[];
  readonly scrollMax: number;
  readonly scroll: number;
  readonly listed: readonly string[];
}

/** Where the list begins, so that the selected one is seen. */
function scrolledTo(index: number, scroll: number, rows: number, scrollMax: number): number {
  const from = Math.min(scroll, scrollMax);
  if (index < 0) return from;
  return Math.min(scrollMax, Math.max(Math.min(from, index), index - rows + 1));
}

interface Widths {
  readonly id: number;
  readonly workflow: number;
  readonly state: number;
  readonly age: number;
  readonly progress: number;
}

/** Of an id without tenant and namespace. */
const ID_COLUMNS = 25;

/** Shares the width out: ids and progress shrink first, then the workflow; the state takes what is left. */
function columnWidths(columns: number): Widths {
  // An id is only worth something whole: it is what commands take.
  const id = ID_COLUMNS;
  const progress = columns >= 110 ? 22 : columns >= 70 ? 12 : 0;
  const workflow = columns >= 110 ? 20 : columns >= 60 ? 10 : 0;
  const age = 6;
  return { id, workflow, age, progress, state: Math.max(10, columns - id - workflow - age - progress - 11) };
}

function runningBody(monitor: Monitor, options: ViewOptions, bodyRows: number): Body {
  const { paint } = options;
  const widths = columnWidths(options.columns);
  const wanted = rowFilter(options);
  const running = [...monitor.rows.values()].filter((row) => row.endedMs === undefined && wanted(row));
  const ended = [...monitor.ended.values()].reverse().filter(wanted);
  const sorted = [...sortRows(running, options.sort), ...ended];
  const hidden = monitor.ids.size + monitor.uncounted;
  const listRows = Math.max(1, bodyRows - 1 - (hidden > 0 ? 1 : 0));
  const scrollMax = Math.max(0, sorted.length - listRows);
  const { selectedId } = options;
  const at = selectedId === undefined ? -1 : sorted.findIndex(({ executionId }) => executionId === selectedId);
  const from = scrolledTo(at, options.scroll, listRows, scrollMax);
  const shown = sorted.slice(from, from + listRows);
  const titles = [
    " ",
    fitTo("EXECUTION", widths.id),
    ...(widths.workflow === 0 ? [] : [fitTo("WORKFLOW", widths.workflow)]),
    fitTo("STATE", widths.state),
    fitTo("AGE", widths.age, "right"),
    ...(widths.progress === 0 ? [] : ["PROGRESS"]),
  ];
  const lines = [paint.dim(titles.join("  ")), ...shown.map((row) => rowLine(row, widths, options))];
  const isNarrowed = options.filter !== undefined || options.workflow !== undefined;
  if (sorted.length === 0) lines.push(paint.dim(isNarrowed ? "   nothing of it is running" : "   nothing is running"));
  if (hidden > 0) {
    lines.push(paint.dim(`   and ${formatCount(hidden)} more running, newer ones, which are only counted`));
  }
  const doubtful = shown.filter((row) => isDoubtful(row, options.nowMs)).map((row) => row.executionId);
  return { lines, doubtful, scrollMax, scroll: from, listed: sorted.map(({ executionId }) => executionId) };
}

/** True for rows that are to be listed. One whose workflow is not known yet is let through. */
function rowFilter({ filter, workflow }: ViewOptions): (row: Row) => boolean {
  if (filter === undefined && workflow === undefined) return () => true;
  return (row) =>
    (workflow === undefined || row.workflow === undefined || row.workflow === workflow) &&
    (filter === undefined || [row.executionId, row.workflow, row.stateName, row.innerName, row.error].some((text) =>
      text?.toLowerCase().includes(filter) === true
    ));
}

function isDoubtful(row: Row, nowMs: number): boolean {
  return row.endedMs === undefined && (row.workflow === undefined || needsState(row) || nowMs - row.heardMs > QUIET_MS);
}

/** It began before the monitor: nothing said yet where it stands. */
function needsState(row: Row): boolean {
  return row.stateName === undefined && row.status === "Running" && row.eventCount === 0;
}

const looks = {
  Pending: ["◌", "dim"],
  Running: ["▶", "blue"],
  Completing: ["▶", "blue"],
  Canceling: ["■", "yellow"],
  Succeeded: ["✓", "green"],
  Failed: ["✗", "red"],
  Canceled: ["■", "yellow"],
  Deleting: ["■", "dim"],
} as const;

function rowLine(row: Row, widths: Widths, options: ViewOptions): string {
  const { paint, nowMs } = options;
  const [glyph, colour] = looks[row.status];
  const ended = row.endedMs !== undefined;
  const cells = [
    fitTo(row.shortId, widths.id),
    ...(widths.workflow === 0 ? [] : [fitTo(printable(row.workflow ?? "…"), widths.workflow)]),
    fitTo(stateText(row, nowMs), widths.state),
    fitTo(formatDuration((row.endedMs ?? nowMs) - row.startedMs), widths.age, "right"),
  ];
  const text = cells.join("  ");
  const isRetrying = row.retryCount > 0 && !ended;
  const line = ended
    ? (row.status === "Failed" ? paint.red(text) : paint.dim(text))
    : isRetrying
    ? paint.yellow(text)
    : text;
  const progress = widths.progress === 0 ? undefined : shownProgress(row);
  const bar = progress === undefined ? "" : progressBar(progress, widths.progress, paint);
  const whole = `${paint[colour](glyph)}  ${line}  ${bar}`;
  return row.executionId === options.selectedId ? paint.inverse(fitTo(stripped(whole), options.columns)) : whole;
}

/** Without colours: those of a line that is turned round would end the turning. */
function stripped(text: string): string {
  return stripVTControlCharacters(text);
}

function stateText(row: Row, nowMs: number): string {
  if (row.status === "Failed") return `${printable(row.error ?? "failed")}${at(row.errorState)}`;
  if (row.endedMs !== undefined) return row.status.toLowerCase();
  if (row.status === "Pending") return "waits for its start";
  if (row.status === "Canceling") return "is being canceled";
  const due = row.dueMs === undefined ? "" : ` ${formatDuration(row.dueMs - nowMs)}`;
  const name = printable(row.stateName ?? "…");
  if (row.retryCount > 0) return `${name} ↻${row.retryCount}${due}: ${printable(row.error ?? "")}`;
  const inner = row.innerName === undefined ? "" : ` › ${printable(row.innerName)}`;
  return `${name}${inner}${row.stateType === "Wait" ? ` ⏲${due}` : ""}`;
}

function at(stateName: string | undefined): string {
  return stateName === undefined ? "" : ` at ${printable(stateName)}`;
}

const sparks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** One character a number, the largest at full height. */
export function sparkline(counts: readonly number[]): string {
  const max = Math.max(1, ...counts);
  return counts.map((count) => sparks[Math.round((count / max) * (sparks.length - 1))] ?? " ").join("");
}

function sortRows(rows: Row[], order: SortOrder): Row[] {
  const byText = (text: (row: Row) => string | undefined) => (left: Row, right: Row) => {
    const [one, other] = [text(left) ?? "\uffff", text(right) ?? "\uffff"];
    return one < other ? -1 : one > other ? 1 : left.startedMs - right.startedMs;
  };
  switch (order) {
    case "oldest":
      return rows.sort((left, right) => left.startedMs - right.startedMs);
    case "newest":
      return rows.sort((left, right) => right.startedMs - left.startedMs);
    case "state":
      return rows.sort(byText((row) => row.stateName));
    case "workflow":
      return rows.sort(byText((row) => row.workflow));
  }
}

function failurePanel(monitor: Monitor, options: ViewOptions): Pick<Body, "lines" | "doubtful"> {
  const { paint, rows } = options;
  const count = Math.min(FAILURES_SHOWN, Math.floor((rows - 8) / 5));
  if (monitor.failures.length === 0 || count < 1) return { lines: [], doubtful: [] };
  const newest = wantedFailures(monitor, options).slice(-count).reverse();
  if (newest.length === 0) return { lines: [], doubtful: [] };
  return {
    lines: ["", paint.bold(paint.red("FAILURES")), ...newest.map((failure) => failureLine(failure, options))],
    doubtful: newest.filter(({ isAsked }) => !isAsked).map(({ executionId }) => executionId),
  };
}

function failureBody(monitor: Monitor, options: ViewOptions, bodyRows: number): Body {
  const { paint } = options;
  const listRows = Math.max(1, bodyRows - 1);
  const failures = wantedFailures(monitor, options).toReversed();
  const scrollMax = Math.max(0, failures.length - listRows);
  const at = failures.findIndex(({ executionId }) => executionId === options.selectedId);
  const from = scrolledTo(at, options.scroll, listRows, scrollMax);
  const shown = failures.slice(from, from + listRows);
  const lines = [
    paint.bold(paint.red("FAILURES, newest first")),
    ...shown.map((failure) => failureLine(failure, options)),
  ];
  if (shown.length === 0) lines.push(paint.dim("   none"));
  const doubtful = shown.filter(({ isAsked }) => !isAsked).map(({ executionId }) => executionId);
  return { lines, doubtful, scrollMax, scroll: from, listed: failures.map(({ executionId }) => executionId) };
}

function wantedFailures({ failures }: Monitor, { filter, workflow }: ViewOptions): FailureEntry[] {
  if (filter === undefined && workflow === undefined) return failures;
  return failures.filter((failure) =>
    (workflow === undefined || failure.workflow === undefined || failure.workflow === workflow) &&
    (filter === undefined ||
      [failure.executionId, failure.workflow, failure.stateName, failure.error, failure.cause].some((text) =>
        text?.toLowerCase().includes(filter) === true
      ))
  );
}

function failureLine(failure: FailureEntry, options: ViewOptions): string {
  const { paint, columns } = options;
  const time = new Date(failure.atMs).toISOString().slice(11, 19);
  const cause = failure.cause === undefined || failure.cause === "" ? "" : `: ${printable(failure.cause)}`;
  const what = `${paint.red(printable(failure.error))}${at(failure.stateName)}${cause}`;
  const { workflow } = columnWidths(columns);
  const name = workflow === 0 ? "" : `${fitTo(printable(failure.workflow ?? ""), workflow)}  `;
  const line = `${paint.dim(time)}  ${failure.shortId}  ${name}${what}`;
  const isSelected = options.failuresOnly && failure.executionId === options.selectedId;
  return isSelected ? paint.inverse(fitTo(stripped(line), columns)) : line;
}

function footLine(monitor: Monitor, options: ViewOptions): string {
  const { paint, sort, failuresOnly } = options;
  const other = failuresOnly ? "f all" : `f failures (${formatCount(monitor.failures.length)})`;
  const filter = options.filter === undefined ? "/ filter" : `/${options.filter}`;
  return paint.dim(`q quit  ? help  ↑↓ Enter  ${filter}  ${other}  s sort: ${sort}`);
}
