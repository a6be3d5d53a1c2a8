import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { Result } from "effect";
import {
  decodeTurn,
  encodeTurn,
  isCommand,
  isEvent,
  payloadFieldsOf,
  type Turn,
  type TurnRecord,
} from "../../../src/protocol/mod.ts";
import type { ActivityId, ExecutionId, Json } from "../../../src/values/mod.ts";
import { requiredFields, sampleRecords } from "../../support/records/sample_records.ts";

function turnOf(records: readonly TurnRecord[], rest: Partial<Turn> = {}): Turn {
  return {
    subject: "/acme/shop/e0123456/0123456789abcdef",
    sequence: 3,
    atEpochMs: 1_900_000_000_000,
    timestamp: "0123456789abcdef",
    records,
    ...rest,
  };
}

function decoded(line: string): Turn {
  const turn = decodeTurn(line);
  if (Result.isFailure(turn)) throw new Error(turn.failure.reason);
  return turn.success;
}

/** The failure of a turn with this one record, as its JSON might stand in a log. */
function failureOf(record: { readonly [field: string]: unknown }, payloads: readonly Json[] = []): string {
  const { records: _none, atEpochMs, ...head } = turnOf([]);
  const result = decodeTurn(JSON.stringify({ ...head, at: atEpochMs, records: [record], payloads }));
  return Result.isFailure(result) ? result.failure.reason : "none";
}

/** A record as it stands in the log: payloads replaced by their index. */
function encodedRecord(record: TurnRecord) {
  const line = JSON.parse(encodeTurn(turnOf([record]))) as { records: [Record<string, Json>]; payloads: Json[] };
  return { record: line.records[0], payloads: line.payloads };
}

for (const { name, full, bare } of sampleRecords) {
  test(`decodeTurn() gives back ${name} as encodeTurn() took it, with all its fields and with few`, () => {
    const turn = turnOf([full, bare, full], { carried: [[0, 7], [2, 9]] });
    deepStrictEqual(decoded(encodeTurn(turn)), turn);
  });
}

for (const { name, full, fields } of sampleRecords) {
  test(`decodeTurn() refuses ${name} without a field it must have, of another version, or with a field too many`, () => {
    const { record, payloads } = encodedRecord(full);
    strictEqual(failureOf(record, payloads), "none");
    for (const field of requiredFields(fields)) {
      const { [field]: _missing, ...rest } = record;
      ok(failureOf(rest, payloads) !== "none", `without "${field}"`);
    }
    match(failureOf({ ...record, version: 99 }, payloads), /has version 99, and is read up to version/);
    for (const version of ["1", 0, -1, 1.5, null]) {
      match(failureOf({ ...record, version }, payloads), /as its version/, JSON.stringify(version));
    }
    ok(failureOf({ ...record, more: 1 }, payloads) !== "none", "a field too many");
  });
}

for (const type of ["TaskLostEvent", "EatCommand", "", "constructor", "__proto__", "toString", 7, null]) {
  test(`decodeTurn() refuses a record of type ${JSON.stringify(type)}`, () => {
    match(failureOf({ type, version: 1 }), /unknown/);
  });
}

test("a record is a command, an event, or neither", () => {
  for (const { name, full } of sampleRecords) {
    const ofExecution = !/Workflow|Resource|Leader|Definition/.test(name);
    strictEqual(isCommand(full), name.endsWith("Command") && ofExecution, name);
    strictEqual(isEvent(full), name.endsWith("Event") && ofExecution, name);
  }
});

test("encodeTurn() writes a payload once, however many records have it", () => {
  const input = { text: "x".repeat(10_000) };
  const records = sampleRecords.flatMap(({ full }) => "input" in full ? [{ ...full, input }] : []);
  ok(records.length >= 6);
  const line = encodeTurn(turnOf(records));
  ok(line.length < 10_000 + records.length * 2_000, `${line.length} characters`);
  deepStrictEqual(decoded(line).records, records);
  const [first, second] = decoded(line).records as readonly { readonly input?: Json }[];
  strictEqual(first?.input, second?.input); // one value in memory as well
});

