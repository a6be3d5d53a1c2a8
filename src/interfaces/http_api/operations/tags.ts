/** ListTagsForResource, TagResource, UntagResource: on state machines and activities. */
import { Effect } from "effect";
import type { Json, JsonObject } from "../../../values/mod.ts";
import { type AwsAnswer, type AwsCall, given, type Operation, operation, spaceOf } from "../call.ts";
import { ACTIVITY_KIND, activityByArn } from "../machines/activity_record.ts";
import { machineByName } from "../machines/find_machine.ts";
import { machineKinds } from "../machines/machine_record.ts";
import { activityArn, machineArn, parseArn } from "../wire/arns.ts";
import { type AwsFailure, awsFailure } from "../wire/aws_failure.ts";
import * as parts from "../wire/request_parts.ts";
import { list, type Request, required, shape, text } from "../wire/shapes.ts";
import { checkTags, type Tag } from "../wire/tags.ts";

const ListRequest = shape({ resourceArn: required(parts.arn) });
const TagRequest = shape({ resourceArn: required(parts.arn), tags: required(parts.tags) });
const UntagRequest = shape({
  resourceArn: required(parts.arn),
  tagKeys: required(list(text({ min: 1, max: 128 }))),
});

/** Something that has tags. */
interface Tagged {
  readonly tags: readonly Tag[];
  /** Puts these in the place of all. */
  readonly put: (tags: readonly Tag[]) => AwsAnswer<unknown>;
}

function notFound(arn: string): AwsFailure {
  return awsFailure("ResourceNotFound", `Resource not found: '${arn}'`, { resourceName: arn });
}

function tagged(call: AwsCall, text: string): AwsAnswer<Tagged> {
  return Effect.gen(function* () {
    const arn = yield* given(parseArn(text, ["stateMachine", "activity"]));
    const put = (kind: string, record: JsonObject) => (tags: readonly Tag[]) =>
      call.registry.putResource({
        ...spaceOf(arn),
        kind,
        names: [arn.rest[0]],
        value: { ...record, tags: tags.map(({ key, value }): Json => ({ key, value })) },
      });
    if (arn.type === "activity") {
      const { record, name } = yield* Effect.mapError(
        activityByArn(call, text),
        (failure) => failure._tag === "AwsFailure" ? notFound(text) : failure,
      );
      if (activityArn(arn, name) !== text) return yield* Effect.fail(notFound(text));
      return { tags: record.tags, put: put(ACTIVITY_KIND, record) };
    }
    const machine = yield* machineByName(call, arn, arn.rest[0]);
    if (machine === undefined || machineArn(arn, machine.name) !== text) return yield* Effect.fail(notFound(text));
    return { tags: machine.record.tags, put: put(machineKinds.machine, machine.record) };
  });
}

function listTags(call: AwsCall, { resourceArn }: Request<typeof ListRequest>): AwsAnswer {
  return Effect.map(
    tagged(call, resourceArn),
    ({ tags }) => ({ tags: tags.map(({ key, value }) => ({ key, value })) }),
  );
}

function tag(call: AwsCall, { resourceArn, tags }: Request<typeof TagRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const target = yield* tagged(call, resourceArn);
    yield* target.put(yield* given(checkTags([...target.tags, ...tags], resourceArn)));
    return {};
  });
}

function untag(call: AwsCall, { resourceArn, tagKeys }: Request<typeof UntagRequest>): AwsAnswer {
  return Effect.gen(function* () {
    const target = yield* tagged(call, resourceArn);
    yield* target.put(target.tags.filter(({ key }) => !tagKeys.includes(key)));
    return {};
  });
}

/** By name. */
export const tagOperations: Readonly<Record<string, Operation>> = {
  ListTagsForResource: operation(ListRequest, listTags),
  TagResource: operation(TagRequest, tag),
  UntagResource: operation(UntagRequest, untag),
};
