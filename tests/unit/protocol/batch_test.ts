import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import {
  type BatchHead,
  BatchSeal,
  decodeBatch,
  encodeBatch,
  encodeTurn,
  GENESIS_HASH,
  isPlaced,
  isProven,
  type Unreadable,
} from "../../../src/protocol/mod.ts";
import { sha256Hex, WEFT_VERSION } from "../../../src/values/mod.ts";
import { sampleRecords } from "../../support/records/sample_records.ts";

const head: BatchHead = { partition: 3, previous: GENESIS_HASH, epoch: 2 };
const placed = { ...head, sequence: 7 };
const { sequence } = placed;
const seal = new BatchSeal(new TextEncoder().encode("a secret of the tests"));
const turns = [sampleRecords.slice(0, 3), sampleRecords.slice(3, 6)].map((samples, index) => ({
  subject: `/acme/shop/e0123456/000000000000000${index}`,
  sequence: index + 1,
  atEpochMs: 1_900_000_000_000 + index,
  timestamp: "0123456789abcdef",
  records: samples.map(({ full }) => full),
}));
const { bytes, hash } = encodeBatch(placed, turns.map(encodeTurn), seal);
const proof = {
  sequence,
  contentHash: sha256Hex(bytes.subarray(bytes.indexOf(10) + 1, bytes.lastIndexOf(10) + 1)),
  mac: new TextDecoder().decode(bytes.subarray(-43)),
};
const small = encodeBatch(
  placed,
  turns.slice(0, 1).map((turn) => encodeTurn({ ...turn, records: [] })),
  seal,
).bytes;

/** Bytes of a batch with this text behind its first line, its checksum right. */
function sealed(text: string, version = 3): Uint8Array {
  const body = version === 3 ? `${text}\nmac ${seal.content(sha256Hex(`${text}\n`))}` : text;
  return new TextEncoder().encode(`weft-batch ${version} ${sha256Hex(body)}\n${body}`);
}

function failureOf(entry: Uint8Array, subject?: string): Unreadable {
  const decoded = decodeBatch(entry, subject);
  if (Result.isSuccess(decoded)) throw new Error("It was read");
  return decoded.failure;
}

const written = { ...placed, place: seal.place(3, sequence), weft: "9.8.7" };

test("decodeBatch() gives back what encodeBatch() took", () => {
  deepStrictEqual(decodeBatch(bytes), Result.succeed({ ...head, weft: WEFT_VERSION, hash, turns, proof }));
});

test("decodeBatch() of one subject gives its turns alone, and checks the whole entry all the same", () => {
  const [, second] = turns;
  deepStrictEqual(
    decodeBatch(bytes, second?.subject),
    Result.succeed({ ...head, weft: WEFT_VERSION, hash, turns: [second], proof }),
  );
  deepStrictEqual(
    decodeBatch(bytes, "/acme/shop/e0123456/0"),
    Result.succeed({ ...head, weft: WEFT_VERSION, hash, turns: [], proof }),
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
  deepStrictEqual(encodeBatch(placed, turns.map(encodeTurn), seal).bytes, bytes);
  const others = [{ partition: 4 }, { epoch: 3 }, { previous: hash }, { sequence: 8 }];
  const hashes = [{}, ...others].map((other) => encodeBatch({ ...placed, ...other }, turns.map(encodeTurn), seal).hash);
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
  { what: "a head that does not say who wrote it", body: `${JSON.stringify(head)}\n${line}`, version: 2 },
  { what: "a head that does not say for which place", body: `${JSON.stringify({ ...head, weft: "0.1.0" })}\n${line}` },
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
    Result.succeed({ ...head, weft: undefined, hash: sha256Hex(body), turns, proof: undefined }),
  );
});

test("decodeBatch() reads the second format, which could not show who wrote it", () => {
  const body = `${JSON.stringify({ ...head, weft: "0.2.0" })}\n${turns.map(encodeTurn).join("\n")}`;
  deepStrictEqual(
    decodeBatch(sealed(body, 2)),
    Result.succeed({ ...head, weft: "0.2.0", hash: sha256Hex(body), turns, proof: undefined }),
  );
});

test("a batch is proven for its place alone, under its cluster's secret alone", () => {
  const batch = Result.getOrThrow(decodeBatch(bytes));
  const other = new BatchSeal(new TextEncoder().encode("another secret"));
  const place = { partition: 3, sequence };
  deepStrictEqual([
    isProven(batch, seal, place),
    isProven(batch, other, place),
    isProven(batch, seal, { partition: 3, sequence: 8 }),
    isProven(batch, seal, { partition: 2, sequence }),
    isProven({ ...batch, proof: undefined }, seal, place),
    isPlaced(bytes, seal, 3, sequence),
    isPlaced(bytes, seal, 3, 8),
    isPlaced(bytes, other, 3, sequence),
  ], [true, false, false, false, false, true, false, false]);
});

test("a batch whose checksum was made right after a change is not proven", () => {
  const text = new TextDecoder().decode(bytes).split("\n").slice(1);
  const changed = text.map((line, index) => index === 1 ? line.replace("acme", "evil") : line).join("\n");
  const entry = new TextEncoder().encode(`weft-batch 3 ${sha256Hex(changed)}\n${changed}`);
  const batch = Result.getOrThrow(decodeBatch(entry));
  deepStrictEqual([batch.turns.length, isProven(batch, seal, { partition: 3, sequence })], [2, false]);
});

test("decodeBatch() tells a format that is not known yet from a damaged entry, and who can read it", () => {
  const body = `${JSON.stringify({ ...written, more: 1 })}\nwhatever`;
  const { isNewer, reason } = failureOf(sealed(body, 4));
  ok(isNewer);
  match(
    reason,
    /the batch's head has version 4, and is read up to version 3 .*: Weft 9\.8\.7 wrote it, and can read it$/,
  );
  match(failureOf(sealed("{}", 12)).reason, /a newer Weft wrote it$/);
  const cut = sealed(body, 4).subarray(0, -1);
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
