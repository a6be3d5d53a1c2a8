/**
 * The batch: one log entry, the turns of many executions that gathered while the batch before it was on its way.
 *
 * ```text
 * weft-batch 1 <SHA-256 of everything behind this line, hex>
 * {"partition":0,"previous":"<the hash of the batch before it>","epoch":3}
 * <turn>
 * <turn>
 * ```
 *
 * The hash is the batch's checksum and, in the next batch, the link of the chain: a flipped bit, a hole or a fork shows.
 */
import { Buffer } from "node:buffer";
import { Result, Schema } from "effect";
import { sha256Hex } from "../values/mod.ts";
import { decodeTurn, isTurnOf, type Turn } from "./turn.ts";

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
  /** This batch's own hash. */
  readonly hash: string;
  readonly turns: readonly Turn[];
}

/** What the first batch names as the one before it. */
export const GENESIS_HASH = "0".repeat(64);

const MAGIC = "weft-batch 1 ";
const HEAD_BYTES = MAGIC.length + 64 + 1;

/** A batch of already encoded turns. */
export function encodeBatch(
  head: BatchHead,
  turnLines: readonly string[],
): { readonly hash: string; readonly bytes: Uint8Array } {
  const body = `${JSON.stringify(head)}\n${turnLines.join("\n")}`;
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + Buffer.byteLength(body));
  bytes.write(body, HEAD_BYTES);
  const hash = sha256Hex(bytes.subarray(HEAD_BYTES));
  bytes.write(`${MAGIC}${hash}\n`, 0, "latin1");
  return { hash, bytes };
}

const decodeHead = Schema.decodeUnknownResult(
  Schema.Struct({ partition: Schema.Number, previous: Schema.String, epoch: Schema.Number }),
  { onExcessProperty: "error" },
);

/**
 * Checks the checksum and decodes every record; the failure says what is wrong with the entry.
 *
 * @param subject the turns of this one alone: what a batch holds of many others is not decoded
 */
export function decodeBatch(bytes: Uint8Array, subject?: string): Result.Result<Batch, string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = buffer.toString("latin1", 0, HEAD_BYTES);
  if (!first.startsWith(MAGIC) || !first.endsWith("\n")) return Result.fail("the entry is not a batch of this format");
  const hash = first.slice(MAGIC.length, -1);
  const body = buffer.subarray(HEAD_BYTES);
  if (sha256Hex(body) !== hash) return Result.fail("the checksum does not match the content");
  const lines = body.toString("utf8").split("\n");
  const head = parseHead(lines[0] ?? "");
  if (Result.isFailure(head)) return Result.fail(head.failure);
  const turns: Turn[] = [];
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (subject !== undefined && !isTurnOf(line, subject)) continue;
    const turn = decodeTurn(line);
    if (Result.isFailure(turn)) return Result.fail(turn.failure);
    turns.push(turn.success);
  }
  return Result.succeed({ ...head.success, hash, turns });
}

function parseHead(line: string): Result.Result<BatchHead, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return Result.fail("the batch's head is not JSON");
  }
  return Result.mapError(decodeHead(parsed), (error) => `the batch's head: ${error.message}`);
}
