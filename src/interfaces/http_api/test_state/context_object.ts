/** The context object of a state under test. */
import { Result } from "effect";
import {
  type AwsFailure,
  awsFailure,
  type AwsScope,
  type CallDraws,
  expressArn,
  machineArn,
  parseJsonText,
} from "../../../aws/mod.ts";
import type { State } from "../../../language/types.ts";
import { isCallback, isJsonObject, type Json, type JsonObject, parseResource } from "../../../values/mod.ts";
import { NAMELESS_STATE } from "./state_under_test.ts";

/** A made-up execution of a made-up express machine. */
export function madeUpContext(
  { uuid, nowEpochMs }: CallDraws,
  scope: AwsScope,
  state: State,
  { input, roleArn, retryCount }: {
    readonly input: Json;
    readonly roleArn: string | undefined;
    readonly retryCount: number;
  },
): JsonObject {
  const now = new Date(nowEpochMs()).toISOString();
  const [machine, execution] = [uuid(), uuid()];
  const isRetryable = state.Type === "Task" || state.Type === "Parallel" || state.Type === "Map";
  return {
    Execution: {
      Id: expressArn(scope, machine, execution, uuid()),
      Input: input,
      Name: execution,
      RoleArn: roleArn ?? null,
      StartTime: now,
    },
    StateMachine: { Id: machineArn(scope, machine), Name: machine },
    State: { Name: NAMELESS_STATE, EnteredTime: now, ...(isRetryable ? { RetryCount: retryCount } : {}) },
    ...(waitsForToken(state) ? { Task: { Token: uuid() } } : {}),
  };
}

const invalid = (why: string) => awsFailure("ValidationException", `Invalid Context object provided: ${why}`);

/** The context object that a request brings. */
export function givenContext(text: string, state: State): Result.Result<JsonObject, AwsFailure> {
  return Result.flatMap(parseJsonText(text, invalid), (context) => {
    if (!isJsonObject(context)) return Result.fail(invalid("Context object must be a JSON object"));
    if ("Task" in context && !waitsOutside(state)) {
      return Result.fail(invalid(
        "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
      ));
    }
    if ("Map" in context && state.Type !== "Map") {
      return Result.fail(invalid("Context object contains 'Map' when state is not a Map state"));
    }
    return Result.succeed(context);
  });
}

function waitsForToken(state: State): boolean {
  return state.Type === "Task" && isCallback(state.Resource);
}

/** Its task ends by a job's end or by whoever has the token. */
export function waitsOutside(state: State): boolean {
  return state.Type === "Task" && parseResource(state.Resource).pattern !== "Request";
}
