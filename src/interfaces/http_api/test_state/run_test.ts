/**
 * Runs one state as TestState does, by the functions that the engine evaluates states with: what its input becomes on the way, and
 * what comes of it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
 */
import { Effect, Result } from "effect";
import type { AwsAnswer } from "../../../aws/mod.ts";
import {
  catcherOutcome,
  causeInState,
  choose,
  distributedMapFields,
  effectiveInput,
  failure,
  findCatcher,
  findRetrier,
  mapItems,
  mapSettings,
  retryDelaySeconds,
  stateArguments,
  stateOutcome,
  waitEnd,
} from "../../../language/mod.ts";
import type {
  Evaluated,
  EvaluationScope,
  MapState,
  ParallelState,
  State,
  StateOutcome,
  StatesError,
  TaskState,
} from "../../../language/types.ts";
import { type Json, type JsonObject, present } from "../../../values/mod.ts";
import { batchedItems, readItems, selectedItems } from "./map_items.ts";
import { NAMELESS_STATE } from "./state_under_test.ts";

/** What a state's work comes to: a result, or an error. */
export type WorkResult = Evaluated<Json>;

/** A state, and what it is tested with. */
export interface StateTest {
  readonly state: State;
  readonly scope: EvaluationScope;
  /** Does the work of a Task, Parallel or Map: the mock, or the task itself. */
  readonly work: (workInput: Json) => AwsAnswer<WorkResult>;
  /** Retries that the retrier of the error has made already. */
  readonly retryCount: number;
  readonly failedIterations: number;
  /** What the `ItemReader` of a Map would find. */
  readonly dataset?: string;
}

/** How the test ended, as TestState's answer has it, but for the inspection data's level. */
export interface TestOutcome {
  readonly status: "SUCCEEDED" | "FAILED" | "RETRIABLE" | "CAUGHT_ERROR";
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  /** Payloads as JSON text, numbers as they are. */
  readonly inspection: JsonObject;
}

/** A Pass whose output is written down: what its other fields make of the input is not shown. */
function isFixed(state: State): boolean {
  return state.Type === "Pass" && state.Result !== undefined;
}

type Retryable = TaskState | ParallelState | MapState;

/** The id of the state's first event in an execution that begins with it. */
const ENTERED_EVENT_ID = 2;
const THRESHOLD_EXCEEDED = {
  error: "States.ExceedToleratedFailureThreshold",
  cause: "The specified tolerated failure threshold was exceeded",
};

/** Runs the test. */
export function runTest(test: StateTest): AwsAnswer<TestOutcome> {
  return new TestRun(test).run();
}

class TestRun {
  readonly #test: StateTest;
  readonly #inspection: Record<string, Json> = {};

  constructor(test: StateTest) {
    this.#test = test;
    this.#show("input", test.scope.rawInput);
  }

