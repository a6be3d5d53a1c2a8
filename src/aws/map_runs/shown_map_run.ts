/** Map Runs as the AWS API shows them. */
import { Effect } from "effect";
import { type ExecutionDetail, type KeptMapRun, type MapRunCounts, MapRuns } from "../../runtime/mod.ts";
import type { JsonObject } from "../../values/mod.ts";
import { type AwsAnswer, awsTime, given, orMissing } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import { shownExecution } from "../executions/execution_names.ts";
import { type AwsScope, machineArn, mapRunArn, parseArn } from "../arns.ts";
import { type AwsFailure, awsFailure } from "../aws_failure.ts";

/** A Map Run, and whose it is. */
export interface FoundMapRun {
  readonly scope: AwsScope;
  readonly run: KeptMapRun;
}

/** The failure of a call for a Map Run that is not there. */
export function mapRunMissing(arn: string): AwsFailure {
  return awsFailure("ResourceNotFound", `Resource not found: '${arn}'`, { resourceName: arn });
}

/** The Map Run of an ARN. Fails with `InvalidArn`, `ResourceNotFound`. */
export function mapRunByArn(call: AwsCaller, arn: string): AwsAnswer<FoundMapRun> {
  return Effect.gen(function* () {
    const { rest, ...scope } = yield* given(parseArn(arn, ["mapRun"]));
    const [, id = ""] = rest;
    const run = yield* orMissing(new MapRuns(call.registry).describe(spaceOf(scope), id), () => mapRunMissing(arn));
    return arnOf(scope, run) === arn ? { scope, run } : yield* Effect.fail(mapRunMissing(arn));
  });
}

/** The execution whose Map state started a Map Run. */
export function parentOf(call: AwsCaller, { scope, run }: FoundMapRun): AwsAnswer<ExecutionDetail> {
  return call.registry.executionById({ ...spaceOf(scope), executionId: run.record.executionId });
}

/** As DescribeMapRun answers. */
export function describedMapRun({ scope, run }: FoundMapRun, parent: ExecutionDetail): JsonObject {
  const { record } = run;
  return {
    mapRunArn: arnOf(scope, run),
    executionArn: shownExecution(parent).arn,
    status: record.status,
    startDate: awsTime(record.startedAtEpochMs),
    ...(record.endedAtEpochMs === undefined ? {} : { stopDate: awsTime(record.endedAtEpochMs) }),
    maxConcurrency: record.maxConcurrency,
    toleratedFailurePercentage: record.toleratedFailurePercentage,
    toleratedFailureCount: record.toleratedFailureCount,
    itemCounts: countsOf(record.itemCounts),
    executionCounts: countsOf(record.executionCounts),
    redriveCount: record.redriveCount ?? 0,
    ...(record.redrivenAtEpochMs === undefined ? {} : { redriveDate: awsTime(record.redrivenAtEpochMs) }),
  };
}

/** As ListMapRuns tells of one. */
export function listedMapRun({ scope, run }: FoundMapRun, parent: ExecutionDetail): JsonObject {
  const { workflow, label, startedAtEpochMs, endedAtEpochMs } = run.record;
  return {
    executionArn: shownExecution(parent).arn,
    mapRunArn: arnOf(scope, run),
    stateMachineArn: machineArn(scope, `${workflow}/${label}`),
    startDate: awsTime(startedAtEpochMs),
    ...(endedAtEpochMs === undefined ? {} : { stopDate: awsTime(endedAtEpochMs) }),
  };
}

/** The ARN of the Map Run whose child an execution is. */
export function mapRunArnOfChild(scope: AwsScope, { workflow, mapRun }: ExecutionDetail): string | undefined {
  return mapRun === undefined ? undefined : mapRunArn(scope, workflow, mapRun);
}

function arnOf(scope: AwsScope, { id, record: { workflow, label } }: KeptMapRun): string {
  return mapRunArn(scope, `${workflow}/${label}`, id);
}

function countsOf(counts: MapRunCounts): JsonObject {
  return { ...counts, failuresNotRedrivable: 0, pendingRedrive: 0 };
}
