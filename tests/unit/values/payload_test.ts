import { strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson, type Json, payloadBytes, sha256Hex } from "../../../src/values/mod.ts";

const sizes: readonly { what: string; value: Json; bytes: number }[] = [
  { what: "null", value: null, bytes: 4 },
  { what: "a number", value: -1.5, bytes: 4 },
  { what: "text with its quotes", value: "abc", bytes: 5 },
  { what: "text beyond ASCII as UTF-8", value: "€", bytes: 5 },
  { what: "a character of four bytes", value: "😀", bytes: 6 },
  { what: "half a character as its escape", value: "\ud83d", bytes: 8 },
  { what: "an escaped character as two", value: "\n", bytes: 4 },
  { what: "an object as its JSON", value: { a: [1, "€"] }, bytes: 15 },
];
for (const { what, value, bytes } of sizes) {
  test(`payloadBytes() counts ${what}`, () => {
    strictEqual(payloadBytes(value), bytes);
    strictEqual(payloadBytes(value), bytes);
  });
}

const pairs: readonly { when: string; a: Json; b: Json; same: boolean }[] = [
  { when: "keys stand in another order", a: { a: 1, b: { c: 2, d: 3 } }, b: { b: { d: 3, c: 2 }, a: 1 }, same: true },
  { when: "elements stand in another order", a: [1, 2], b: [2, 1], same: false },
  { when: "a number is a text", a: 1, b: "1", same: false },
  { when: "a key is absent and not null", a: {}, b: { a: null }, same: false },
  { when: "a key is __proto__", a: JSON.parse('{"__proto__":1}'), b: {}, same: false },
  { when: "keys hold quotes", a: { 'a":1,"b': 1 }, b: { a: 1, b: 1 }, same: false },
];
for (const { when, a, b, same } of pairs) {
  test(`canonicalJson() gives ${same ? "one text" : "two texts"} when ${when}`, () => {
    strictEqual(canonicalJson(a) === canonicalJson(b), same);
  });
}

test("canonicalJson() is JSON of the same value", () => {
  const value = { z: [null, true, { y: "\u2028\ud800", x: -0.5e-7 }], a: "" };
  strictEqual(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value));
});

test("sha256Hex() is SHA-256 of the text as UTF-8 [FIPS 180-4]", () => {
  strictEqual(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  strictEqual(sha256Hex("€"), sha256Hex(new Uint8Array([0xe2, 0x82, 0xac])));
});
