import { Result } from "effect";
import { type AwsFailure, awsFailure } from "../../../aws/mod.ts";
import { present } from "../../../values/mod.ts";

/** Tags of one resource. */
export const TAGS_MAX = 50;

/** A tag, as it is kept. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Tags of a request, the last of each key. Fails with `ValidationException` without a key, `TooManyTags` for more than fifty. */
export function checkTags(
  tags: readonly { readonly key?: string; readonly value?: string }[],
  resourceName?: string,
): Result.Result<readonly Tag[], AwsFailure> {
  const byKey = new Map<string, Tag>();
  for (const { key, value = "" } of tags) {
    if (key === undefined) return Result.fail(awsFailure("ValidationException", "Expected every tag to have a key"));
    byKey.set(key, { key, value });
  }
  return byKey.size > TAGS_MAX
    ? Result.fail(
      awsFailure(
        "TooManyTags",
        `Expected at most ${TAGS_MAX} tags, but got ${byKey.size}`,
        present({ resourceName }),
      ),
    )
    : Result.succeed([...byKey.values()]);
}
