/** The live monitor: feed and keys in, at most ten frames a second out, whatever the rate of events. */
import type { ExecutionDescription } from "../../../runtime/engine.ts";
import type { FeedItem } from "../../../sdk/mod.ts";
import { asCliFailure } from "../output/failure.ts";
import type { ClientPort } from "../homes.ts";
import { type CliIo, exitCodeOf } from "../io.ts";
import type { Paint } from "../output/paint.ts";
import { shortExecutionId } from "../output/feed_fields.ts";
import { StateAsker } from "./ask_states.ts";
import { DetailModel } from "./detail.ts";
import { helpLines } from "./help.ts";
import { type KeyName, moveOf, type PressedKey, pressedKeys } from "./keys.ts";
import {
  applyDescription,
  applyFailure,
  applyMessage,
  createMonitor,
  type Monitor,
  type MonitorLimits,
  sweepEnded,
} from "./model.ts";
import { openScreen, type Screen } from "./screen.ts";
import { seedMonitor } from "./seed.ts";
import { type MonitorFrame, monitorFrame, type SortOrder, sortOrders } from "./view.ts";

/** Milliseconds between two frames. */
export const FRAME_MS = 100;
/** Frames in which nothing but ages would change are drawn once in so many. */
const IDLE_FRAMES = 5;
/** Milliseconds that the outcome of what was done is shown. */
const NOTICE_MS = 6_000;
const FILTER_CHARACTERS_MAX = 60;

/** What {@link runLiveMonitor} reads and writes. */
export interface LiveMonitorOptions {
  readonly io: CliIo;
  readonly client: ClientPort;
  readonly paint: Paint;
  readonly title: string;
  /** Only executions of this workflow. */
  readonly workflow?: string;
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

/** What is asked before it is done, and what is done. */
interface Question {
  readonly text: string;
  readonly done: string;
  readonly act: () => Promise<unknown>;
}

class LiveMonitor {
  readonly #options: LiveMonitorOptions;
  readonly #monitor: Monitor;
  readonly #screen: Screen;
  readonly #asker: StateAsker;
  readonly #askedAt = new Map<string, number>();
  readonly #cleanUps: (() => void)[] = [];
  #sort: SortOrder = "oldest";
  #failuresOnly = false;
  #isHelp = false;
  #detail: DetailModel | undefined;
  #detailScroll = 0;
  #detailScrollMax = 0;
  #scroll = 0;
  #selectedId: string | undefined;
  #filter = "";
  #isTyping = false;
  #question: Question | undefined;
  #notice: { readonly text: string; readonly untilMs: number } | undefined;
  #isDirty = true;
  #idleFrames = 0;
  #seedNotice: string | undefined;
  #connectionNotice: string | undefined;
  #frame: MonitorFrame | undefined;
  #isClosed = false;
  #quit: (exitCode: number) => void = () => {};

