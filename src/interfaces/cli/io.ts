/**
 * Everything the command line touches besides the engine: streams, environment, files, clock, signals.
 *
 * One object, so that a test runs a command without a child process, a terminal or a real clock. `process_io.ts` makes the real one.
 */

/** A stream that text is written to. */
export interface TextSink {
  /** A terminal: colour and live screens make sense. */
  readonly isTTY: boolean;
  /** Width in columns now; 80 where there is no terminal. Changes when the window does. */
  readonly columns: number;
  /** Height in rows now; 24 where there is no terminal. */
  readonly rows: number;
  write(text: string): void;
  /** True while the reader is slower than we are: a live screen then leaves frames out. */
  readonly isCongested: boolean;
  /** Calls `listener` once the reader is gone (`… | head`): what is written then is dropped. Until the returned function is called. */
  onGone(listener: () => void): () => void;
}

/** What comes in. */
export interface TextSource {
  readonly isTTY: boolean;
  /** All of it as UTF-8, at most `bytesMax` bytes; fails with a `RangeError` beyond. */
  readAll(bytesMax: number): Promise<string>;
  /** Raw keys as the terminal sends them, until the returned function is called. Terminals only. */
  onKey(listener: (key: string) => void): () => void;
  /** Each line as it comes, and the end, until the returned function is called. */
  onLine(listener: (line: string) => void, onEnd: () => void): () => void;
}

/** The signals that end a command in order. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** Streams, environment, clock, signals and files of one command; see the head of this file. */
export interface CliIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: TextSource;
  readonly env: { readonly [name: string]: string | undefined };
  /** Absolute: relative paths in arguments start here. */
  readonly cwd: string;
  /** Unix milliseconds. */
  nowEpochMs(): number;
  /** Calls `tick` every `ms` milliseconds until the returned function is called. Keeps the process alive. */
  every(ms: number, tick: () => void): () => void;
  /** Calls `listener` on each signal instead of ending the process, until the returned function is called. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Calls `listener` when the terminal changes its size, until the returned function is called. */
  onResize(listener: () => void): () => void;
  /** Runs `cleanUp`, synchronously and maybe twice, if the process ends in any other way, crashes included, until the returned function is called. */
  onExit(cleanUp: () => void): () => void;
  /** Writes to the terminal at once and synchronously: for clean-up in {@link onExit}. */
  writeNow(text: string): void;
  /** A file's text, a leading byte order mark removed. `path` as the user gave it. */
  readTextFile(path: string): Promise<string>;
}

/** Calls `onStop` with the first signal; a second one while stopping calls `onForce`. Returns the function that stops listening. */
export function onStopSignals(
  io: Pick<CliIo, "onSignal">,
  onStop: (signal: StopSignal) => void,
  onForce: (signal: StopSignal) => void,
): () => void {
  let stopping = false;
  return io.onSignal((signal) => {
    if (stopping) return onForce(signal);
    stopping = true;
    onStop(signal);
  });
}

/** The exit status shells use for a process that ended by this signal. */
export function exitCodeOf(signal: StopSignal): number {
  return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal];
}
