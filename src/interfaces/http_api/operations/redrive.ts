/** RedriveExecution. */
import { Effect } from "effect";
import { type AwsAnswer, awsFailure, awsTime, executionByArn, scopeOf, spaceOf } from "../../../aws/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import * as parts from "../wire/request_parts.ts";
import { optional, type Request, required, shape, text } from "../wire/shapes.ts";
import { present } from "../../../values/mod.ts";

const RedriveRequest = shape({
  executionArn: required(parts.arn),
  clientToken: optional(text({ min: 1, max: 64, pattern: /[!-~]+/ })),
});

function redrive(call: AwsCall, { executionArn, clientToken }: Request<typeof RedriveRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const before = yield* executionByArn(call, executionArn);
    const { redrivenAtEpochMs } = yield* Effect.mapError(
      call.registry.redriveExecution({
        ...spaceOf(scopeOf(before)),
        executionId: before.executionId,
        ...present({ clientToken }),
      }),
      (refused) =>
        refused.code === "InvalidStatus" || refused.code === "LimitExceeded"
          ? awsFailure("ExecutionNotRedrivable", refused.message)
          : refused,
    );
    return { redriveDate: awsTime(redrivenAtEpochMs ?? call.draws.nowEpochMs()) };
  });
}

/** By name. */
export const redriveOperations: Readonly<Record<string, Operation>> = {
  RedriveExecution: operation(RedriveRequest, redrive),
};
