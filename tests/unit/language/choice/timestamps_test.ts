import { strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { timestampEpochMs } from "../../../../src/language/choice/timestamps.ts";

const cases: readonly (readonly [text: string, epochMs: number | undefined])[] = [
  ["1970-01-01T00:00:00Z", 0],
  ["2016-03-14T01:59:00Z", Date.UTC(2016, 2, 14, 1, 59)],
  ["2016-03-14T01:59:00.123Z", Date.UTC(2016, 2, 14, 1, 59, 0, 123)],
  ["2016-03-14T03:59:00+02:00", Date.UTC(2016, 2, 14, 1, 59)],
  ["2016-03-13T23:59:00-02:00", Date.UTC(2016, 2, 14, 1, 59)],
  ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ["0001-01-01T00:00:00Z", -62_135_596_800_000],
  ["2023-02-29T00:00:00Z", undefined],
  ["2016-13-05T21:29:29Z", undefined],
  ["2016-12-05T25:29:29Z", undefined],
  ["05-12-2016T21:29:29Z", undefined],
  ["2016-12-05 21:29:29Z", undefined],
  ["2016-12-05T21:29:29", undefined],
  ["2016-12-05T21:29Z", undefined],
  ["2016-12-05t21:29:29z", undefined],
  ["2016-12-05T21:29:29+25:00", undefined],
  ["", undefined],
];

for (const [text, epochMs] of cases) {
  test(`"${text}" is ${epochMs ?? "no timestamp"} [RFC 3339 with capital T and Z; ASL: Timestamps]`, () => {
    strictEqual(timestampEpochMs(text), epochMs);
  });
}
