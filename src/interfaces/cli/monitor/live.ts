/** The live monitor: feed and keys in, at most ten frames a second out, whatever the rate of events. */
import type { FeedMessage } from "../../../runtime/engine.ts";
import { asCliFailure } from "../failure.ts";
import { FeedOrder } from "../feed_order.ts";
import type { ClientPort } from "../homes.ts";
import { type CliIo, exitCodeOf } from "../io.ts";
import type { Paint } from "../paint.ts";
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

/** Milliseconds between two frames. */
export const frameMs = 100;
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
  readonly #order: FeedOrder;
  readonly #screen: Screen;
  readonly #cleanUps: (() => void)[] = [];
  readonly #describing = new Set<string>();
  #sort: SortOrder = "oldest";
  #failuresOnly = false;
  #scroll = 0;
  #isDirty = true;
  #idleFrames = 0;
  #notice: string | undefined;
  #frame: MonitorFrame | undefined;
  #quit: (exitCode: number) => void = () => {};

  constructor(options: LiveMonitorOptions) {
    const { io, client } = options;
    this.#options = options;
    this.#monitor = createMonitor(io.nowEpochMs(), options.limits);
    this.#order = new FeedOrder({
      history: (request) => client.executionHistory(request),
      sink: {
        events: (executionId, events) =>
          applyMessage(
            this.#monitor,
            { executionId: executionId as FeedMessage["executionId"], events },
            io.nowEpochMs(),
          ),
        gapFound: () => this.#monitor.totals.gaps += 1,
        gapEnded: (_, { openReason }) => {
          if (openReason !== undefined) this.#monitor.totals.gapsOpen += 1;
        },
      },
      followedMax: 50_000,
      fillsMax: 4,
      waitingMax: 200,
    });
    this.#screen = openScreen(io);
  }

  async run(): Promise<number> {
    const { io, client } = this.#options;
    const ended = new Promise<number>((resolve) => this.#quit = resolve);
    this.#cleanUps.push(
      io.onSignal((signal) => this.#quit(signal === "SIGINT" ? 0 : exitCodeOf(signal))),
      io.onResize(() => this.#resized()),
      io.every(frameMs, () => this.#tick()),
    );
    if (io.stdin.isTTY) {
      this.#cleanUps.push(io.stdin.onKey((input) => monitorKeys(input).forEach((key) => this.#press(key))));
    }
    this.#cleanUps.push(await client.subscribe((message) => this.#hear(message)));
    void this.#seed();
    this.#draw();
    return await ended;
  }

  close(): void {
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
    this.#screen.close();
  }

  #hear(message: FeedMessage): void {
    this.#order.accept(message);
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
          ...(next === undefined ? {} : { next }),
        });
        seedRunning(this.#monitor, found.executions, io.nowEpochMs());
        this.#isDirty = true;
        next = found.next;
        if (next === undefined) return;
      }
    } catch (thrown) {
      this.#notice = `what ran before is not shown: ${asCliFailure(thrown).message}`;
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
      ...(this.#notice === undefined ? {} : { notice: this.#notice }),
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
