/** One state alone, by the same functions as the AWS API's TestState. */
import { Effect, Result } from "effect";
import { madeUpContext, runTest, stateUnderTest } from "../interfaces/http_api/mod.ts";
import { systemClock, systemRandomness } from "../runtime/mod.ts";
import { defaultLimits, type Json, type JsonObject, present } from "../values/mod.ts";

/** What a state is tested with besides its input. */
export interface MockedState {
  /** What the work of a Task, Map or Parallel gives. */
  readonly result?: Json;
  /** Instead of a result: what its work fails with. */
  readonly error?: string;
  readonly cause?: string;
  readonly variables?: JsonObject;
  /** Retries that were made already. Default: 0. */
  readonly retryCount?: number;
}

/** What came of the state. */
export interface StateTested {
  readonly status: "SUCCEEDED" | "FAILED" | "RETRIABLE" | "CAUGHT_ERROR";
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  /** What the input became on the way, as TestState's `inspectionData` has it. */
  readonly inspection: JsonObject;
}

const SCOPE = { account: "123456789012", region: "us-east-1" };

/** @throws {TypeError} there is no such state, or its work wants a mock */
export async function testOneState(
  definition: string,
  name: string,
  input: Json,
  { result, error, cause = "", variables = {}, retryCount = 0 }: MockedState,
): Promise<StateTested> {
  const found = stateUnderTest(definition, name, defaultLimits);
  if (Result.isFailure(found)) throw new TypeError(`Cannot test the state "${name}": ${found.failure.message}`);
  const state = found.success;
  const draws = { ...systemRandomness, nowEpochMs: () => systemClock.nowEpochMs() };
  const contextObject = madeUpContext(draws, SCOPE, state, { input, roleArn: undefined, retryCount });
  const works = state.Type === "Task" || state.Type === "Map" || state.Type === "Parallel";
  if (works && result === undefined && error === undefined) {
    throw new TypeError(`Expected a result or an error for the ${state.Type} "${name}"`);
  }
  const { status, output, error: named, cause: told, nextState, inspection } = await Effect.runPromise(runTest({
    state,
    scope: {
      rawInput: input,
      contextObject,
      variables,
      draws: { ...systemRandomness, nowEpochMs: systemClock.nowEpochMs() },
      limits: defaultLimits,
    },
    work: () => Effect.succeed(error === undefined ? Result.succeed(result ?? null) : Result.fail({ error, cause })),
    retryCount,
    failedIterations: 0,
  }));
  return { status, ...present({ output, error: named, cause: told, nextState }), inspection };
}
