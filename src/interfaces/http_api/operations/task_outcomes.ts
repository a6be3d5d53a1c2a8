/** SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat. */
import { Effect } from "effect";
import { type AwsAnswer, type AwsFailure, awsFailure, given, parseJsonText, spaceOf } from "../../../aws/mod.ts";
import type { RequestRefused } from "../../../runtime/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import * as parts from "../wire/request_parts.ts";
import { optional, type Request, required, shape, text } from "../wire/shapes.ts";
import { present } from "../../../values/mod.ts";

const taskToken = required(text({ min: 1, max: 2_048 }));
const SuccessRequest = shape({ taskToken, output: required(parts.payload) });
const FailureRequest = shape({ taskToken, error: optional(parts.errorName), cause: optional(parts.cause) });
const HeartbeatRequest = shape({ taskToken });

function succeed(call: AwsCall, request: Request<typeof SuccessRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const output = yield* given(
      parseJsonText(request.output, (why) => awsFailure("InvalidOutput", `Invalid Output: '${why}'`)),
    );
    yield* told(call.engine.completeTask({ ...spaceOf(call.scope), token: request.taskToken, output }));
    return {};
  });
}

function fail(call: AwsCall, { taskToken: token, error, cause }: Request<typeof FailureRequest>): AwsAnswer {
  const why = { ...present({ error, cause }) };
  return Effect.as(told(call.engine.failTask({ ...spaceOf(call.scope), token, ...why })), {});
}

function heartbeat(call: AwsCall, { taskToken: token }: Request<typeof HeartbeatRequest>): AwsAnswer {
  return Effect.as(told(call.engine.heartbeatTask({ ...spaceOf(call.scope), token })), {});
}

/** A task that has ended, by whatever cause, takes no word any more: AWS says that it timed out. */
function told<T>(answer: Effect.Effect<T, RequestRefused>): Effect.Effect<T, AwsFailure | RequestRefused> {
  return Effect.mapError(
    answer,
    (refused) =>
      refused.code === "NotFound" || refused.code === "InvalidStatus"
        ? awsFailure("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        : refused,
  );
}

/** By name. */
export const taskOperations: Readonly<Record<string, Operation>> = {
  SendTaskSuccess: operation(SuccessRequest, succeed),
  SendTaskFailure: operation(FailureRequest, fail),
  SendTaskHeartbeat: operation(HeartbeatRequest, heartbeat),
};
