/**
 * The batch: one log entry, the turns of many executions that gathered while the batch before it was on its way.
 *
 * ```text
 * weft-batch 3 <SHA-256 of everything behind this line, hex>
 * {"partition":0,"previous":"<hash of the batch before it>","epoch":3,"sequence":7,"place":"<authenticator>","weft":"<the version that wrote it>"}
 * <turn>
 * <turn>
 * mac <authenticator of everything between the first line and this one>
 * ```
 *
 * The hash is the batch's checksum and, in the next batch, the link of the chain: a flipped bit, a hole or a fork shows. The authenticators
 * ({@link BatchSeal}) show that an engine of the cluster wrote it, for this place.
 *
 * Of every version of the format this much is promised: the first line reads `weft-batch {version} {hash}`, and the second is JSON
 * whose `weft` says who wrote it; from version 3 on its `sequence` and `place` say for where. So one that is not known is told from one that is damaged.
 * Version 1 did not say who wrote it, version 2 could not show it.
 */
import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { Result, Schema } from "effect";
import { sha256Hex, WEFT_VERSION } from "../values/mod.ts";
import type { BatchSeal } from "./batch_seal.ts";
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

/** What of a batch shows that an engine wrote it. */
export interface BatchProof {
  /** The place that it was written for. */
  readonly sequence: number;
  /** Hash of what {@link BatchProof.mac} stands for. */
  readonly contentHash: string;
  readonly mac: string;
}

/** One log entry, checked and decoded. */
export interface Batch extends BatchHead {
  /** The version of Weft that wrote it; `undefined` in a batch of the first format. */
  readonly weft: string | undefined;
  /** This batch's own hash. */
  readonly hash: string;
  /** `undefined` in a batch of the first two formats. */
  readonly proof: BatchProof | undefined;
  readonly turns: readonly Turn[];
}

/** What the first batch names as the one before it. */
export const GENESIS_HASH = "0".repeat(64);

/** Of the format of batches. */
const VERSION = 3;
const MAGIC = `weft-batch ${VERSION} `;
const FIRST_LINE_BYTES = MAGIC.length + 64 + 1;
/** Longest first line of any version, bytes. */
const FIRST_LINE_BYTES_MAX = 100;
const WRITER = `,"weft":${JSON.stringify(WEFT_VERSION)}}`;
const MAC = "mac ";
const MAC_LINE_START = "\nmac ";
/** The first version whose batches are sealed. */
const SEALED_VERSION = 3;
const MAC_LINE_BYTES = MAC.length + 43;

/** A batch of already encoded turns, for this place of the log. */
export function encodeBatch(
  head: BatchHead & { readonly sequence: number },
  turnLines: readonly string[],
  seal: BatchSeal,
): { readonly hash: string; readonly bytes: Uint8Array } {
  const { partition, previous, epoch, sequence } = head;
  const placed = { partition, previous, epoch, sequence, place: seal.place(partition, sequence) };
  const content = `${JSON.stringify(placed).slice(0, -1)}${WRITER}\n${turnLines.join("\n")}\n`;
  const contentEnd = FIRST_LINE_BYTES + Buffer.byteLength(content);
  const bytes = Buffer.allocUnsafe(contentEnd + MAC_LINE_BYTES);
  bytes.write(content, FIRST_LINE_BYTES);
  const hashing = createHash("sha256").update(bytes.subarray(FIRST_LINE_BYTES, contentEnd));
  bytes.write(MAC + seal.content(hashing.copy().digest("hex")), contentEnd, "latin1");
  const hash = hashing.update(bytes.subarray(contentEnd)).digest("hex");
  bytes.write(`${MAGIC}${hash}\n`, 0, "latin1");
  return { hash, bytes };
}

/** Whether an engine of the cluster wrote the batch for this place. */
export function isProven({ partition, proof }: Batch, seal: BatchSeal, place: {
  readonly partition: number;
  readonly sequence: number;
}): boolean {
  if (proof === undefined || partition !== place.partition || proof.sequence !== place.sequence) return false;
  return isSameText(seal.content(proof.contentHash), proof.mac);
}

/** Whether an engine of the cluster wrote an entry here, whatever became of it since. */
export function isPlaced(bytes: Uint8Array, seal: BatchSeal, partition: number, sequence: number): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES_MAX));
  return start.toString("latin1").includes(seal.place(partition, sequence));
}

/** Longest first two lines, bytes. */
const HEAD_BYTES_MAX = 1_024;

function isSameText(wanted: string, given: string): boolean {
  const [left, right] = [Buffer.from(wanted), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const head = { partition: Schema.Number, previous: Schema.String, epoch: Schema.Number };
const headFormat = new Format({
  what: "the batch's head",
  schema: Schema.Struct({
    ...head,
    sequence: Schema.UndefinedOr(Schema.Number),
    place: Schema.UndefinedOr(Schema.String),
    weft: Schema.UndefinedOr(Schema.String),
  }),
  older: [
    olderVersion(Schema.Struct(head), (first) => ({ ...first, weft: undefined })),
    olderVersion(
      Schema.Struct({ ...head, weft: Schema.UndefinedOr(Schema.String) }),
      (second) => ({ ...second, sequence: undefined, place: undefined }),
    ),
  ],
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
  const isFirstSealed = Number(version) >= SEALED_VERSION;
  const macAt = isFirstSealed ? body.lastIndexOf(MAC_LINE_START) + 1 : 0;
  const contentHash = macAt > 0 ? sha256Hex(body.subarray(0, macAt)) : undefined;
  if (sha256Hex(body) !== hash) return Result.fail(damaged("the checksum does not match the content"));
  const lines = body.toString("utf8").split("\n");
  const decoded = decodeHead(lines[0] ?? "", Number(version));
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure);
  const { sequence, place: _, ...own } = decoded.success;
  const mac = isFirstSealed ? lines.pop()?.slice(MAC.length) : undefined;
  if (isFirstSealed && (contentHash === undefined || sequence === undefined || lines.length === 0)) {
    return Result.fail(damaged("it has no authenticator"));
  }
  const turns: Turn[] = [];
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (subject !== undefined && !isTurnOf(line, subject)) continue;
    const turn = decodeTurn(line);
    if (Result.isFailure(turn)) return Result.fail(writtenBy(turn.failure, own.weft));
    turns.push(turn.success);
  }
  const proof = mac === undefined || sequence === undefined || contentHash === undefined
    ? undefined
    : { sequence, contentHash, mac };
  return Result.succeed({ ...own, hash, turns, proof });
}

interface DecodedHead extends BatchHead {
  readonly weft: string | undefined;
  readonly sequence: number | undefined;
  readonly place: string | undefined;
}

function decodeHead(line: string, version: number): Result.Result<DecodedHead, Unreadable> {
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
