/** TestState. */
import { Effect, Result } from "effect";
import { type AwsAnswer, type AwsFailure, awsFailure, given, parseInput, parseJsonText } from "../../../aws/mod.ts";
import type { MapState, State } from "../../../language/types.ts";
import { isJsonObject, type Json, type JsonObject, parseResource } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { givenContext, madeUpContext, waitsOutside } from "../test_state/context_object.ts";
import { mockedAnswerProblem, type ValidationMode } from "../test_state/mocked_answer.ts";
import { runTask } from "../test_state/run_task.ts";
import { runTest, type TestOutcome, type WorkResult } from "../test_state/run_test.ts";
import { stateUnderTest } from "../test_state/state_under_test.ts";
import { type HttpTrace, isHttpTask, tracedWork } from "../test_state/trace_http.ts";
import * as parts from "../wire/request_parts.ts";
import { flag, number, optional, type Request, required, shape, structure, text, word } from "../wire/shapes.ts";

const stateName = text({ min: 1, max: 80, sensitive: true });
const count = number({ min: 0 });
const TestRequest = shape({
  definition: required(parts.definition),
  roleArn: optional(parts.arn),
  input: optional(parts.payload),
  inspectionLevel: optional(word(["INFO", "DEBUG", "TRACE"])),
  revealSecrets: optional(flag),
  variables: optional(parts.payload),
  stateName: optional(stateName),
  mock: optional(structure("MockInput", {
    result: optional(parts.payload),
    errorOutput: optional(
      structure("MockErrorOutput", { error: optional(parts.errorName), cause: optional(parts.cause) }),
    ),
    fieldValidationMode: optional(word(["STRICT", "PRESENT", "NONE"])),
  })),
  context: optional(parts.payload),
  stateConfiguration: optional(structure("TestStateConfiguration", {
    retrierRetryCount: optional(count),
    errorCausedByState: optional(stateName),
    mapIterationFailureCount: optional(count),
    mapItemReaderData: optional(parts.payload),
  })),
});
type TestRequest = Request<typeof TestRequest>;

const refuse = (message: string) => Result.fail(awsFailure("ValidationException", message));

function testState(call: AwsCall, request: TestRequest): AwsAnswer {
  return Effect.gen(function* () {
    yield* given(checkConfiguration(request));
    const state = yield* given(stateUnderTest(request.definition, request.stateName, call.limits));
    yield* given(checkState(state, request));
    const mocked = yield* given(mockOf(state, request));
    yield* checkMockedAnswer(state, mocked, request.mock?.fieldValidationMode);
    const rawInput = yield* given(parseInput(request.input));
    const variables = yield* given(variablesOf(request.variables));
    const retryCount = request.stateConfiguration?.retrierRetryCount ?? 0;
    const contextObject = request.context === undefined
      ? madeUpContext(call.draws, call.scope, state, { input: rawInput, roleArn: request.roleArn, retryCount })
      : yield* given(givenContext(request.context, state));
    const { uuid, random, nowEpochMs } = call.draws;
    let exchanged: Pick<HttpTrace, "request" | "response"> = {};
    const show = request.inspectionLevel !== "TRACE" ? undefined : (seen: typeof exchanged) => {
      exchanged = seen;
    };
    const outcome = yield* runTest({
      state,
      scope: {
        rawInput,
        contextObject,
        variables,
        draws: { uuid, random, nowEpochMs: nowEpochMs() },
        limits: call.limits,
      },
      work: (input) => mocked === undefined ? realWork(call, state, input, show) : Effect.succeed(mocked),
      retryCount,
      failedIterations: request.stateConfiguration?.mapIterationFailureCount ?? 0,
      ...(request.stateConfiguration?.mapItemReaderData === undefined
        ? {}
        : { dataset: request.stateConfiguration.mapItemReaderData }),
    });
    return answerOf(
      { ...outcome, inspection: { ...outcome.inspection, ...exchanged } },
      request.inspectionLevel ?? "INFO",
    );
  });
}

/** `checkState` lets no Parallel or Map through without a mock. `show`: takes what an HTTP task sends and what comes. */
function realWork(
  call: AwsCall,
  state: State,
  input: Json,
  show: ((seen: Pick<HttpTrace, "request" | "response">) => void) | undefined,
): AwsAnswer<WorkResult> {
  if (state.Type !== "Task") return Effect.die(new Error(`Work of ${state.Type} without a mock`));
  const { traceHttp, scope: { region } } = call;
  return traceHttp === undefined || show === undefined || !isHttpTask(state)
    ? runTask(call, state, input)
    : tracedWork(traceHttp, state, { input, region }, show);
}

