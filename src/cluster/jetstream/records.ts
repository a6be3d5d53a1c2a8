/** What stands in the cluster's bucket: who is there, and who holds which partition. Whoever may write there is not trusted. */
import { Result, Schema } from "effect";
import type { MemberId } from "../mod.ts";

/** A newer Weft wrote this record, and its meaning is not known here. Final for this version. */
export class ClusterRecordNewer extends Schema.TaggedError<ClusterRecordNewer>()("ClusterRecordNewer", {
  key: Schema.String,
  format: Schema.Number,
}) {
  override get message(): string {
    return `ClusterRecordNewer: "${this.key}" has format ${this.format}, and ${RECORD_FORMAT} is read here: ` +
      "a newer Weft wrote it";
  }
}

/** This is no record of ours. */
export class ClusterRecordUnreadable extends Schema.TaggedError<ClusterRecordUnreadable>()("ClusterRecordUnreadable", {
  key: Schema.String,
}) {
  override get message(): string {
    return `ClusterRecordUnreadable: what stands at "${this.key}" is no record of a cluster`;
  }
}

/** Why a record says nothing. */
export type RecordFailure = ClusterRecordNewer | ClusterRecordUnreadable;

/** What a member says of itself. */
export interface SessionRecord {
  readonly name: string;
  readonly isLeaving: boolean;
}

/** Format of the records that are written here. */
export const RECORD_FORMAT = 1;
const NAME_CHARACTERS_MAX = 256;
const RECORD_BYTES_MAX = 4_096;
const ID_SOURCE = "[A-Za-z0-9_-]{1,64}";
const memberId = new RegExp(`^${ID_SOURCE}$`);
const memberKey = new RegExp(`^m\\.(${ID_SOURCE})$`);
const partitionKey = /^p\.(0|[1-9]\d{0,5})$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

const Format = Schema.Struct({ format: Schema.Number });
const Session = Schema.Struct({
  name: Schema.String.check(Schema.isMaxLength(NAME_CHARACTERS_MAX)),
  isLeaving: Schema.Boolean,
});
const Lease = Schema.Struct({ holder: Schema.NullOr(Schema.String.check(Schema.isPattern(memberId))) });
const decodeFormat = Schema.decodeUnknownResult(Format);
const decodeSession = Schema.decodeUnknownResult(Session);
const decodeLease = Schema.decodeUnknownResult(Lease);

/** Whether this can be a member's id. */
export function isMemberId(text: string): boolean {
  return memberId.test(text);
}

/** Key of a member's session. */
export function sessionKey(id: MemberId): string {
  return `m.${id}`;
}

/** Key of a partition's lease. */
export function leaseKey(partition: number): string {
  return `p.${partition}`;
}

/** Whose session this key is; `undefined` if it is none. */
export function memberOf(key: string): MemberId | undefined {
  return memberKey.exec(key)?.[1];
}

/** Which partition's lease this key is; `undefined` if it is none. */
export function partitionOf(key: string): number | undefined {
  const digits = partitionKey.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A session as bytes. `beat` makes each writing another one. */
export function encodeSession({ name, isLeaving }: SessionRecord, beat: number): Uint8Array {
  return encode({ format: RECORD_FORMAT, name: name.slice(0, NAME_CHARACTERS_MAX), isLeaving, beat });
}

/** A lease as bytes; without a holder it is free. */
export function encodeLease(holder: MemberId | undefined): Uint8Array {
  return encode({ format: RECORD_FORMAT, holder: holder ?? null });
}

/** A session out of bytes. */
export function readSession(key: string, bytes: Uint8Array): Result.Result<SessionRecord, RecordFailure> {
  return Result.flatMap(readFormat(key, bytes), (value) => {
    const session = decodeSession(value);
    return Result.mapError(session, () => new ClusterRecordUnreadable({ key }));
  });
}

/** A lease's holder out of bytes; `undefined` if it is free. */
export function readLease(key: string, bytes: Uint8Array): Result.Result<MemberId | undefined, RecordFailure> {
  return Result.flatMap(readFormat(key, bytes), (value) => {
    const lease = decodeLease(value);
    if (Result.isSuccess(lease)) return Result.succeed(lease.success.holder ?? undefined);
    return Result.fail(new ClusterRecordUnreadable({ key }));
  });
}

function encode(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

function readFormat(key: string, bytes: Uint8Array): Result.Result<unknown, RecordFailure> {
  const value = jsonOf(bytes);
  const head = decodeFormat(value);
  if (Result.isFailure(head)) return Result.fail(new ClusterRecordUnreadable({ key }));
  const { format } = head.success;
  if (format > RECORD_FORMAT) return Result.fail(new ClusterRecordNewer({ key, format }));
  return format === RECORD_FORMAT ? Result.succeed(value) : Result.fail(new ClusterRecordUnreadable({ key }));
}

function jsonOf(bytes: Uint8Array): unknown {
  if (bytes.length > RECORD_BYTES_MAX) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined; // not UTF-8, or no JSON
  }
}
