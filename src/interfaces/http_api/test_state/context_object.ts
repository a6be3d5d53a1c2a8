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

/** Fields of a context object that may be given, and the kind of value of each; `any`: whatever it is. */
const fieldKinds: Readonly<Record<string, Readonly<Record<string, "string" | "number" | "any">>>> = {
  Execution: {
    Id: "string",
    Input: "any",
    Name: "string",
    RedriveCount: "number",
    RedriveTime: "string",
    RoleArn: "string",
    StartTime: "string",
  },
  State: { EnteredTime: "string", Name: "string", RetryCount: "number" },
  StateMachine: { Id: "string", Name: "string" },
  Task: { Token: "string" },
  Map: { Item: "any" },
};

function fieldProblem(context: JsonObject): string | undefined {
  for (const [group, value] of Object.entries(context)) {
    const kinds = Object.hasOwn(fieldKinds, group) ? fieldKinds[group] : undefined;
    if (kinds === undefined) return `Field '${group}' is not allowed`;
    if (!isJsonObject(value)) return `${group} must be an object`;
    for (const [field, given] of Object.entries(value)) {
      const kind = Object.hasOwn(kinds, field) ? kinds[field] : undefined;
      if (kind === undefined) return `Field '${field}' is not allowed`;
      if (kind !== "any" && typeof given !== kind) return `${group}.${field} must be a ${kind}`;
    }
  }
  return undefined;
}

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
      return Result.fail(invalid("'Map' field is not supported when mocking a Context object"));
    }
    const problem = fieldProblem(context);
    return problem === undefined ? Result.succeed(context) : Result.fail(invalid(problem));
  });
}

function waitsForToken(state: State): boolean {
  return state.Type === "Task" && isCallback(state.Resource);
}

/** Its task ends by a job's end or by whoever has the token. */
export function waitsOutside(state: State): boolean {
  return state.Type === "Task" && parseResource(state.Resource).pattern !== "Request";
}
