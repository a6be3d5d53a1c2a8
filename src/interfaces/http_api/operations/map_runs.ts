/** DescribeMapRun, ListMapRuns, UpdateMapRun, RedriveExecution. */
import { Effect } from "effect";
import { type AwsAnswer, type AwsCall, given, type Operation, operation } from "../call.ts";
import { executionByArn } from "../executions/execution_names.ts";
import { awsStatus } from "../executions/execution_status.ts";
import { parseArn } from "../wire/arns.ts";
import { type AwsFailure, awsFailure } from "../wire/aws_failure.ts";
import { pageWanted } from "../wire/page.ts";
import * as parts from "../wire/request_parts.ts";
import { number, optional, type Request, required, shape, text } from "../wire/shapes.ts";

const mapRunArn = required(parts.longArn);
const DescribeRequest = shape({ mapRunArn });
const ListRequest = shape({
  executionArn: required(parts.arn),
  maxResults: optional(parts.pageSize),
  nextToken: optional(parts.pageToken),
});
const UpdateRequest = shape({
  mapRunArn,
  maxConcurrency: optional(number({ min: 0 })),
  toleratedFailurePercentage: optional(number({ min: 0, max: 100, fraction: true })),
  toleratedFailureCount: optional(number({ min: 0 })),
});
const RedriveRequest = shape({
  executionArn: required(parts.arn),
  clientToken: optional(text({ min: 1, max: 64, pattern: /[!-~]+/ })),
});

/** The failure of a call for a Map Run that is not there. */
export function mapRunMissing(arn: string): AwsFailure {
  return awsFailure("ResourceNotFound", `Resource not found: '${arn}'`, { resourceName: arn });
}

function describe(_call: AwsCall, request: Request<typeof DescribeRequest>): AwsAnswer {
  return Effect.flatMap(
    given(parseArn(request.mapRunArn, ["mapRun"])),
    () => Effect.fail(mapRunMissing(request.mapRunArn)),
  );
}

function listAll(call: AwsCall, request: Request<typeof ListRequest>): AwsAnswer {
  return Effect.gen(function* () {
    yield* given(pageWanted(`mapRuns ${request.executionArn}`, request));
    yield* executionByArn(call, request.executionArn);
    return { mapRuns: [] };
  });
}

function update(_call: AwsCall, request: Request<typeof UpdateRequest>): AwsAnswer {
  return Effect.gen(function* () {
    yield* given(parseArn(request.mapRunArn, ["mapRun"]));
    const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = request;
    const isEmpty = [maxConcurrency, toleratedFailureCount, toleratedFailurePercentage]
      .every((change) => change === undefined);
    if (isEmpty) {
      return yield* Effect.fail(
        awsFailure("ValidationException", "Must specify at least one Map Run setting to update", {
          reason: "MISSING_REQUIRED_PARAMETER",
        }),
      );
    }
    return yield* Effect.fail(mapRunMissing(request.mapRunArn));
  });
}

function redrive(call: AwsCall, request: Request<typeof RedriveRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const status = awsStatus(yield* executionByArn(call, request.executionArn));
    const why = status === "RUNNING" || status === "SUCCEEDED"
      ? `Execution is ${status} and cannot be redriven`
      : "This engine does not redrive executions yet";
    return yield* Effect.fail(awsFailure("ExecutionNotRedrivable", why));
  });
}

/** By name. */
export const mapRunOperations: Readonly<Record<string, Operation>> = {
  DescribeMapRun: operation(DescribeRequest, describe),
  ListMapRuns: operation(ListRequest, listAll),
  UpdateMapRun: operation(UpdateRequest, update),
  RedriveExecution: operation(RedriveRequest, redrive),
};
