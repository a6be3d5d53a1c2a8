import { CliFailure } from "../output/failure.ts";
import type { Frame, ProcessPlan, StartedProcess, StartProcess } from "./supervision.ts";

/** What a supervisor works with. */
export interface SupervisorParts {
  readonly start: StartProcess;
  /** Calls `tick` every `ms` milliseconds until the returned function is called. */
  readonly every: (ms: number, tick: () => void) => () => void;
  readonly nowMs: () => number;
  /** A line of a process. */
  readonly onLine: (name: string, line: string, stream: "out" | "err") => void;
  /** Milliseconds without an answer after which a process is ended and started anew. Default: 6,000, three times a session. */
  readonly silentMsMax?: number;
}

interface Kept {
  readonly plan: ProcessPlan;
  process: StartedProcess;
  /** Questions since it last answered; only counted while it is up. */
  unanswered: number;
  isUp: boolean;
  startedAtMs: number;
  /** Ends that followed each other without a while of life between. */
  endsInARow: number;
  /** It is not running, and will be started then. */
  stopWaiting: (() => void) | undefined;
}

const SILENT_MS_MAX = 6_000;
const QUESTIONS_MAX = 3;
const BACKOFF_MS_MIN = 200;
const BACKOFF_MS_MAX = 10_000;
/** Whoever lived so long begins with the shortest wait again. */
const LIVED_MS = 30_000;
/** Time to read what it missed, and to find a server. */
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 20_000;

/** Keeps processes up: one that ends, or is silent, is started anew, after a wait that grows. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #kept: Kept[] = [];
  readonly #stopAsking: () => void;
  #isStopping = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#stopAsking = parts.every((parts.silentMsMax ?? SILENT_MS_MAX) / QUESTIONS_MAX, () => this.#ask());
  }

  /**
   * Starts a process, and keeps it up from then on. @returns what it said when it was up
   *
   * @throws {CliFailure} it ended before it was up for the first time: what is wrong will be wrong again
   */
  async run(plan: ProcessPlan): Promise<Frame> {
    if (this.#isStopping) throw new CliFailure(`${plan.name} is not started: all are ended`, { code: "ProcessFailed" });
    const up = Promise.withResolvers<Frame>();
    const first = this.#start(plan, up.resolve);
    const kept: Kept = {
      plan,
      process: first,
      unanswered: 0,
      isUp: !plan.isWeft,
      startedAtMs: this.#parts.nowMs(),
      endsInARow: 0,
      stopWaiting: undefined,
    };
    this.#kept.push(kept);
    void first.ended.then((how) => {
      if (!kept.isUp) {
        up.reject(new CliFailure(`${plan.name} ended before it was up: ${how}`, { code: "ProcessFailed" }));
      }
      this.#onEnd(kept, how);
    });
    if (!plan.isWeft) return {};
    return await up.promise;
  }

  /** Ends all, the last that was started first where it needs the others; resolves when none runs. Repeats are harmless. */
  async close(): Promise<void> {
    this.#isStopping = true;
    this.#stopAsking();
    for (const kept of this.#kept) kept.stopWaiting?.();
    const stopLate = this.#parts.every(STOP_MS_MAX, () => this.kill());
    try {
      for (const isWeft of [true, false]) {
        const some = this.#kept.filter(({ plan }) => plan.isWeft === isWeft);
        for (const { process } of some) process.signal("SIGTERM");
        await Promise.all(some.map(({ process }) => process.ended));
      }
    } finally {
      stopLate();
    }
  }

  /** Ends all at once. */
  kill(): void {
    this.#isStopping = true;
    this.#stopAsking();
    for (const { process } of this.#kept) process.signal("SIGKILL");
  }

  #start(plan: ProcessPlan, onUp: (frame: Frame) => void): StartedProcess {
    const find = () => this.#kept.find((kept) => kept.plan === plan);
    const started = this.#parts.start(plan, {
      onLine: (line, stream) => this.#parts.onLine(plan.name, line, stream),
      onFrame: (frame) => {
        const kept = find();
        if (kept === undefined) return;
        kept.unanswered = 0;
        if (frame.listening === undefined) return;
        kept.isUp = true;
        onUp(frame);
      },
    });
    if (started.pid !== undefined) this.#parts.onLine(plan.name, `started as process ${started.pid}`, "err");
    return started;
  }

  #ask(): void {
    for (const kept of this.#kept) {
      if (!kept.plan.isWeft || kept.stopWaiting !== undefined) continue;
      if (!kept.isUp) {
        if (this.#parts.nowMs() - kept.startedAtMs > START_MS_MAX) kept.process.signal("SIGKILL");
        continue;
      }
      if (kept.unanswered >= QUESTIONS_MAX) {
        kept.unanswered = 0;
        this.#say(kept, "does not answer, and is ended");
        kept.process.signal("SIGKILL");
      } else {
        kept.unanswered++;
        kept.process.ask();
      }
    }
  }

  #onEnd(kept: Kept, how: string): void {
    const wasUp = kept.isUp;
    kept.unanswered = 0;
    if (this.#isStopping || (!wasUp && kept.endsInARow === 0)) return;
    kept.isUp = !kept.plan.isWeft;
    const lived = this.#parts.nowMs() - kept.startedAtMs >= LIVED_MS;
    kept.endsInARow = lived ? 1 : kept.endsInARow + 1;
    const waitMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (kept.endsInARow - 1));
    this.#say(kept, `ended with ${how}, and is started again in ${waitMs} ms`);
    kept.stopWaiting = this.#parts.every(waitMs, () => this.#again(kept));
  }

  #again(kept: Kept): void {
    kept.stopWaiting?.();
    kept.stopWaiting = undefined;
    if (this.#isStopping) return;
    kept.startedAtMs = this.#parts.nowMs();
    kept.process = this.#start(kept.plan, () => this.#say(kept, "is up again"));
    void kept.process.ended.then((how) => this.#onEnd(kept, how));
  }

  #say({ plan }: Kept, text: string): void {
    this.#parts.onLine(plan.name, text, "err");
  }
}