  constructor(options: LiveMonitorOptions) {
    const { io, client } = options;
    this.#options = options;
    this.#monitor = createMonitor(io.nowEpochMs(), options.limits);
    this.#screen = openScreen(io);
    this.#asker = new StateAsker(client, {
      onDescribed: (executionId, description) => this.#described(executionId, description),
      onFailed: (executionId) => this.#notDescribed(executionId),
    });
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
      this.#cleanUps.push(io.stdin.onKey((input) => pressedKeys(input).forEach((key) => this.#press(key))));
    }
    this.#cleanUps.push(client.onConnection((isConnected) => this.#setConnected(isConnected)));
    const subscription = await client.subscribe(undefined, (item) => this.#hear(item));
    this.#cleanUps.push(() => subscription.close());
    void this.#seed();
    this.#draw();
    return await ended;
  }

  close(): void {
    this.#isClosed = true;
    this.#asker.close();
    this.#detail?.close();
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
    this.#screen.close();
  }

  #hear(item: FeedItem): void {
    this.#isDirty = true;
    if (item.type === "events") {
      applyMessage(this.#monitor, item, this.#options.io.nowEpochMs());
      if (item.executionId === this.#detail?.executionId) this.#detail.hear(item.events);
    } else if (item.type === "gap") this.#monitor.totals.gaps += 1;
    else if (item.outcome.openReason !== undefined) this.#monitor.totals.gapsOpen += 1;
  }

  #setConnected(isConnected: boolean): void {
    this.#connectionNotice = isConnected ? undefined : "the connection to NATS is lost; trying again";
    this.#isDirty = true;
  }

  /** What runs already, and what failed before: the feed tells only what happens from now on. */
  async #seed(): Promise<void> {
    const { io, client, workflow } = this.#options;
    try {
      await seedMonitor({
        monitor: this.#monitor,
        client,
        workflow,
        nowMs: () => io.nowEpochMs(),
        isClosed: () => this.#isClosed,
        onRows: (executionIds) => {
          this.#ask("later", executionIds);
          this.#isDirty = true;
        },
      });
    } catch (thrown) {
      this.#seedNotice = `what ran before is not shown: ${asCliFailure(thrown).message}`;
    }
    this.#isDirty = true;
  }

  #tick(): void {
    sweepEnded(this.#monitor, this.#options.io.nowEpochMs());
    this.#idleFrames += 1;
    if (this.#isDirty || this.#idleFrames >= IDLE_FRAMES) this.#draw();
  }

  #draw(): void {
    const { io, paint, title, workflow } = this.#options;
    this.#isDirty = false;
    this.#idleFrames = 0;
    // A terminal that has just filled its last column would erase it together with the rest of the line.
    const size = { columns: io.stdout.columns - 1, rows: io.stdout.rows, nowMs: io.nowEpochMs(), paint };
    const prompt = this.#prompt();
    if (this.#isHelp) return this.#screen.draw(helpLines(size));
    if (this.#detail !== undefined) {
      const { lines, scrollMax } = this.#detail.frame({ ...size, scroll: this.#detailScroll, prompt });
      this.#detailScrollMax = scrollMax;
      return this.#screen.draw(lines);
    }
    const filter = this.#filter.trim().toLowerCase();
    this.#frame = monitorFrame(this.#monitor, {
      ...size,
      title: workflow === undefined ? title : `${title}  workflow ${workflow}`,
      sort: this.#sort,
      failuresOnly: this.#failuresOnly,
      scroll: this.#scroll,
      selectedId: this.#selectedId,
      filter: filter === "" ? undefined : filter,
      workflow,
      prompt,
      notices: [this.#connectionNotice, this.#seedNotice].filter((notice) => notice !== undefined),
    });
    this.#scroll = this.#frame.scroll;
    this.#screen.draw(this.#frame.lines);
    this.#ask("first", this.#frame.doubtful);
  }

  #prompt(): string | undefined {
    const { paint, io } = this.#options;
    if (this.#question !== undefined) return paint.bold(paint.yellow(`${this.#question.text} y yes, any other key no`));
    if (this.#isTyping) return paint.bold(`/${this.#filter}▏  Enter keeps it, Esc clears it`);
    if (this.#notice !== undefined && this.#notice.untilMs > io.nowEpochMs()) return paint.bold(this.#notice.text);
    return undefined;
  }

  #ask(when: "first" | "later", executionIds: Iterable<string>): void {
    const ids = [...executionIds];
    for (const id of ids) this.#askedAt.set(id, this.#monitor.rows.get(id)?.eventCount ?? 0);
    if (when === "first") this.#asker.first(ids);
    else this.#asker.later(ids);
  }

  #described(executionId: string, description: ExecutionDescription | undefined): void {
    const askedAt = this.#askedAt.get(executionId);
    this.#askedAt.delete(executionId);
    applyDescription(this.#monitor, executionId, description, this.#options.io.nowEpochMs(), askedAt);
    applyFailure(this.#monitor, executionId, description);
    this.#isDirty = true;
  }

  #notDescribed(executionId: string): void {
    this.#askedAt.delete(executionId);
    const row = this.#monitor.rows.get(executionId);
    if (row === undefined) return;
    row.workflow ??= "?";
    row.heardMs = this.#options.io.nowEpochMs();
  }

  #resized(): void {
    this.#screen.redraw();
    this.#draw();
  }

  #press(key: PressedKey): void {
    if (key.name === "interrupt") return this.#quit(0);
    if (this.#question !== undefined) this.#answerQuestion(this.#question, key);
    else if (this.#isTyping) this.#type(key);
    else if (key.text === "q" || key.text === "Q") return this.#quit(0);
    else if (this.#isHelp) this.#isHelp = false;
    else if (key.text === "?") this.#isHelp = true;
    else if (this.#detail !== undefined) this.#pressInDetail(this.#detail, key);
    else this.#pressInList(key);
    this.#draw();
  }

  #pressInList(key: PressedKey): void {
    const move = moveOf(key);
    if (move === "enter") return this.#open();
    if (move === "back" || move === "erase") return this.#back();
    if (move !== undefined) return this.#move(move);
    if (key.text === "/") this.#isTyping = true;
    else if (key.text === "f") this.#show(!this.#failuresOnly);
    else if (key.text === "s") {
      this.#sort = sortOrders[(sortOrders.indexOf(this.#sort) + 1) % sortOrders.length] ?? "oldest";
    } else if (key.text === "c" && this.#selectedId !== undefined) this.#askToCancel(this.#selectedId);
    else if (key.text === "r" && this.#selectedId !== undefined) this.#askToRedrive(this.#selectedId);
  }

  #pressInDetail(detail: DetailModel, key: PressedKey): void {
    const move = moveOf(key);
    if (move === "back" || move === "erase") {
      detail.close();
      this.#detail = undefined;
      this.#screen.redraw();
    } else if (move !== undefined && move !== "enter") {
      const to = this.#detailScroll + (steps(move, this.#options.io.stdout.rows - 6) ?? 0);
      this.#detailScroll = Math.min(this.#detailScrollMax, Math.max(0, to));
    } else if (key.text === "c") this.#askToCancel(detail.executionId);
    else if (key.text === "r") this.#askToRedrive(detail.executionId);
  }

  #open(): void {
    const executionId = this.#selectedId ?? this.#frame?.listed[0];
    if (executionId === undefined) return;
    this.#selectedId = executionId;
    this.#detailScroll = 0;
    this.#detail = new DetailModel(executionId, this.#options.client, () => this.#isDirty = true);
    this.#screen.redraw();
  }

  /** One step back at a time, and never out. */
  #back(): void {
    if (this.#filter !== "") this.#filter = "";
    else if (this.#failuresOnly) this.#show(false);
    else this.#selectedId = undefined;
  }

  #show(failuresOnly: boolean): void {
    this.#failuresOnly = failuresOnly;
    this.#selectedId = undefined;
    this.#scroll = 0;
  }

  /** The cursor stays at its execution while the list moves under it; where that has gone, it is at what took its place. */
  #move(move: KeyName): void {
    const { listed = [], pageRows = 1, scroll = 0 } = this.#frame ?? {};
    if (listed.length === 0) return;
    const at = this.#selectedId === undefined ? -1 : listed.indexOf(this.#selectedId);
    const from = at >= 0 ? at : move === "down" ? scroll - 1 : scroll;
    const to = from + (steps(move, pageRows) ?? 0);
    this.#selectedId = listed[Math.min(listed.length - 1, Math.max(0, to))];
  }

  #type(key: PressedKey): void {
    if (key.name === "enter") this.#isTyping = false;
    else if (key.name === "back") {
      this.#isTyping = false;
      this.#filter = "";
    } else if (key.name === "erase") this.#filter = [...this.#filter].slice(0, -1).join("");
    else if (key.text !== undefined) this.#filter = (this.#filter + key.text).slice(0, FILTER_CHARACTERS_MAX);
  }

  #askToCancel(executionId: string): void {
    const { client } = this.#options;
    this.#question = {
      text: `Cancel ${shortExecutionId(executionId)}?`,
      done: `${shortExecutionId(executionId)} is being canceled`,
      act: () => client.cancelExecution({ executionId }),
    };
  }

  #askToRedrive(executionId: string): void {
    const { client } = this.#options;
    this.#question = {
      text: `Redrive ${shortExecutionId(executionId)}?`,
      done: `${shortExecutionId(executionId)} goes on from where it failed`,
      act: () => client.redriveExecution(executionId),
    };
  }

  #answerQuestion({ act, done }: Question, { text }: PressedKey): void {
    this.#question = undefined;
    if (text !== "y" && text !== "Y") return;
    void act().then(() => this.#tell(done), (thrown: unknown) => this.#tell(asCliFailure(thrown).message));
  }

  #tell(text: string): void {
    this.#notice = { text, untilMs: this.#options.io.nowEpochMs() + NOTICE_MS };
    this.#isDirty = true;
  }
}

function steps(move: KeyName, page: number): number | undefined {
  const by = { up: -1, down: 1, pageUp: -page, pageDown: page, home: -Infinity, end: Infinity };
  return move in by ? by[move as keyof typeof by] : undefined;
}
