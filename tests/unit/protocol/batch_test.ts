import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import { type BatchHead, decodeBatch, encodeBatch, encodeTurn, GENESIS_HASH } from "../../../src/protocol/mod.ts";
import { sha256Hex } from "../../../src/values/mod.ts";
import { sampleRecords } from "../../support/sample_records.ts";

const head: BatchHead = { partition: 3, previous: GENESIS_HASH, epoch: 2 };
const turns = [sampleRecords.slice(0, 3), sampleRecords.slice(3, 6)].map((samples, index) => ({
  subject: `/acme/shop/e0123456/000000000000000${index}`,
  sequence: index + 1,
  atEpochMs: 1_900_000_000_000 + index,
  timestamp: "0123456789abcdef",
  records: samples.map(({ full }) => full),
}));
const { bytes, hash } = encodeBatch(head, turns.map(encodeTurn));
const small = encodeBatch(head, turns.slice(0, 1).map((turn) => encodeTurn({ ...turn, records: [] }))).bytes;

/** Bytes of a batch with this text behind its first line, its checksum right. */
function sealed(body: string): Uint8Array {
  return new TextEncoder().encode(`weft-batch 1 ${sha256Hex(body)}\n${body}`);
}

test("decodeBatch() gives back what encodeBatch() took", () => {
  deepStrictEqual(decodeBatch(bytes), Result.succeed({ ...head, hash, turns }));
});

test("decodeBatch() of one subject gives its turns alone, and checks the whole entry all the same", () => {
  const [, second] = turns;
  deepStrictEqual(decodeBatch(bytes, second?.subject), Result.succeed({ ...head, hash, turns: [second] }));
  deepStrictEqual(decodeBatch(bytes, "/acme/shop/e0123456/0"), Result.succeed({ ...head, hash, turns: [] }));
  const damaged = Uint8Array.from(bytes);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  match(String(Result.getFailure(decodeBatch(damaged, turns[0]?.subject))), /checksum/);
});

test("decodeBatch() reads from the middle of a larger buffer", () => {
  const buffer = new Uint8Array(bytes.length + 20);
  buffer.set(bytes, 7);
  ok(Result.isSuccess(decodeBatch(buffer.subarray(7, 7 + bytes.length))));
});

test("encodeBatch() gives equal bytes for equal content, and another hash for another head", () => {
  deepStrictEqual(encodeBatch(head, turns.map(encodeTurn)).bytes, bytes);
  const hashes = [head, { ...head, partition: 4 }, { ...head, epoch: 3 }, { ...head, previous: hash }]
    .map((other) => encodeBatch(other, turns.map(encodeTurn)).hash);
  strictEqual(new Set(hashes).size, hashes.length);
});

test("decodeBatch() finds a flipped bit, wherever it is", () => {
  const damaged = Uint8Array.from(small);
  for (let position = 0; position < small.length; position++) {
    const byte = small[position] ?? 0;
    for (let bit = 0; bit < 8; bit++) {
      damaged[position] = byte ^ (1 << bit);
      ok(Result.isFailure(decodeBatch(damaged)), `bit ${bit} of byte ${position}`);
    }
    damaged[position] = byte;
  }
});

test("decodeBatch() finds an entry that was cut, wherever it was", () => {
  for (let length = 0; length < small.length; length++) {
    ok(Result.isFailure(decodeBatch(small.subarray(0, length))), `${length} bytes`);
  }
});

test("decodeBatch() finds bytes behind the end", () => {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  match(String(Result.getFailure(decodeBatch(longer))), /checksum/);
});

const line = encodeTurn({ subject: "/x", sequence: 1, atEpochMs: 0, timestamp: "0123456789abcdef", records: [] });
const refused = [
  { what: "a head that is no JSON", body: `{"partition":0\n${line}` },
  { what: "a head without an epoch", body: `{"partition":0,"previous":"x"}\n${line}` },
  { what: "a head of wrong types", body: `{"partition":"0","previous":"x","epoch":1}\n${line}` },
  { what: "a head with a field too many", body: `${JSON.stringify({ ...head, more: 1 })}\n${line}` },
  { what: "an empty body", body: "" },
  { what: "a turn that is none", body: `${JSON.stringify(head)}\n${line}\nnothing` },
];
for (const { what, body } of refused) {
  test(`decodeBatch() refuses ${what}, although the checksum is right`, () => {
    ok(Result.isFailure(decodeBatch(sealed(body))));
  });
}

test("decodeBatch() refuses another format's version", () => {
  const text = new TextDecoder().decode(bytes).replace("weft-batch 1", "weft-batch 2");
  match(String(Result.getFailure(decodeBatch(new TextEncoder().encode(text)))), /format/);
});