/** What of a request must go together, before anything is read of the definition. */
function checkConfiguration({ mock, context, stateConfiguration = {} }: TestRequest): Result.Result<void, AwsFailure> {
  if (mock?.result !== undefined && mock.errorOutput !== undefined) {
    return refuse("A test mock should have only one of the following fields: [result, errorOutput].");
  }
  if (mock === undefined) {
    for (const [field, value] of Object.entries(stateConfiguration)) {
      if (value === undefined) continue;
      const shown = `${field.slice(0, 1).toUpperCase()}${field.slice(1)}`;
      return refuse(`TestState does not support ${shown} when a mock is not specified.`);
    }
    if (context !== undefined) return refuse("TestState does not support Context when a mock is not specified.");
  }
  return Result.succeed(undefined);
}

/** What a state of this type needs and allows. */
function checkState(state: State, { mock, roleArn }: TestRequest): Result.Result<void, AwsFailure> {
  const works = state.Type === "Task" || state.Type === "Parallel" || state.Type === "Map";
  if (mock !== undefined) {
    return works
      ? Result.succeed(undefined)
      : refuse(`State type '${state.Type}' is not supported when a mock is specified`);
  }
  if (state.Type === "Parallel" || state.Type === "Map") {
    return Result.fail(awsFailure(
      "InvalidDefinition",
      "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
    ));
  }
  if (state.Type !== "Task") return Result.succeed(undefined);
  if (roleArn === undefined) return refuse("RoleArn must be specified when testing a Task state");
  if (waitsOutside(state) || parseResource(state.Resource).kind === "Activity") {
    return Result.fail(awsFailure(
      "InvalidDefinition",
      "TestState API does not support Activity tasks and the '.sync' and '.waitForTaskToken' service integration patterns when a mock is not specified",
    ));
  }
  return Result.succeed(undefined);
}

/** The mocked result or error, `undefined` where there is no mock. */
function mockOf(
  state: State,
  { mock, stateConfiguration }: TestRequest,
): Result.Result<WorkResult | undefined, AwsFailure> {
  if (mock === undefined) return Result.succeed(undefined);
  const { result: text, errorOutput } = mock;
  const { errorCausedByState } = stateConfiguration ?? {};
  if (errorCausedByState !== undefined && state.Type !== "Map" && state.Type !== "Parallel") {
    return refuse("ErrorCausedByState can only be specified for Map and Parallel states");
  }
  if (errorOutput !== undefined) {
    const { error, cause } = errorOutput;
    return Result.succeed(Result.fail({ error, cause }));
  }
  if (text === undefined) return refuse("A test mock should have one of the following fields: [result, errorOutput].");
  return Result.flatMap(
    parseJsonText(text, () => awsFailure("ValidationException", "Mocked result must be valid JSON")),
    (result): Result.Result<WorkResult, AwsFailure> => {
      const problem = resultProblem(state, result);
      return problem === undefined ? Result.succeed(Result.succeed(result)) : refuse(problem);
    },
  );
}

/** A mocked result must look like what the API answers that the task calls. */
function checkMockedAnswer(
  state: State,
  mocked: WorkResult | undefined,
  mode: ValidationMode = "STRICT",
): Effect.Effect<void, AwsFailure> {
  if (mocked === undefined || Result.isFailure(mocked)) return Effect.void;
  return Effect.flatMap(
    mockedAnswerProblem(state, mocked.success, mode),
    (problem) => problem === undefined ? Effect.void : Effect.fail(awsFailure("ValidationException", problem)),
  );
}

function resultProblem(state: State, result: Json): string | undefined {
  const writes = (state.Type === "Map" ? state : {} as Partial<MapState>).ResultWriter !== undefined;
  if (state.Type === "Map" && writes) return isJsonObject(result) ? undefined : "Mocked result must be a JSON object.";
  const isList = state.Type === "Map" || state.Type === "Parallel";
  return isList && !Array.isArray(result) ? "Mocked result must be an array." : undefined;
}

function variablesOf(text: string | undefined): Result.Result<JsonObject, AwsFailure> {
  if (text === undefined) return Result.succeed({});
  const invalid = (why: string) => awsFailure("ValidationException", `Invalid variables provided: ${why}`);
  return Result.flatMap(
    parseJsonText(text, invalid),
    (variables) =>
      isJsonObject(variables) ? Result.succeed(variables) : Result.fail(invalid("Variables must be a JSON object")),
  );
}

function answerOf({ inspection, output, ...outcome }: TestOutcome, level: "INFO" | "DEBUG" | "TRACE"): JsonObject {
  return {
    ...outcome,
    ...(output === undefined ? {} : { output: JSON.stringify(output) }),
    ...(level === "INFO" ? {} : { inspectionData: inspection }),
  };
}

/** By name. */
export const testStateOperations: Readonly<Record<string, Operation>> = {
  TestState: operation(TestRequest, testState),
};
