/** DescribeExecution, DescribeStateMachineForExecution, StopExecution. */
import { Effect } from "effect";
import {
  type AwsAnswer,
  awsStatus,
  awsTime,
  executionByArn,
  executionMissing,
  given,
  machineOf,
  orMissing,
  parseMachineArn,
  redriveStatus,
  scopeOf,
  shownAsOf,
  shownConfigurations,
  shownExecution,
  shownReferences,
  spaceOf,
} from "../../../aws/mod.ts";
import { present } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { asked, childFields, included, outcome } from "./told_of_execution.ts";
import * as parts from "../wire/request_parts.ts";
import { optional, type Request, required, shape } from "../wire/shapes.ts";

const DescribeRequest = shape({ executionArn: required(parts.arn), includedData: optional(parts.includedData) });
const StopRequest = shape({
  executionArn: required(parts.arn),
  error: optional(parts.errorName),
  cause: optional(parts.cause),
});

function describe(call: AwsCall, request: Request<typeof DescribeRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const detail = yield* executionByArn(call, request.executionArn);
    const { arn, name, machineArn } = shownExecution(detail);
    const withData = request.includedData !== "METADATA_ONLY";
    return {
      executionArn: arn,
      stateMachineArn: machineArn,
      ...childFields(detail),
      name,
      status: awsStatus(detail),
      startDate: awsTime(detail.startedAt),
      ...(detail.endedAt === undefined ? {} : { stopDate: awsTime(detail.endedAt) }),
      ...(withData ? { input: JSON.stringify(detail.input), inputDetails: included } : {}),
      // Of a machine whose time is over AWS names no error: `States.Timeout` stands in the history alone.
      ...(detail.timedOut === true ? {} : outcome(detail, withData)),
      ...asked(detail),
      ...redriveStatus(detail),
    };
  });
}

function stop(call: AwsCall, { executionArn: arn, error, cause }: Request<typeof StopRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const detail = yield* executionByArn(call, arn);
    const { executionId } = detail;
    const why = { ...present({ error, cause }) };
    const space = spaceOf(scopeOf(detail));
    // One that has ended already stays as it is: AWS answers with the time of its end.
    yield* Effect.catch(
      call.engine.cancelExecution({ ...space, executionId, ...why }),
      (refused) => refused.code === "InvalidStatus" ? Effect.void : Effect.fail(refused),
    );
    const { endedAt } = yield* call.registry.executionById({ ...space, executionId });
    return { stopDate: awsTime(endedAt ?? call.draws.nowEpochMs()) };
  });
}

function describeMachineFor(call: AwsCall, request: Request<typeof DescribeRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const detail = yield* executionByArn(call, request.executionArn);
    const arn = yield* given(parseMachineArn(shownExecution(detail).machineArn));
    const machine = yield* machineOf(call, arn);
    const { executionId, mapRun } = detail;
    const space = spaceOf(machine.scope);
    const definition = yield* orMissing(
      call.registry.definitionOfExecution({ ...space, executionId }),
      () => executionMissing(request.executionArn),
    );
    const { record } = machine;
    const version = shownAsOf(detail).Asked?.stateMachineVersionArn;
    return {
      stateMachineArn: mapRun === undefined ? version ?? machine.arn : arn.arn,
      ...childFields(detail),
      ...present({ label: arn.label }),
      name: machine.name,
      ...(request.includedData === "METADATA_ONLY" ? {} : { definition }),
      roleArn: shownAsOf(detail).Execution?.RoleArn ?? record.roleArn,
      updateDate: awsTime(record.updatedAtEpochMs ?? machine.createdAtEpochMs),
      ...shownConfigurations(record),
      ...present({ revisionId: record.revisionId }),
      ...(request.includedData === "METADATA_ONLY" ? {} : shownReferences(definition)),
    };
  });
}

/** By name. */
export const describeOperations: Readonly<Record<string, Operation>> = {
  DescribeExecution: operation(DescribeRequest, describe),
  StopExecution: operation(StopRequest, stop),
  DescribeStateMachineForExecution: operation(DescribeRequest, describeMachineFor),
};
