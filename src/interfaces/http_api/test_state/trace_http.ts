import { Effect, Result } from "effect";
import type { TaskState } from "../../../language/types.ts";
import { defaultLimits, type Json, type JsonObject, parseResource } from "../../../values/mod.ts";
import type { WorkResult } from "./run_test.ts";

/** What came of an HTTP task, and what of it went over the wire. */
export interface HttpTrace {
  readonly result:
    | { readonly kind: "Completed"; readonly output: Json }
    | { readonly kind: "Failed"; readonly error: string; readonly cause?: string };
  /** As `inspectionData` has it. Absent where nothing was sent. */
  readonly request?: JsonObject;
  /** Absent where nothing came. */
  readonly response?: JsonObject;
}

/** Does an HTTP task outside any execution. Rejects with the signal's reason when that is aborted. */
export type TraceHttp = (
  task: { readonly input: Json; readonly region: string },
  signal: AbortSignal,
) => Promise<HttpTrace>;

/** How long a test may run, seconds. */
const TEST_SECONDS_MAX = 300;

/** True for tasks that {@link tracedWork} does. */
export function isHttpTask(state: TaskState): boolean {
  const resource = parseResource(state.Resource);
  return resource.kind === "Service" && resource.call === "http:invoke" && resource.pattern === "Request";
}

/** Does an HTTP task, and passes on what is to be shown of it. */
export function tracedWork(
  trace: TraceHttp,
  state: TaskState,
  task: Parameters<TraceHttp>[0],
  show: (seen: Pick<HttpTrace, "request" | "response">) => void,
): Effect.Effect<WorkResult> {
  const seconds = typeof state.TimeoutSeconds === "number" ? state.TimeoutSeconds : TEST_SECONDS_MAX;
  return Effect.promise(async (signal) => {
    const timeout = AbortSignal.timeout(Math.min(seconds, TEST_SECONDS_MAX) * 1_000);
    try {
      const { result, ...seen } = await trace(task, AbortSignal.any([signal, timeout]));
      show(seen);
      if (result.kind === "Completed") return Result.succeed(result.output);
      const { errorCharactersMax, causeCharactersMax } = defaultLimits;
      return Result.fail({
        error: result.error.slice(0, errorCharactersMax),
        cause: result.cause?.slice(0, causeCharactersMax),
      });
    } catch (failure) {
      if (timeout.aborted) return Result.fail({ error: "States.Timeout" });
      throw failure;
    }
  });
}
