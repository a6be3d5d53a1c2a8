import { Effect, Result } from "effect";
import { RequestRefused } from "../../runtime/mod.ts";

const RETRY_FIRST_DELAY_MS = 20;
const RETRY_DELAY_MS_MAX = 1_000;
/** A defect may pass, as a partition is loaded anew; not one that stays. */
const DEFECTS_MAX = 20;

/**
 * An answer of the engine, asked for until there is one: while a partition is not led, or cannot be reached, the question stands.
 * An answer that is on its way is awaited even when the signal is aborted meanwhile: what was asked for may have happened.
 *
 * @throws {RequestRefused} for any other reason; the signal's reason once that is aborted
 */
export function ask<T>(request: () => Effect.Effect<T, RequestRefused>, signal: AbortSignal): Promise<T> {
  return askUntil(request, signal, {});
}

/** As {@link ask}, for answers that may take long and change nothing: an aborted signal ends the waiting. */
export function askPatiently<T>(request: () => Effect.Effect<T, RequestRefused>, signal: AbortSignal): Promise<T> {
  return askUntil(request, signal, { signal });
}

async function askUntil<T>(
  request: () => Effect.Effect<T, RequestRefused>,
  signal: AbortSignal,
  options: { readonly signal?: AbortSignal },
): Promise<T> {
  let defects = 0;
  for (let attempt = 0;; attempt++) {
    signal.throwIfAborted();
    const answer = await Effect.runPromise(Effect.result(request()), options);
    if (Result.isSuccess(answer)) return answer.success;
    const { code } = answer.failure;
    if (code === "Internal") defects += 1;
    if ((code !== "Unavailable" && code !== "Internal") || defects > DEFECTS_MAX) throw answer.failure;
    await pause(Math.min(RETRY_FIRST_DELAY_MS * 2 ** Math.min(attempt, 10), RETRY_DELAY_MS_MAX), signal);
  }
}

/** As {@link ask}; `undefined` where the engine refuses for one of these reasons. */
export async function askUnless<T>(
  codes: readonly RequestRefused["code"][],
  request: () => Effect.Effect<T, RequestRefused>,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await ask(request, signal);
  } catch (refused) {
    if (refused instanceof RequestRefused && codes.includes(refused.code)) return undefined;
    throw refused;
  }
}

/** Resolves after so long, or as soon as the signal is aborted. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end);
  });
}
