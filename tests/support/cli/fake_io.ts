import type { CliIo, StopSignal, TextSink, TextSource } from "../../../src/interfaces/cli/io.ts";

/** A stream that keeps what was written. */
export class FakeSink implements TextSink {
  text = "";
  isTTY = false;
  columns = 80;
  rows = 24;
  isCongested = false;
  readonly goneListeners = new Set<() => void>();
  readonly #writes: ((text: string) => void)[] = [];

  write(text: string): void {
    this.text += text;
    for (const hear of [...this.#writes]) hear(this.text);
  }

  onGone(listener: () => void): () => void {
    this.goneListeners.add(listener);
    return () => this.goneListeners.delete(listener);
  }

  /** Resolves once everything written so far holds `wanted`. */
  until(wanted: string): Promise<void> {
    if (this.text.includes(wanted)) return Promise.resolve();
    return new Promise((resolve) => {
      const hear = (text: string) => {
        if (!text.includes(wanted)) return;
        this.#writes.splice(this.#writes.indexOf(hear), 1);
        resolve();
      };
      this.#writes.push(hear);
    });
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

/** Stdin with a text in it, and keys to press. */
export class FakeSource implements TextSource {
  isTTY = false;
  text = "";
  readonly listeners = new Set<(key: string) => void>();
  readonly lineListeners = new Set<{ readonly listener: (line: string) => void; readonly onEnd: () => void }>();

  readAll(bytesMax: number): Promise<string> {
    if (Buffer.byteLength(this.text) > bytesMax) return Promise.reject(new RangeError("too long"));
    return Promise.resolve(this.text);
  }

  onKey(listener: (key: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onLine(listener: (line: string) => void, onEnd: () => void): () => void {
    const both = { listener, onEnd };
    this.lineListeners.add(both);
    return () => this.lineListeners.delete(both);
  }

  press(key: string): void {
    for (const listener of [...this.listeners]) listener(key);
  }
}

/** Input and output of a command in a test: time moves by `advance`, signals come by `signal`. */
export class FakeIo implements CliIo {
  readonly stdout = new FakeSink();
  readonly stderr = new FakeSink();
  readonly stdin = new FakeSource();
  /** One process: more would be real ones. */
  readonly env: Record<string, string | undefined> = { WEFT_PROCESSES: "1" };
  readonly files = new Map<string, string>();
  readonly intervals = new Set<{ readonly ms: number; readonly tick: () => void; dueMs: number }>();
  readonly signalListeners = new Set<(signal: StopSignal) => void>();
  readonly resizeListeners = new Set<() => void>();
  readonly exitListeners = new Set<() => void>();
  cwd = "/";
  nowMs = Date.parse("2026-01-31T10:00:00Z");

  nowEpochMs(): number {
    return this.nowMs;
  }

  every(ms: number, tick: () => void): () => void {
    const interval = { ms, tick, dueMs: this.nowMs + ms };
    this.intervals.add(interval);
    return () => this.intervals.delete(interval);
  }

  advance(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      const next = [...this.intervals].sort((left, right) => left.dueMs - right.dueMs)[0];
      if (next === undefined || next.dueMs > until) break;
      this.nowMs = next.dueMs;
      next.dueMs += next.ms;
      next.tick();
    }
    this.nowMs = until;
  }

  onSignal(listener: (signal: StopSignal) => void): () => void {
    this.signalListeners.add(listener);
    return () => this.signalListeners.delete(listener);
  }

  signal(signal: StopSignal): void {
    for (const listener of [...this.signalListeners]) listener(signal);
  }

  onResize(listener: () => void): () => void {
    this.resizeListeners.add(listener);
    return () => this.resizeListeners.delete(listener);
  }

  onExit(cleanUp: () => void): () => void {
    this.exitListeners.add(cleanUp);
    return () => this.exitListeners.delete(cleanUp);
  }

  writeNow(text: string): void {
    this.stdout.write(text);
  }

  readTextFile(path: string): Promise<string> {
    const text = this.files.get(path);
    if (text !== undefined) return Promise.resolve(text);
    return Promise.reject(Object.assign(new Error(`no ${path}`), { code: "ENOENT" }));
  }

  /** Everything that listens still: must be nothing after a command. */
  get listenerCount(): number {
    const { intervals, signalListeners, resizeListeners, exitListeners } = this;
    return intervals.size + signalListeners.size + resizeListeners.size + exitListeners.size +
      this.stdout.goneListeners.size +
      this.stdin.listeners.size + this.stdin.lineListeners.size;
  }
}
