import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import {
  type BatchHead,
  decodeBatch,
  encodeBatch,
  encodeTurn,
  GENESIS_HASH,
  type Unreadable,
} from "../../../src/protocol/mod.ts";
import { sha256Hex, WEFT_VERSION } from "../../../src/values/mod.ts";
import { sampleRecords } from "../../support/records/sample_records.ts";

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
function sealed(body: string, version = 2): Uint8Array {
  return new TextEncoder().encode(`weft-batch ${version} ${sha256Hex(body)}\n${body}`);
}

function failureOf(entry: Uint8Array, subject?: string): Unreadable {
  const decoded = decodeBatch(entry, subject);
  if (Result.isSuccess(decoded)) throw new Error("It was read");
  return decoded.failure;
}

const written = { ...head, weft: "9.8.7" };

test("decodeBatch() gives back what encodeBatch() took", () => {
  deepStrictEqual(decodeBatch(bytes), Result.succeed({ ...head, weft: WEFT_VERSION, hash, turns }));
});

test("decodeBatch() of one subject gives its turns alone, and checks the whole entry all the same", () => {
  const [, second] = turns;
  deepStrictEqual(
    decodeBatch(bytes, second?.subject),
    Result.succeed({ ...head, weft: WEFT_VERSION, hash, turns: [second] }),
  );
  deepStrictEqual(
    decodeBatch(bytes, "/acme/shop/e0123456/0"),
    Result.succeed({ ...head, weft: WEFT_VERSION, hash, turns: [] }),
  );
  const damaged = Uint8Array.from(bytes);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  match(failureOf(damaged, turns[0]?.subject).reason, /checksum/);
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
  match(failureOf(longer).reason, /checksum/);
});

const line = encodeTurn({ subject: "/x", sequence: 1, atEpochMs: 0, timestamp: "0123456789abcdef", records: [] });
const refused = [
  { what: "a head that is no JSON", body: `{"partition":0\n${line}` },
  { what: "a head that is null", body: `null\n${line}` },
  { what: "a head without an epoch", body: `{"partition":0,"previous":"x","weft":"0.1.0"}\n${line}` },
  { what: "a head of wrong types", body: `{"partition":"0","previous":"x","epoch":1,"weft":"0.1.0"}\n${line}` },
  { what: "a head with a field too many", body: `${JSON.stringify({ ...written, more: 1 })}\n${line}` },
  { what: "a head that does not say who wrote it", body: `${JSON.stringify(head)}\n${line}` },
  { what: "an empty body", body: "" },
  { what: "a turn that is none", body: `${JSON.stringify(written)}\n${line}\nnothing` },
  { what: "a head of the first format that says more", body: `${JSON.stringify(written)}\n${line}`, version: 1 },
  { what: "a head of the first format without an epoch", body: `{"partition":0,"previous":"x"}\n${line}`, version: 1 },
];
for (const { what, body, version } of refused) {
  test(`decodeBatch() refuses ${what}, although the checksum is right`, () => {
    strictEqual(failureOf(sealed(body, version)).isNewer, false);
  });
}

test("decodeBatch() reads the first format, which did not say who wrote it", () => {
  const body = `${JSON.stringify(head)}\n${turns.map(encodeTurn).join("\n")}`;
  deepStrictEqual(
    decodeBatch(sealed(body, 1)),
    Result.succeed({ ...head, weft: undefined, hash: sha256Hex(body), turns }),
  );
});

test("decodeBatch() tells a format that is not known yet from a damaged entry, and who can read it", () => {
  const body = `${JSON.stringify({ ...written, more: 1 })}\nwhatever`;
  const { isNewer, reason } = failureOf(sealed(body, 3));
  ok(isNewer);
  match(
    reason,
    /the batch's head has version 3, and is read up to version 2 .*: Weft 9\.8\.7 wrote it, and can read it$/,
  );
  match(failureOf(sealed("{}", 12)).reason, /a newer Weft wrote it$/);
  const cut = sealed(body, 3).subarray(0, -1);
  deepStrictEqual(failureOf(cut), { isNewer: false, reason: "the checksum does not match the content" });
});

test("decodeBatch() says of a record that only a newer Weft knows which it is, where it stands and who can read it", () => {
  const newer = encodeTurn(turns[0] ?? { subject: "", sequence: 0, atEpochMs: 0, timestamp: "", records: [] })
    .replace('"version":1', '"version":7');
  const { isNewer, reason } = failureOf(sealed(`${JSON.stringify(written)}\n${newer}`));
  ok(isNewer);
  match(reason, /^record "StartExecutionCommand" has version 7, and is read up to version 1 \(this is Weft 0\.2\.0\)/);
  match(reason, /in turn 1 of "\/acme\/shop\/e0123456\/0000000000000000": Weft 9\.8\.7 wrote it, and can read it$/);
});
