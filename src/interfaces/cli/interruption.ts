/** Stopping in order: the first signal asks, the second one insists. */
import { type CliIo, exitCodeOf, onStopSignals, type StopSignal } from "./io.ts";

/** Signals as promises. */
export interface Interruption {
  /** Resolves with the first signal. */
  readonly asked: Promise<StopSignal>;
  /** Resolves with the second one. */
  readonly insisted: Promise<StopSignal>;
  /** Signals end the process again as they did. */
  stopListening(): void;
}

/** Listens from now on. */
export function listenForInterruption(io: Pick<CliIo, "onSignal">): Interruption {
  const asked = Promise.withResolvers<StopSignal>();
  const insisted = Promise.withResolvers<StopSignal>();
  const stopListening = onStopSignals(io, asked.resolve, insisted.resolve);
  return { asked: asked.promise, insisted: insisted.promise, stopListening };
}

/** `work`'s value, or the signal that came first. */
export async function orInterrupted<T>(
  interruption: Interruption,
  work: Promise<T>,
): Promise<{ readonly value: T } | { readonly signal: StopSignal }> {
  return await Promise.race([work.then((value) => ({ value })), interruption.asked.then((signal) => ({ signal }))]);
}

/**
 * Waits for a signal (or for `failed` to reject), then for `close`; a second signal ends the waiting.
 *
 * @returns The exit status: 0 after an orderly stop, else the signal's
 */
export async function serveUntilStopped(
  io: Pick<CliIo, "onSignal">,
  failed: Promise<never>,
  close: () => Promise<void>,
  onStopping: () => void,
): Promise<number> {
  const interruption = listenForInterruption(io);
  try {
    await Promise.race([interruption.asked, failed]);
    onStopping();
    const insisted = await Promise.race([close().then(() => undefined), interruption.insisted]);
    return insisted === undefined ? 0 : exitCodeOf(insisted);
  } catch (thrown) {
    await close().catch(() => {}); // the first failure is the one to tell of
    throw thrown;
  } finally {
    interruption.stopListening();
  }
}
