/** CreateActivity, DescribeActivity, ListActivities, DeleteActivity, GetActivityTask. */
import { Effect } from "effect";
import {
  ACTIVITY_KIND,
  activityArn,
  activityByArn,
  type AwsAnswer,
  awsTime,
  checkName,
  given,
  ifThere,
  parseArn,
  spaceOf,
} from "../../../aws/mod.ts";
import { type Json, present } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import { pageOf, pageWanted } from "../wire/page.ts";
import * as parts from "../wire/request_parts.ts";
import { optional, type Request, required, shape } from "../wire/shapes.ts";
import { checkTags } from "../wire/tags.ts";

const CreateRequest = shape({
  name: required(parts.name),
  tags: optional(parts.tags),
  encryptionConfiguration: optional(parts.encryptionConfiguration),
});
const OneRequest = shape({ activityArn: required(parts.arn) });
const ListRequest = shape({ maxResults: optional(parts.pageSize), nextToken: optional(parts.pageToken) });
const TaskRequest = shape({ activityArn: required(parts.arn), workerName: optional(parts.name) });

/** How long a worker's question is held open. */
const POLL_MS = 60_000;

function create(call: AwsCall, request: Request<typeof CreateRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const name = yield* given(checkName(request.name));
    const tags = yield* given(checkTags(request.tags ?? []));
    const { encryptionConfiguration } = request;
    const at = { ...spaceOf(call.scope), kind: ACTIVITY_KIND, names: [name] };
    const value: Json = {
      tags: tags.map(({ key, value }) => ({ key, value })),
      ...(encryptionConfiguration === undefined ? {} : { encryptionConfiguration: { ...encryptionConfiguration } }),
    };
    // Created again, it stays as it was: AWS looks at the name alone.
    const kept = yield* Effect.catch(
      call.registry.putResource({ ...at, value, expectedRevision: 0 }),
      (refused) => refused.code === "AlreadyExists" ? call.registry.describeResource(at) : Effect.fail(refused),
    );
    return { activityArn: activityArn(call.scope, name), creationDate: awsTime(kept.createdAtEpochMs) };
  });
}

function describe(call: AwsCall, request: Request<typeof OneRequest>): AwsAnswer {
  return Effect.map(activityByArn(call, request.activityArn), ({ name, record, createdAtEpochMs, scope }) => ({
    activityArn: activityArn(scope, name),
    name,
    creationDate: awsTime(createdAtEpochMs),
    encryptionConfiguration: record.encryptionConfiguration ?? { type: "AWS_OWNED_KEY" },
  }));
}

function listAll(call: AwsCall, request: Request<typeof ListRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const wanted = yield* given(pageWanted("activities", request));
    const all = yield* call.registry.listResources({ ...spaceOf(call.scope), kind: ACTIVITY_KIND, names: [] });
    const { page, nextToken } = pageOf("activities", all, wanted, ({ names: [name = ""] }) => name);
    return {
      activities: page.map(({ names: [name = ""], createdAtEpochMs }) => ({
        activityArn: activityArn(call.scope, name),
        name,
        creationDate: awsTime(createdAtEpochMs),
      })),
      ...present({ nextToken }),
    };
  });
}

function remove(call: AwsCall, request: Request<typeof OneRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { rest: [name], ...scope } = yield* given(parseArn(request.activityArn, ["activity"]));
    yield* ifThere(call.registry.deleteResource({ ...spaceOf(scope), kind: ACTIVITY_KIND, names: [name] }));
    return {};
  });
}

function getTask(call: AwsCall, request: Request<typeof TaskRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const { scope, name } = yield* activityByArn(call, request.activityArn);
    const polled = call.activities.poll({
      ...scope,
      activityArn: activityArn(scope, name),
      workerName: request.workerName,
      timeoutMs: POLL_MS,
    });
    const task = yield* Effect.raceFirst(polled, Effect.as(call.stopping, null));
    if (task === null) return {};
    call.ifUndelivered(task.giveBack);
    return { taskToken: task.token, input: task.input };
  });
}

/** By name. */
export const activityOperations: Readonly<Record<string, Operation>> = {
  CreateActivity: operation(CreateRequest, create),
  DescribeActivity: operation(OneRequest, describe),
  ListActivities: operation(ListRequest, listAll),
  DeleteActivity: operation(OneRequest, remove),
  GetActivityTask: operation(TaskRequest, getTask),
};
