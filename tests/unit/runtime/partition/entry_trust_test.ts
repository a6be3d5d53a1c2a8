// Where a sealed batch stands says whether it was copied, or whether something before it is gone.
import { deepStrictEqual, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { BatchSeal, encodeBatch, encodeTurn, GENESIS_HASH } from "../../../../src/protocol/mod.ts";
import { sha256Hex } from "../../../../src/values/mod.ts";
import { EntryTrust } from "../../../../src/runtime/partition/entry_trust.ts";

const seal = new BatchSeal(new TextEncoder().encode("secret"));
const turn = encodeTurn({
  subject: "/partition",
  sequence: 1,
  atEpochMs: 0,
  timestamp: "0000000000000001",
  records: [],
});
const batchFor = (sequence: number) =>
  encodeBatch({ partition: 0, previous: GENESIS_HASH, epoch: 1, sequence }, [turn], seal).bytes;

function judged(written: number, stands: number) {
  const trust = new EntryTrust(0, seal);
  ok(Result.isSuccess(trust.judge({ sequence: 1, bytes: batchFor(1) })));
  return trust.judge({ sequence: stands, bytes: batchFor(written) });
}

test("a batch that stands before its place is damage: something in the log is missing", () => {
  const there = judged(3, 2);
  ok(Result.isFailure(there));
  deepStrictEqual(there.failure._tag, "LogDamaged");
  match(there.failure.message, /written at 3: what stood before it is missing/);
});

test("a batch at its place that says something else is damage, though its checksum is right", () => {
  const trust = new EntryTrust(0, seal);
  trust.judge({ sequence: 1, bytes: batchFor(1) });
  const text = new TextDecoder().decode(batchFor(2)).replace(GENESIS_HASH, "f".repeat(64));
  const body = text.slice(text.indexOf("\n") + 1);
  const changed = `${text.slice(0, text.indexOf("\n") - 64)}${sha256Hex(body)}\n${body}`;
  const there = trust.judge({ sequence: 2, bytes: new TextEncoder().encode(changed) });
  ok(Result.isFailure(there));
  match(there.failure.message, /not what was sealed/);
});

test("an authenticator of as many characters and more bytes is somebody else's, and no defect", () => {
  const trust = new EntryTrust(0, seal);
  trust.judge({ sequence: 1, bytes: batchFor(1) });
  const text = new TextDecoder().decode(batchFor(1));
  const body = text.slice(text.indexOf("\n") + 1)
    .replace('"sequence":1', '"sequence":2')
    .replace(/(?<=\nmac )\S+/, (mac) => "é".repeat(mac.length));
  const forged = `${text.slice(0, text.indexOf("\n") - 64)}${sha256Hex(body)}\n${body}`;
  const there = trust.judge({ sequence: 2, bytes: new TextEncoder().encode(forged) });
  ok(Result.isSuccess(there) && "foreign" in there.success);
});

test("a batch that stands behind its place is a copy, and passed over", () => {
  const there = judged(3, 4);
  ok(Result.isSuccess(there) && "foreign" in there.success);
});

test("a batch of another cluster's seal is passed over wherever it stands", () => {
  const other = new BatchSeal(new TextEncoder().encode("another"));
  const trust = new EntryTrust(0, seal);
  trust.judge({ sequence: 1, bytes: batchFor(1) });
  const head = { partition: 0, previous: GENESIS_HASH, epoch: 1, sequence: 9 };
  const there = trust.judge({ sequence: 2, bytes: encodeBatch(head, [turn], other).bytes });
  ok(Result.isSuccess(there) && "foreign" in there.success);
});
