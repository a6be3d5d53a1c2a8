/** The input that a message gives to the execution that it starts. */
import { Result } from "effect";
import { effectiveInput, parseDefinition, seededDraws, stateArguments } from "../language/mod.ts";
import type { StateMachine } from "../language/types.ts";
import { isJsonObject, type Json, jsonDepthExceeds, type JsonObject, type Limits, parseJson } from "../values/mod.ts";

/** A message as templates see it. */
export interface TriggerMessage {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  /** ISO 8601: when the stream took it. */
  readonly timestamp: string;
  /** Each header's first value. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text. */
  readonly text: string;
}

/** Why a message cannot start anything. */
export interface InputRefused {
  readonly code: "TriggerInputRefused";
  readonly message: string;
}

/** Input from a message. */
export type InputOf = (message: TriggerMessage) => Result.Result<Json, InputRefused>;

const STATE = "Input";

/** What makes the input, by a template; or what is wrong with the template. */
export function inputMaker(template: string | undefined, limits: Limits): Result.Result<InputOf, string> {
  if (template === undefined) return Result.succeed((message) => dataOf(message, limits));
  if (jsonDepthExceeds(template, limits.jsonDepthMax)) return Result.fail("Expected a template that nests less deep");
  let parameters: Json;
  try {
    parameters = parseJson(template);
  } catch {
    return Result.fail("Expected a template that is JSON");
  }
  if (!isJsonObject(parameters)) return Result.fail("Expected a template that is a JSON object");
  const machine = parseDefinition(definitionOf(parameters));
  if (Result.isFailure(machine)) {
    return Result.fail(machine.failure.map(({ message, location }) => `${location}: ${message}`).join("; "));
  }
  return Result.succeed((message) => evaluated(machine.success, message, limits));
}

/** The template is a Pass state's `Parameters`. */
function definitionOf(parameters: JsonObject): JsonObject {
  return { StartAt: STATE, States: { [STATE]: { Type: "Pass", Parameters: parameters, End: true } } };
}

function evaluated(machine: StateMachine, message: TriggerMessage, limits: Limits): Result.Result<Json, InputRefused> {
  const state = machine.States.get(STATE);
  if (state === undefined) return refused("The template has no state");
  const { text: _, ...known } = message;
  const data = dataOf(message, limits);
  const rawInput: Json = {
    ...known,
    headers: message.headers,
    data: Result.isSuccess(data) ? data.success : message.text,
  };
  // The same for a message that comes again.
  const draws = seededDraws(`${message.stream}/${message.sequence}`, Date.parse(message.timestamp));
  const scope = { rawInput, variables: {}, contextObject: {}, draws, limits };
  const input = effectiveInput(state, scope);
  const made = Result.isSuccess(input) ? stateArguments(state, scope, input.success) : input;
  return Result.mapError(made, ({ error, cause }) => failure(`${error}: ${cause ?? ""}`));
}

function dataOf({ text }: TriggerMessage, limits: Limits): Result.Result<Json, InputRefused> {
  if (jsonDepthExceeds(text, limits.jsonDepthMax)) return refused("The message's JSON nests too deep");
  try {
    return Result.succeed(text === "" ? {} : parseJson(text));
  } catch {
    return refused("The message is not JSON");
  }
}

function failure(message: string): InputRefused {
  return { code: "TriggerInputRefused", message };
}

function refused(message: string): Result.Result<never, InputRefused> {
  return Result.fail(failure(message));
}
