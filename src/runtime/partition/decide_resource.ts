/** Puts and deletions of resources: what they write, or why not. Pure. */
import { type Json, present, type ResourceId } from "../../values/mod.ts";
import { canonicalJson } from "../../values/mod.ts";
import type { TurnRecord } from "../../protocol/mod.ts";
import type { Refusal } from "./partition_input.ts";
import type { ResourceRecord } from "./store/stored_values.ts";

/** What is wished for a resource. `expectedRevision` 0: it must not be there; absent: whatever is there. */
export type ResourceWish =
  | { readonly type: "put"; readonly value: Json; readonly expectedRevision?: number }
  | { readonly type: "delete"; readonly expectedRevision?: number }
  | { readonly type: "read" };

/** `records`: the turn to write, absent when nothing changes. `answer`: the resource with it, or as it was before its deletion. */
export type ResourceDecision =
  | { readonly refusal: Refusal }
  | { readonly answer: ResourceRecord; readonly records?: readonly TurnRecord[] };

/** Decides a wish. A put that repeats what stands, with the revision before it, is answered as the first one was. */
export function decideResource(
  resourceId: ResourceId,
  before: ResourceRecord | undefined,
  wish: ResourceWish,
  nowEpochMs: number,
): ResourceDecision {
  if (wish.type === "read") return before === undefined ? missing(resourceId) : { answer: before };
  const { expectedRevision } = wish;
  const expectation = present({ expectedRevision });
  const fits = expectedRevision === undefined || expectedRevision === (before?.revision ?? 0);
  if (wish.type === "delete") {
    if (before === undefined) return missing(resourceId);
    if (!fits) return conflict(resourceId, expectedRevision, before);
    const command = { type: "DeleteResourceCommand", version: 1, resourceId, ...expectation } as const;
    return { answer: before, records: [command, { type: "ResourceDeletedEvent", version: 1, resourceId }] };
  }
  const { value } = wish;
  if (before !== undefined && canonicalJson(before.value) === canonicalJson(value)) {
    if (fits || expectedRevision === before.revision - 1) return { answer: before };
  }
  if (!fits) return before === undefined ? missing(resourceId) : conflict(resourceId, expectedRevision, before);
  const answer: ResourceRecord = {
    resourceId,
    revision: (before?.revision ?? 0) + 1,
    value,
    createdAtEpochMs: before?.createdAtEpochMs ?? nowEpochMs,
    updatedAtEpochMs: nowEpochMs,
  };
  const command = { type: "PutResourceCommand", version: 1, resourceId, value, ...expectation } as const;
  return { answer, records: [command, { type: "ResourcePutEvent", version: 1, ...answer }] };
}

function missing(resourceId: ResourceId): ResourceDecision {
  return { refusal: { code: "NotFound", message: `Resource "${resourceId}" does not exist` } };
}

function conflict(
  resourceId: ResourceId,
  expected: number | undefined,
  { revision }: ResourceRecord,
): ResourceDecision {
  return expected === 0 ? { refusal: { code: "AlreadyExists", message: `Resource "${resourceId}" exists already` } } : {
    refusal: {
      code: "InvalidStatus",
      message: `Expected resource "${resourceId}" to be at revision ${expected}, but it is at ${revision}`,
    },
  };
}
