/**
 * Processes that this one starts and looks after.
 *
 * One that is a Weft of ours is asked whether it is there by a line on its input, and answers by a line that begins with a mark, so that it is
 * told from what it logs. When its input ends, whoever started it has died, and it ends as well.
 */
import type { CliIo } from "../io.ts";

/** A process that is to be kept up. */
export interface ProcessPlan {
  /** Shown before each of its lines. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** It says when it is up, and answers when it is asked. Others are up when they have been started. */
  readonly isWeft: boolean;
}

/** What a process of ours says to whoever started it. */
export interface Frame {
  /** It is up, and can be reached here. Absent: it is there. */
  readonly listening?: readonly { readonly name: string; readonly address: string }[];
}

/** Who hears a process. */
export interface ProcessListener {
  onFrame(frame: Frame): void;
  onLine(line: string, stream: "out" | "err"): void;
}

/** A process that was started. */
export interface StartedProcess {
  /** Absent: it could not be started. */
  readonly pid: number | undefined;
  /** How it ended, in words. Never rejects. */
  readonly ended: Promise<string>;
  ask(): void;
  signal(signal: NodeJS.Signals): void;
}

/** Starts a process; what is not there to be started has ended at once. */
export type StartProcess = (plan: ProcessPlan, listener: ProcessListener) => StartedProcess;

/** What a process of ours is asked with, as a line. */
export const QUESTION = "?";
const MARK = "\u001e";
const FRAME_CHARACTERS_MAX = 65_536;

/** What a process says on its output that was started by {@link startProcess}. */
export function frameLine(frame: Frame): string {
  return `${MARK}${JSON.stringify(frame)}\n`;
}

/**
 * Signals for a process that is looked after. It answers whoever started it, and when that one is gone, it is as if SIGTERM had come; what a
 * terminal sends is not for it.
 */
export function lookedAfter(io: CliIo): Pick<CliIo, "onSignal"> {
  const answer = (line: string) => {
    if (line === QUESTION) io.stdout.write(frameLine({}));
  };
  return {
    onSignal(listener) {
      const stopHearing = io.stdin.onLine(answer, () => listener("SIGTERM"));
      const stopListening = io.onSignal((signal) => signal === "SIGTERM" && listener(signal));
      return () => {
        stopHearing();
        stopListening();
      };
    },
  };
}

/** What a line of such a process says to whoever started it; `undefined`: it is for people. */
export function frameOf(line: string): Frame | undefined {
  if (!line.startsWith(MARK) || line.length > FRAME_CHARACTERS_MAX) return undefined;
  try {
    return JSON.parse(line.slice(MARK.length)) as Frame;
  } catch {
    return undefined;
  }
}
