/**
 * The batch: one log entry, the turns of many executions that gathered while the batch before it was on its way.
 *
 * ```text
 * weft-batch 2 <SHA-256 of everything behind this line, hex>
 * {"partition":0,"previous":"<the hash of the batch before it>","epoch":3,"weft":"<the version that wrote it>"}
 * <turn>
 * <turn>
 * ```
 *
 * The hash is the batch's checksum and, in the next batch, the link of the chain: a flipped bit, a hole or a fork shows.
 *
 * Of every version of the format this much is promised: the first line reads `weft-batch {version} {hash}`, and the second is JSON
 * whose `weft` says who wrote it. So one that is not known is told from one that is damaged. Version 1 did not say who wrote it.
 */
import { Buffer } from "node:buffer";
import { Result, Schema } from "effect";
import { sha256Hex, WEFT_VERSION } from "../values/mod.ts";
import { decodeTurn, isTurnOf, type Turn } from "./turn.ts";
import { damaged, Format, olderVersion, type Unreadable } from "./versions.ts";

/** What a batch says of itself. */
export interface BatchHead {
  readonly partition: number;
  /** Hash of the batch before it; {@link GENESIS_HASH} for the first. */
  readonly previous: string;
  /** The leader's epoch. */
  readonly epoch: number;
}

/** One log entry, checked and decoded. */
export interface Batch extends BatchHead {
  /** The version of Weft that wrote it; `undefined` in a batch of the first format. */
  readonly weft: string | undefined;
  /** This batch's own hash. */
  readonly hash: string;
  readonly turns: readonly Turn[];
}

/** What the first batch names as the one before it. */
export const GENESIS_HASH = "0".repeat(64);

/** Of the format of batches. */
const VERSION = 2;
const MAGIC = `weft-batch ${VERSION} `;
const HEAD_BYTES = MAGIC.length + 64 + 1;
/** Longest first line of any version, bytes. */
const FIRST_LINE_BYTES_MAX = 100;
const WRITER = `,"weft":${JSON.stringify(WEFT_VERSION)}}`;

/** A batch of already encoded turns. */
export function encodeBatch(
  head: BatchHead,
  turnLines: readonly string[],
): { readonly hash: string; readonly bytes: Uint8Array } {
  const body = `${JSON.stringify(head).slice(0, -1)}${WRITER}\n${turnLines.join("\n")}`;
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + Buffer.byteLength(body));
  bytes.write(body, HEAD_BYTES);
  const hash = sha256Hex(bytes.subarray(HEAD_BYTES));
  bytes.write(`${MAGIC}${hash}\n`, 0, "latin1");
  return { hash, bytes };
}

const head = { partition: Schema.Number, previous: Schema.String, epoch: Schema.Number };
const headFormat = new Format({
  what: "the batch's head",
  schema: Schema.Struct({ ...head, weft: Schema.UndefinedOr(Schema.String) }),
  older: [olderVersion(Schema.Struct(head), (first) => ({ ...first, weft: undefined }))],
  isStrict: true,
});

/**
 * Checks the checksum and decodes every record; the failure says what is wrong with the entry.
 *
 * @param subject the turns of this one alone: what a batch holds of many others is not decoded
 */
export function decodeBatch(bytes: Uint8Array, subject?: string): Result.Result<Batch, Unreadable> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = buffer.toString("latin1", 0, FIRST_LINE_BYTES_MAX);
  const line = /^weft-batch ([1-9]\d{0,5}) ([0-9a-f]{64})\n/.exec(first);
  if (line === null) return Result.fail(damaged("the entry is not of the format of batches"));
  const [{ length }, version, hash = ""] = line;
  const body = buffer.subarray(length);
  if (sha256Hex(body) !== hash) return Result.fail(damaged("the checksum does not match the content"));
  const lines = body.toString("utf8").split("\n");
  const decoded = decodeHead(lines[0] ?? "", Number(version));
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure);
  const turns: Turn[] = [];
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (subject !== undefined && !isTurnOf(line, subject)) continue;
    const turn = decodeTurn(line);
    if (Result.isFailure(turn)) return Result.fail(writtenBy(turn.failure, decoded.success.weft));
    turns.push(turn.success);
  }
  return Result.succeed({ ...decoded.success, hash, turns });
}

function decodeHead(line: string, version: number): Result.Result<Omit<Batch, "hash" | "turns">, Unreadable> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return Result.fail(damaged("the batch's head is not JSON"));
  }
  return Result.mapError(
    headFormat.readAs(version, parsed),
    (failure) => writtenBy(failure, (parsed as { readonly weft?: unknown } | null)?.weft),
  );
}

/** Says who can read what a newer Weft wrote. */
function writtenBy(failure: Unreadable, weft: unknown): Unreadable {
  if (!failure.isNewer) return failure;
  const writer = typeof weft === "string" ? `Weft ${weft} wrote it, and can read it` : "a newer Weft wrote it";
  return { ...failure, reason: `${failure.reason}: ${writer}` };
}
