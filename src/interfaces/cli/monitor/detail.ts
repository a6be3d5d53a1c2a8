/** One execution on the monitor's screen: what it is, where it stands, and its states as a tree that grows. */
import type { ExecutionDescription, HistoryEvent } from "../../../runtime/engine.ts";
import { RunModel } from "../../../story/mod.ts";
import type { ClientPort } from "../homes.ts";
import { asCliFailure } from "../output/failure.ts";
import type { Paint } from "../output/paint.ts";
import { standingLines } from "../output/standing_lines.ts";
import { paintStatus, relativeTime, statusWord, tookText } from "../output/status_text.ts";
import { cutTo, printable } from "../output/text_width.ts";
import { treeLines } from "../steps/history_tree.ts";

const HISTORY_PAGE = 1_000;
/** Lines of where it stands above the tree. */
const STANDING_MAX = 6;

/** Size, time and place of a frame. */
export interface DetailView {
  readonly columns: number;
  readonly rows: number;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly paint: Paint;
  /** First line of the tree that is shown; too large is as good as the end. */
  readonly scroll: number;
  readonly prompt: string | undefined;
}

/** An execution that is looked at. Its events come from its history, and then from the feed by {@link DetailModel.hear}. */
export class DetailModel {
  readonly executionId: string;
  readonly #client: ClientPort;
  readonly #changed: () => void;
  #run = new RunModel();
  #description: ExecutionDescription | undefined;
  #trouble: string | undefined;
  #isReading = false;
  #isStale = false;
  #isClosed = false;

  /** @param changed called when there is something new to draw */
  constructor(executionId: string, client: ClientPort, changed: () => void) {
    this.executionId = executionId;
    this.#client = client;
    this.#changed = changed;
    void this.#read();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** It is over, and did not succeed. */
  get isRedrivable(): boolean {
    const status = this.#description?.status;
    return status === "Failed" || status === "Canceled";
  }

  /** Takes events of it from the feed; what is missing before them is read. */
  hear(events: readonly HistoryEvent[]): void {
    if (this.#isReading || !this.#run.add(events)) this.#isStale = true;
    void this.#read();
  }

  /** Lines, at most `rows`, each at most `columns` wide; and the largest `scroll`. */
  frame(view: DetailView): { readonly lines: readonly string[]; readonly scrollMax: number } {
    const { columns, rows, nowMs, paint, prompt } = view;
    const head = [...this.#head(nowMs, paint), ""];
    const tree = treeLines(this.#run, { nowMs, paint, showsPayloads: false, showsAll: false });
    if (tree.length === 0) tree.push(paint.dim(this.#isReading ? "reading its history …" : "nothing has happened"));
    const treeRows = Math.max(1, rows - head.length - 1);
    const scrollMax = Math.max(0, tree.length - treeRows);
    const from = Math.min(view.scroll, scrollMax);
    const body = [...head, ...tree.slice(from, from + treeRows)].slice(0, rows - 1);
    while (body.length < rows - 1) body.push("");
    const keys = `Esc back  q quit  ↑↓ scroll  ${this.isRedrivable ? "r redrive" : "c cancel"}  ? help`;
    return { lines: [...body, prompt ?? paint.dim(keys)].map((line) => cutTo(line, columns)), scrollMax };
  }

  #head(nowMs: number, paint: Paint): string[] {
    const found = this.#description;
    const lines = [`${paint.bold(paint.cyan("execution"))}  ${this.executionId}`];
    if (this.#trouble !== undefined) lines.push(paint.yellow(`! ${printable(this.#trouble)}`));
    if (found === undefined) return lines;
    const facts = [
      paintStatus(found, statusWord(found), paint),
      `${printable(found.workflow)} revision ${found.revision}`,
      `started ${relativeTime(found.startedAt, nowMs)}`,
      `took ${tookText(found, nowMs)}`,
    ];
    lines.push(facts.join("   "));
    const failure = [found.error, found.cause].filter((text) => text !== undefined && text !== "").join(": ");
    if (failure !== "") lines.push(paint.red(printable(failure)));
    if (found.standing !== undefined && found.endedAt === undefined) {
      lines.push(...standingLines(found.standing, nowMs, paint).slice(0, STANDING_MAX));
    }
    return lines;
  }

  /** Where it stands and the events that are not known, again while something comes meanwhile. */
  async #read(): Promise<void> {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    try {
      do {
        this.#isStale = false;
        this.#description = await this.#client.describeExecution(this.executionId, { states: true, payloads: false });
        let after: number | undefined = this.#run.lastId;
        while (after !== undefined && !this.#isClosed) {
          const page: { readonly events: readonly HistoryEvent[]; readonly next?: number } = await this.#client
            .executionHistory({ executionId: this.executionId, after, limit: HISTORY_PAGE, payloads: false });
          this.#run.add(page.events);
          after = page.next;
          this.#changed();
        }
        this.#trouble = undefined;
      } while (this.#isStale && !this.#isClosed);
    } catch (thrown) {
      this.#trouble = asCliFailure(thrown).message;
    } finally {
      this.#isReading = false;
      this.#changed();
    }
  }
}