test("encodeTurn() keeps equal texts and equal but distinct objects apart from each other's fields", () => {
  const [one] = sampleRecords.filter(({ name }) => name === "ExecutionCompletedEvent");
  ok(one !== undefined);
  const outputs: readonly Json[] = [0, "0", null, "null", true, "true", [], {}, "", [""], { a: [] }, { a: {} }];
  const records = outputs.map((output) => ({ ...one.full, output }) as TurnRecord);
  deepStrictEqual(decoded(encodeTurn(turnOf(records))).records, records);
});

test("payloads may hold what JSON can, in keys and in texts", () => {
  const awkward: Json = JSON.parse(
    '{"__proto__":{"a":1},"\\u2028":"\\ud800","line\\nbreak":"\\u0000","deep":[[[[1e-7]]]]}',
  );
  const { full } = sampleRecords.find(({ name }) => name === "TaskCompletedEvent") ?? { full: undefined };
  ok(full !== undefined);
  const line = encodeTurn(turnOf([{ ...full, output: awkward } as TurnRecord]));
  ok(!line.includes("\n"));
  const [record] = decoded(line).records as readonly { readonly output?: Json }[];
  strictEqual(JSON.stringify(record?.output), JSON.stringify(awkward));
});

test("every payload field of every record is refused when its index leads nowhere", () => {
  for (const { full } of sampleRecords) {
    const { record, payloads } = encodedRecord(full);
    for (const field of payloadFieldsOf(full.type)) {
      if (!(field in record)) continue;
      for (const index of [payloads.length, -1, 0.5, "0", null, {}]) {
        match(failureOf({ ...record, [field]: index as Json }, payloads), /missing/, `${record["type"]} ${field}`);
      }
    }
  }
});

const noTurns = ["", "{}", "null", "[]", "7", '"x"', "{", '{"subject":1}', `${encodeTurn(turnOf([]))}]`];
for (const line of noTurns) {
  test(`decodeTurn() refuses ${line.slice(0, 20)}`, () => ok(Result.isFailure(decodeTurn(line))));
}

test("ids below the subject are written once, ids of others in whole, and both come back", () => {
  const subject = "/acme/shop/e0123456/0123456789abcdef";
  const activityId = `${subject}/0123456789abcdf0` as ActivityId;
  const other = "/acme/shop/e0123456/0123456789abcdee" as ExecutionId;
  const turn = turnOf([
    { type: "StateRetriedEvent", version: 1, activityId, attempt: 2 },
    { type: "TimerFiredEvent", version: 1, actorId: subject as ExecutionId, deadlineEpochMs: 5 },
    { type: "ExecutionDeletingEvent", version: 1, executionId: other },
  ], { subject });
  const line = encodeTurn(turn);
  strictEqual(line.split(subject).length, 2, "once, as the subject");
  match(
    line,
    /"activityId":"~\/0123456789abcdf0".*"actorId":"~".*"executionId":"\/acme\/shop\/e0123456\/0123456789abcdee"/,
  );
  deepStrictEqual(decoded(line), turn);
});

test("a command that was taken up in its turn is its name alone, and an unknown name is refused", () => {
  const turn = turnOf([{ type: "TakenUpCommand", command: "CompleteStateCommand" }]);
  const line = encodeTurn(turn);
  match(line, /"records":\["CompleteStateCommand"\]/);
  deepStrictEqual(decoded(line), turn);
  for (const name of ["EatCommand", "StateCompletedEvent", "constructorCommand", ""]) {
    const result = decodeTurn(line.replace("CompleteStateCommand", name));
    match(Result.isFailure(result) ? result.failure.reason : "none", /command "\w*" is unknown/);
  }
});