  run(): AwsAnswer<TestOutcome> {
    const { state, scope } = this.#test;
    const input = effectiveInput(state, scope);
    if (Result.isFailure(input)) return Effect.succeed(this.#failed(input.failure));
    if (state.Type !== "Parallel" && !isFixed(state)) this.#showJsonPath("afterInputPath", input.success);
    switch (state.Type) {
      case "Fail":
        return Effect.succeed(this.#failed(Result.merge(failure(state, scope, input.success)), false));
      case "Choice": {
        const chosen = choose(state, scope, input.success);
        return Effect.succeed(
          Result.isFailure(chosen)
            ? this.#failed(chosen.failure)
            : this.#succeeded(chosen.success, chosen.success.next),
        );
      }
      case "Wait":
        return Effect.succeed(this.#concluded(input.success, waitEnd(state, scope, input.success)));
      case "Succeed":
        return Effect.succeed(this.#concluded(input.success, input));
      case "Pass":
        return Effect.succeed(this.#pass(input.success));
      case "Task":
      case "Parallel":
      case "Map":
        return this.#work(state, input.success);
      default:
        return state satisfies never;
    }
  }

  #pass(input: Json): TestOutcome {
    const { state, scope } = this.#test;
    const result = stateArguments(state, scope, input);
    if (Result.isFailure(result)) return this.#failed(result.failure);
    if (state.QueryLanguage === "JSONPath") {
      this.#show(isFixed(state) ? "result" : "afterParameters", result.success);
    }
    return this.#concluded(input, result, result.success);
  }

  #work(state: Retryable, input: Json): AwsAnswer<TestOutcome> {
    if (state.Type === "Map" && state.ItemReader === undefined && state.QueryLanguage === "JSONPath") {
      const items = mapItems(state, this.#test.scope, input);
      if (Result.isFailure(items)) return Effect.succeed(this.#failed(items.failure, false));
    }
    const prepared = state.Type === "Map" ? this.#mapInput(state, input) : this.#workInput(state, input);
    if (Result.isFailure(prepared)) return Effect.succeed(this.#failed(prepared.failure));
    return Effect.map(this.#test.work(prepared.success), (result) => {
      const tolerated = state.Type === "Map" && Result.isSuccess(result)
        ? this.#toleranceExceeded(state, input)
        : undefined;
      if (tolerated !== undefined) return this.#failed(tolerated);
      if (Result.isFailure(result)) return this.#failed(result.failure, false);
      if (state.Type === "Task") this.#show("result", result.success);
      return this.#concluded(input, result, result.success);
    });
  }

  #workInput(state: TaskState | ParallelState, input: Json): Evaluated<Json> {
    const args = stateArguments(state, this.#test.scope, input);
    if (Result.isFailure(args)) return args;
    if (state.Type !== "Task") return args;
    if (state.QueryLanguage === "JSONPath") this.#show("afterParameters", args.success);
    else if (state.Arguments !== undefined) this.#show("afterArguments", args.success);
    return args;
  }

  #mapInput(state: MapState, input: Json): Evaluated<Json> {
    const { scope } = this.#test;
    const settings = mapSettings(state, scope, input);
    if (Result.isFailure(settings)) return Result.fail(settings.failure);
    const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = settings.success;
    this.#inspection["maxConcurrency"] = maxConcurrency;
    if (toleratedFailureCount !== undefined) this.#inspection["toleratedFailureCount"] = toleratedFailureCount;
    if (toleratedFailurePercentage !== undefined) {
      this.#inspection["toleratedFailurePercentage"] = toleratedFailurePercentage;
    }
    const items = state.ItemReader === undefined ? this.#ownItems(state, input) : this.#readItems(state, input);
    if (Result.isFailure(items)) return Result.fail(items.failure);
    return items.success === undefined ? Result.succeed(input) : this.#iterationInputs(state, input, items.success);
  }

  #ownItems(state: MapState, input: Json): Evaluated<readonly Json[]> {
    const items = mapItems(state, this.#test.scope, input);
    if (Result.isSuccess(items)) this.#showJsonPath("afterItemsPath", items.success);
    return items;
  }

  #readItems(state: MapState, input: Json): Evaluated<readonly Json[] | undefined> {
    const { scope, dataset } = this.#test;
    if (dataset === undefined) return Result.succeed(undefined);
    return Result.map(distributedMapFields(state, scope, input), ({ ItemReader }) => {
      const read = readItems(ItemReader, dataset);
      if (read?.pointed !== undefined) this.#show("afterItemsPointer", read.pointed);
      return read?.items;
    });
  }

  #iterationInputs(state: MapState, input: Json, items: readonly Json[]): Evaluated<Json> {
    const { scope } = this.#test;
    const selected = selectedItems(state, scope, input, items);
    if (Result.isFailure(selected)) return Result.fail(selected.failure);
    const isSelecting = state.ItemSelector !== undefined || state.Parameters !== undefined;
    if (isSelecting) this.#show("afterItemSelector", selected.success);
    const batches = batchedItems(state, scope, input, selected.success);
    if (Result.isFailure(batches)) return Result.fail(batches.failure);
    if (batches.success !== undefined) this.#show("afterItemBatcher", batches.success);
    return Result.succeed(input);
  }

  #toleranceExceeded(state: MapState, input: Json): StatesError | undefined {
    const { scope, failedIterations } = this.#test;
    const settings = mapSettings(state, scope, input);
    const items = state.ItemReader === undefined ? mapItems(state, scope, input) : undefined;
    if (Result.isFailure(settings)) return settings.failure;
    const { toleratedFailureCount, toleratedFailurePercentage } = settings.success;
    if (toleratedFailureCount !== undefined && failedIterations > toleratedFailureCount) return THRESHOLD_EXCEEDED;
    const total = items === undefined || Result.isFailure(items) ? 0 : items.success.length;
    const percentage = total === 0 ? 0 : failedIterations * 100 / total;
    return toleratedFailurePercentage !== undefined && percentage > toleratedFailurePercentage
      ? THRESHOLD_EXCEEDED
      : undefined;
  }

  /** From a result to the output, JSONPath's stages shown on the way. */
  #concluded(input: Json, done: Evaluated<unknown>, result: Json = input): TestOutcome {
    if (Result.isFailure(done)) return this.#failed(done.failure);
    const { state, scope } = this.#test;
    this.#showStages(input, result);
    const outcome = stateOutcome(state, scope, input, result);
    return Result.isFailure(outcome) ? this.#failed(outcome.failure) : this.#succeeded(outcome.success, state.Next);
  }

