/** ListTagsForResource, TagResource, UntagResource: on state machines and activities. */
import { Effect, Result } from "effect";
import {
  ACTIVITY_KIND,
  activityArn,
  activityByArn,
  type AwsAnswer,
  type AwsFailure,
  awsFailure,
  given,
  machineArn,
  machineByName,
  machineKinds,
  parseArn,
  spaceOf,
} from "../../../aws/mod.ts";
import type { RequestRefused } from "../../../runtime/mod.ts";
import type { Json, JsonObject } from "../../../values/mod.ts";
import { type AwsCall, type Operation, operation } from "../call.ts";
import * as parts from "../wire/request_parts.ts";
import { list, type Request, required, shape, text } from "../wire/shapes.ts";
import { checkTags, type Tag } from "../wire/tags.ts";

const ListRequest = shape({ resourceArn: required(parts.arn) });
const TagRequest = shape({ resourceArn: required(parts.arn), tags: required(parts.tags) });
const UntagRequest = shape({
  resourceArn: required(parts.arn),
  tagKeys: required(list(text({ min: 1, max: 128 }))),
});

/** Tries of a change of tags that others change at the same time. */
const ATTEMPTS_MAX = 20;

/** Something that has tags. */
interface Tagged {
  readonly tags: readonly Tag[];
  /** Puts these in the place of all. Refused with `InvalidStatus` or `AlreadyExists` where somebody else was faster. */
  readonly put: (tags: readonly Tag[]) => Effect.Effect<unknown, RequestRefused>;
}

function notFound(arn: string): AwsFailure {
  return awsFailure("ResourceNotFound", `Resource not found: '${arn}'`, { resourceName: arn });
}

function tagged(call: AwsCall, text: string): AwsAnswer<Tagged> {
  return Effect.gen(function* () {
    const arn = yield* given(parseArn(text, ["stateMachine", "activity"]));
    const put = (kind: string, record: JsonObject, expectedRevision: number) => (tags: readonly Tag[]) =>
      call.registry.putResource({
        expectedRevision,
        ...spaceOf(arn),
        kind,
        names: [arn.rest[0]],
        value: { ...record, tags: tags.map(({ key, value }): Json => ({ key, value })) },
      });
    if (arn.type === "activity") {
      const { record, recordRevision, name } = yield* Effect.mapError(
        activityByArn(call, text),
        (failure) => failure._tag === "AwsFailure" ? notFound(text) : failure,
      );
      if (activityArn(arn, name) !== text) return yield* Effect.fail(notFound(text));
      return { tags: record.tags, put: put(ACTIVITY_KIND, record, recordRevision) };
    }
    const machine = yield* machineByName(call, arn, arn.rest[0]);
    if (machine === undefined || machineArn(arn, machine.name) !== text) return yield* Effect.fail(notFound(text));
    return { tags: machine.record.tags, put: put(machineKinds.machine, machine.record, machine.recordRevision) };
  });
}

function listTags(call: AwsCall, { resourceArn }: Request<typeof ListRequest>): AwsAnswer {
  return Effect.map(
    tagged(call, resourceArn),
    ({ tags }) => ({ tags: tags.map(({ key, value }) => ({ key, value })) }),
  );
}

/** Reads tags and writes them changed; where somebody else wrote in between, again with what is there then. */
function change(
  call: AwsCall,
  resourceArn: string,
  changed: (tags: readonly Tag[]) => Result.Result<readonly Tag[], AwsFailure>,
): AwsAnswer {
  const attempt = Effect.gen(function* () {
    const target = yield* tagged(call, resourceArn);
    yield* target.put(yield* given(changed(target.tags)));
    return {};
  });
  const isOvertaken = (failure: AwsFailure | RequestRefused) =>
    failure._tag === "RequestRefused" && (failure.code === "InvalidStatus" || failure.code === "AlreadyExists");
  return Effect.retry(attempt, { times: ATTEMPTS_MAX - 1, while: isOvertaken });
}

function tag(call: AwsCall, { resourceArn, tags }: Request<typeof TagRequest>): AwsAnswer {
  return change(call, resourceArn, (before) => checkTags([...before, ...tags], resourceArn));
}

function untag(call: AwsCall, { resourceArn, tagKeys }: Request<typeof UntagRequest>): AwsAnswer {
  return change(
    call,
    resourceArn,
    (before) => Result.succeed(before.filter(({ key }) => !tagKeys.includes(key))),
  );
}

/** By name. */
export const tagOperations: Readonly<Record<string, Operation>> = {
  ListTagsForResource: operation(ListRequest, listTags),
  TagResource: operation(TagRequest, tag),
  UntagResource: operation(UntagRequest, untag),
};
