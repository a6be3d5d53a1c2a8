/** PublishStateMachineVersion, ListStateMachineVersions, DeleteStateMachineVersion. */
import { Effect } from "effect";
import {
  aliasesOf,
  type AwsAnswer,
  awsFailure,
  awsTime,
  given,
  ifThere,
  INITIAL_REVISION,
  machineByName,
  machineKinds,
  plainMachine,
  publishVersion,
  spaceOf,
  unlabeled,
  versionsOf,
} from "../../../aws/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { pageOf, pageWanted } from "../wire/page.ts";
import * as parts from "../wire/request_parts.ts";
import { optional, type Request, required, shape, text } from "../wire/shapes.ts";
import { present } from "../../../values/mod.ts";

const PublishRequest = shape({
  stateMachineArn: required(parts.arn),
  revisionId: optional(text()),
  description: optional(parts.description),
});
const ListRequest = shape({
  stateMachineArn: required(parts.arn),
  nextToken: optional(parts.pageToken),
  maxResults: optional(parts.pageSize),
});
const DeleteRequest = shape({ stateMachineVersionArn: required(parts.longArn) });

function publish(call: AwsCall, request: Request<typeof PublishRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const machine = yield* plainMachine(call, request.stateMachineArn);
    const current = machine.record.revisionId ?? INITIAL_REVISION;
    if (request.revisionId !== undefined && request.revisionId !== current) {
      return yield* Effect.fail(awsFailure(
        "ConflictException",
        `Failed to publish the State Machine version for revision ${request.revisionId}. The current State Machine revision is ${current}.`,
      ));
    }
    const { arn, createdAtEpochMs } = yield* publishVersion(call, machine, request.description);
    return { creationDate: awsTime(createdAtEpochMs), stateMachineVersionArn: arn };
  });
}

function listAll(call: AwsCall, request: Request<typeof ListRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const arn = yield* given(unlabeled(request.stateMachineArn));
    const listName = `versions ${request.stateMachineArn}`;
    const wanted = yield* given(pageWanted(listName, request));
    const machine = yield* machineByName(call, arn, arn.name);
    // AWS has no failure for a machine that is not there: its list is empty.
    const versions = machine === undefined ? [] : yield* versionsOf(call, machine);
    const { page, nextToken } = pageOf(listName, versions, wanted, (version) => version.arn);
    return {
      stateMachineVersions: page.map((version) => ({
        stateMachineVersionArn: version.arn,
        creationDate: awsTime(version.createdAtEpochMs),
      })),
      ...present({ nextToken }),
    };
  });
}

function remove(call: AwsCall, { stateMachineVersionArn: text }: Request<typeof DeleteRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const arn = yield* given(unlabeled(text));
    if (arn.qualifier === undefined || !/^\d+$/.test(arn.qualifier)) {
      return yield* Effect.fail(awsFailure("ValidationException", `Expected a version's ARN, but got '${text}'`));
    }
    const machine = yield* machineByName(call, arn, arn.name);
    if (machine === undefined) return {};
    const aliases = yield* aliasesOf(call, machine);
    const users = aliases.filter(({ record }) =>
      record.routes.some(({ version }) => String(version) === arn.qualifier)
    );
    if (users.length > 0) {
      const names = users.map(({ name }) => name).join(", ");
      return yield* Effect.fail(awsFailure(
        "ConflictException",
        `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names}]`,
      ));
    }
    const names = [machine.name, arn.qualifier];
    yield* ifThere(call.registry.deleteResource({ ...spaceOf(arn), kind: machineKinds.version, names }));
    return {};
  });
}

/** By name. */
export const versionOperations: Readonly<Record<string, Operation>> = {
  PublishStateMachineVersion: operation(PublishRequest, publish),
  ListStateMachineVersions: operation(ListRequest, listAll),
  DeleteStateMachineVersion: operation(DeleteRequest, remove),
};