  #showStages(input: Json, result: Json): void {
    const { state, scope } = this.#test;
    if (state.QueryLanguage !== "JSONPath" || state.Type === "Wait" || state.Type === "Succeed") return;
    const { OutputPath: _outputPath, Assign: _assign, ...unfiltered } = state;
    const { ResultPath: _resultPath, ...unplaced } = unfiltered;
    this.#showOutput("afterResultSelector", stateOutcome(unplaced, scope, input, result));
    this.#showOutput("afterResultPath", stateOutcome(unfiltered, scope, input, result));
  }

  #succeeded({ output, assigned = {} }: StateOutcome, next: string | undefined): TestOutcome {
    this.#showVariables(assigned);
    return {
      status: "SUCCEEDED",
      output,
      ...present({ nextState: next }),
      inspection: this.#inspection,
    };
  }

  /** @param isOurs the evaluation failed: AWS's sentence about the state stands before the cause */
  #failed({ error, cause }: StatesError, isOurs = true): TestOutcome {
    const { state, retryCount } = this.#test;
    const told = isOurs && (error === "States.Runtime" || error === "States.QueryEvaluationError")
      ? { error, cause: causeInState(cause ?? "", NAMELESS_STATE, ENTERED_EVENT_ID) }
      : { ...present({ error, cause }) };
    const failed = { status: "FAILED" as const, ...told, inspection: this.#inspection };
    if (state.Type !== "Task" && state.Type !== "Parallel" && state.Type !== "Map") return failed;
    const matching = findRetrier(state.Retry, error, []);
    const counts = state.Retry.map(() => retryCount);
    const retry = findRetrier(state.Retry, error, counts);
    const retryIndex = matching === undefined ? {} : { retryIndex: matching.index };
    if (retry !== undefined) {
      const retryBackoffIntervalSeconds = Math.round(retryDelaySeconds(retry.retrier, retryCount));
      this.#inspection["errorDetails"] = { retryIndex: retry.index, retryBackoffIntervalSeconds };
      return { ...failed, status: "RETRIABLE" };
    }
    if (matching !== undefined) this.#inspection["errorDetails"] = retryIndex;
    return this.#caught(state, told) ?? failed;
  }

  #caught(state: Retryable, error: StatesError): TestOutcome | undefined {
    const found = findCatcher(state.Catch, error.error);
    if (found === undefined) return undefined;
    const outcome = catcherOutcome(state, found.catcher, this.#test.scope, error);
    this.#inspection["errorDetails"] = { catchIndex: found.index };
    if (Result.isFailure(outcome)) {
      return { status: "FAILED", ...outcome.failure, inspection: this.#inspection } as TestOutcome;
    }
    this.#showVariables(outcome.success.assigned ?? {});
    return {
      status: "CAUGHT_ERROR",
      output: outcome.success.output,
      ...present({ error: error.error, cause: error.cause }),
      nextState: found.catcher.Next,
      inspection: this.#inspection,
    };
  }

  #showVariables(assigned: JsonObject): void {
    const variables = { ...this.#test.scope.variables, ...assigned };
    if (Object.keys(variables).length > 0) this.#show("variables", variables);
  }

  #showOutput(field: string, outcome: Evaluated<StateOutcome>): void {
    if (Result.isSuccess(outcome)) this.#show(field, outcome.success.output);
  }

  #showJsonPath(field: string, value: Json): void {
    if (this.#test.state.QueryLanguage === "JSONPath") this.#show(field, value);
  }

  #show(field: string, value: Json): void {
    this.#inspection[field] = JSON.stringify(value);
  }
}
