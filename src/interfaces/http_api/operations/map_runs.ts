/** DescribeMapRun, ListMapRuns, UpdateMapRun. */
import { Effect } from "effect";
import {
  type AwsAnswer,
  awsFailure,
  describedMapRun,
  executionByArn,
  given,
  listedMapRun,
  mapRunByArn,
  parentOf,
  parseArn,
  scopeOf,
  spaceOf,
} from "../../../aws/mod.ts";
import { MapRuns } from "../../../runtime/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { pageOf, pageWanted } from "../wire/page.ts";
import * as parts from "../wire/request_parts.ts";
import { number, optional, type Request, required, shape } from "../wire/shapes.ts";
import { present } from "../../../values/mod.ts";

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

function describe(call: AwsCall, request: Request<typeof DescribeRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const found = yield* mapRunByArn(call, request.mapRunArn);
    return describedMapRun(found, yield* parentOf(call, found));
  });
}

function listAll(call: AwsCall, request: Request<typeof ListRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const listName = `mapRuns ${request.executionArn}`;
    const wanted = yield* given(pageWanted(listName, request));
    const execution = yield* executionByArn(call, request.executionArn);
    const scope = scopeOf(execution);
    const runs = yield* new MapRuns(call.registry).list(spaceOf(scope), execution.executionId);
    const { page, nextToken } = pageOf(listName, runs, wanted, ({ id }) => id);
    return {
      mapRuns: page.map((run) => listedMapRun({ scope, run }, execution)),
      ...present({ nextToken }),
    };
  });
}

function update(call: AwsCall, request: Request<typeof UpdateRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { mapRunArn: arn, ...settings } = request;
    yield* given(parseArn(arn, ["mapRun"]));
    if (Object.values(settings).every((setting) => setting === undefined)) {
      return yield* Effect.fail(
        awsFailure("ValidationException", "Must specify at least one Map Run setting to update", {
          reason: "MISSING_REQUIRED_PARAMETER",
        }),
      );
    }
    const { scope, run } = yield* mapRunByArn(call, arn);
    yield* Effect.mapError(
      new MapRuns(call.registry).update(spaceOf(scope), run.id, settings),
      (refused) =>
        refused.code === "InvalidStatus"
          ? awsFailure("ValidationException", "Map Run has already completed and cannot be updated")
          : refused,
    );
    return {};
  });
}

/** By name. */
export const mapRunOperations: Readonly<Record<string, Operation>> = {
  DescribeMapRun: operation(DescribeRequest, describe),
  ListMapRuns: operation(ListRequest, listAll),
  UpdateMapRun: operation(UpdateRequest, update),
};
