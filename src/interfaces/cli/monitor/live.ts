/** The live monitor: feed and keys in, at most ten frames a second out, whatever the rate of events. */
import type { FeedItem } from "../../../sdk/mod.ts";
import { asCliFailure } from "../output/failure.ts";
import type { ClientPort } from "../homes.ts";
import { type CliIo, exitCodeOf } from "../io.ts";
import type { Paint } from "../output/paint.ts";
import { type MonitorKey, monitorKeys } from "./keys.ts";
import {
  applyDescription,
  applyMessage,
  createMonitor,
  type Monitor,
  type MonitorLimits,
  seedRunning,
  sweepEnded,
} from "./model.ts";
import { openScreen, type Screen } from "./screen.ts";
import { type MonitorFrame, monitorFrame, type SortOrder, sortOrders } from "./view.ts";
import { present } from "../../../values/mod.ts";

/** Milliseconds between two frames. */
export const FRAME_MS = 100;
/** Frames in which nothing but ages would change are drawn once in so many. */
const IDLE_FRAMES = 5;
const DESCRIBES_MAX = 2;
const SEED_PAGES = 10;
const SEED_LIMIT = 100;

/** What {@link runLiveMonitor} reads and writes. */
export interface LiveMonitorOptions {
  readonly io: CliIo;
  readonly client: ClientPort;
  readonly paint: Paint;
  readonly title: string;
  readonly limits?: MonitorLimits;
}

/** Runs until the user quits or a signal comes; the exit status. The terminal is as before, then, also after a failure. */
export async function runLiveMonitor(options: LiveMonitorOptions): Promise<number> {
  const live = new LiveMonitor(options);
  try {
    return await live.run();
  } finally {
    live.close();
  }
}

class LiveMonitor {
  readonly #options: LiveMonitorOptions;
  readonly #monitor: Monitor;
  readonly #screen: Screen;
  readonly #cleanUps: (() => void)[] = [];
  readonly #describing = new Set<string>();
  #sort: SortOrder = "oldest";
  #failuresOnly = false;
  #scroll = 0;
  #isDirty = true;
  #idleFrames = 0;
  #seedNotice: string | undefined;
  #connectionNotice: string | undefined;
  #frame: MonitorFrame | undefined;
  #quit: (exitCode: number) => void = () => {};

  constructor(options: LiveMonitorOptions) {
    const { io } = options;
    this.#options = options;
    this.#monitor = createMonitor(io.nowEpochMs(), options.limits);
    this.#screen = openScreen(io);
  }

  async run(): Promise<number> {
    const { io, client } = this.#options;
    const ended = new Promise<number>((resolve) => this.#quit = resolve);
    this.#cleanUps.push(
      io.onSignal((signal) => this.#quit(signal === "SIGINT" ? 0 : exitCodeOf(signal))),
      io.onResize(() => this.#resized()),
      io.every(FRAME_MS, () => this.#tick()),
    );
    if (io.stdin.isTTY) {
      this.#cleanUps.push(io.stdin.onKey((input) => monitorKeys(input).forEach((key) => this.#press(key))));
    }
    this.#cleanUps.push(client.onConnection((isConnected) => this.#setConnected(isConnected)));
    const subscription = await client.subscribe(undefined, (item) => this.#hear(item));
    this.#cleanUps.push(() => subscription.close());
    void this.#seed();
    this.#draw();
    return await ended;
  }

  close(): void {
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
    this.#screen.close();
  }

  #hear(item: FeedItem): void {
    this.#isDirty = true;
    if (item.type === "events") applyMessage(this.#monitor, item, this.#options.io.nowEpochMs());
    else if (item.type === "gap") this.#monitor.totals.gaps += 1;
    else if (item.outcome.openReason !== undefined) this.#monitor.totals.gapsOpen += 1;
  }

  #setConnected(isConnected: boolean): void {
    this.#connectionNotice = isConnected ? undefined : "the connection to NATS is lost; trying again";
    this.#isDirty = true;
  }

  /** What runs already: the feed tells only what happens from now on. */
  async #seed(): Promise<void> {
    const { io, client } = this.#options;
    try {
      let next: string | undefined;
      for (let page = 0; page < SEED_PAGES; page += 1) {
        const found = await client.listExecutions({
          status: "Running",
          limit: SEED_LIMIT,
          ...present({ next }),
        });
        seedRunning(this.#monitor, found.executions, io.nowEpochMs());
        this.#isDirty = true;
        next = found.next;
        if (next === undefined) return;
      }
    } catch (thrown) {
      this.#seedNotice = `what ran before is not shown: ${asCliFailure(thrown).message}`;
      this.#isDirty = true;
    }
  }

  #tick(): void {
    sweepEnded(this.#monitor, this.#options.io.nowEpochMs());
    this.#idleFrames += 1;
    if (this.#isDirty || this.#idleFrames >= IDLE_FRAMES) this.#draw();
  }

  #draw(): void {
    const { io, paint, title } = this.#options;
    this.#isDirty = false;
    this.#idleFrames = 0;
    this.#frame = monitorFrame(this.#monitor, {
      // A terminal that has just filled its last column would erase it together with the rest of the line.
      columns: io.stdout.columns - 1,
      rows: io.stdout.rows,
      nowMs: io.nowEpochMs(),
      paint,
      title,
      sort: this.#sort,
      failuresOnly: this.#failuresOnly,
      scroll: this.#scroll,
      notices: [this.#connectionNotice, this.#seedNotice].filter((notice) => notice !== undefined),
    });
    this.#screen.draw(this.#frame.lines);
    for (const executionId of this.#frame.doubtful) this.#describe(executionId);
  }

  #describe(executionId: string): void {
    if (this.#describing.size >= DESCRIBES_MAX || this.#describing.has(executionId)) return;
    const { io, client } = this.#options;
    this.#describing.add(executionId);
    void client.describeExecution(executionId).then(
      (description) => applyDescription(this.#monitor, executionId, description, io.nowEpochMs()),
      (thrown: unknown) => this.#describeFailed(executionId, asCliFailure(thrown).code),
    ).finally(() => {
      this.#describing.delete(executionId);
      this.#isDirty = true;
    });
  }

  #describeFailed(executionId: string, code: string): void {
    const nowMs = this.#options.io.nowEpochMs();
    if (code === "NotFound") return applyDescription(this.#monitor, executionId, undefined, nowMs);
    const row = this.#monitor.rows.get(executionId);
    if (row === undefined) return;
    row.workflow ??= "?";
    row.heardMs = nowMs;
  }

  #resized(): void {
    this.#screen.redraw();
    this.#draw();
  }

  #press(key: MonitorKey): void {
    if (key === "quit") return this.#quit(0);
    if (key === "failures") {
      this.#failuresOnly = !this.#failuresOnly;
      this.#scroll = 0;
    } else if (key === "sort") {
      this.#sort = sortOrders[(sortOrders.indexOf(this.#sort) + 1) % sortOrders.length] ?? "oldest";
    } else this.#scrollBy(key);
    this.#draw();
  }

  #scrollBy(key: Exclude<MonitorKey, "quit" | "failures" | "sort">): void {
    const { pageRows = 1, scrollMax = 0 } = this.#frame ?? {};
    const steps = { up: -1, down: 1, pageUp: -pageRows, pageDown: pageRows, home: -Infinity, end: Infinity };
    this.#scroll = Math.min(scrollMax, Math.max(0, this.#scroll + steps[key]));
  }
}
