import { type AwsFailure, awsFailure } from "../../../aws/mod.ts";
/** Pages of lists, and the opaque tokens between them. */
import { Buffer } from "node:buffer";
import { Result } from "effect";

/** Results of a page where none is asked for. */
const PAGE_SIZE = 100;
/** Largest page. */
const PAGE_SIZE_MAX = 1_000;

/** The page that a request asks for. `after`: where the page before ended. */
export interface PageWanted {
  readonly size: number;
  readonly after?: string;
}

/** A token that says where a page of this list ended. */
export function pageToken(list: string, after: string): string {
  return Buffer.from(JSON.stringify([list, after])).toString("base64url");
}

/** Reads `maxResults` and `nextToken`. Fails with `InvalidToken` for a token of another list, or of nobody's. */
export function pageWanted(
  list: string,
  { maxResults, nextToken }: { readonly maxResults?: number; readonly nextToken?: string },
): Result.Result<PageWanted, AwsFailure> {
  const size = maxResults === undefined || maxResults === 0 ? PAGE_SIZE : Math.min(maxResults, PAGE_SIZE_MAX);
  if (nextToken === undefined) return Result.succeed({ size });
  const after = placeOf(list, nextToken);
  return after === undefined
    ? Result.fail(awsFailure("InvalidToken", "Invalid Token: 'Invalid token'"))
    : Result.succeed({ size, after });
}

function placeOf(list: string, token: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, "base64url").toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed.length !== 2) return undefined;
  const [of, after]: readonly unknown[] = parsed;
  return of === list && typeof after === "string" ? after : undefined;
}

/** A page of a list that is known in whole. @param placeOf what tells an item's place; in order */
export function pageOf<T>(
  list: string,
  items: readonly T[],
  { size, after }: PageWanted,
  place: (item: T) => string,
): { readonly page: readonly T[]; readonly nextToken?: string } {
  const start = after === undefined ? 0 : items.findIndex((item) => place(item) === after) + 1;
  const page = items.slice(start, start + size);
  const last = page.at(-1);
  const isLast = last === undefined || start + size >= items.length;
  return { page, ...(isLast ? {} : { nextToken: pageToken(list, place(last)) }) };
}
