import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { Result, Schema, SchemaAST } from "effect";
import {
  commandSchemas,
  eventSchemas,
  Format,
  olderVersion,
  partitionSchemas,
  payloadFieldsOf,
  recordFormat,
  type Unreadable,
} from "../../../src/protocol/mod.ts";
import {
  ActivityIdField,
  fieldsMarked,
  olderRecord,
  optional,
  Payload,
  PayloadObject,
  record,
  revisedRecord,
} from "../../../src/protocol/fields.ts";
import type { Json } from "../../../src/values/mod.ts";

const First = Schema.Struct({ name: Schema.String });
const Second = Schema.Struct({ version: Schema.Literal(2), name: Schema.String, size: Schema.Number });
const Third = Schema.Struct({ version: Schema.Literal(3), title: Schema.String, size: Schema.Number });
const format = new Format({
  what: "a thing",
  schema: Third,
  older: [
    olderVersion(First, ({ name }) => ({ version: 2, name, size: 0 })),
    olderVersion(Second, ({ name, size }) => ({ version: 3, title: name, size })),
  ],
});

function failureOf(value: Json): Unreadable {
  const read = format.read(value);
  if (Result.isSuccess(read)) throw new Error("It was read");
  return read.failure;
}

test("Format.read() gives every released version as the current one has it; what has no version is of the first", () => {
  const { version } = format;
  strictEqual(version, 3);
  deepStrictEqual(format.read({ name: "a" }), Result.succeed({ version: 3, title: "a", size: 0 }));
  deepStrictEqual(format.read({ version: 1, name: "a" }), Result.succeed({ version: 3, title: "a", size: 0 }));
  deepStrictEqual(format.read({ version: 2, name: "a", size: 4 }), Result.succeed({ version: 3, title: "a", size: 4 }));
  deepStrictEqual(
    format.read({ version: 3, title: "b", size: 5 }),
    Result.succeed({ version: 3, title: "b", size: 5 }),
  );
});

test("Format.read() tells what a newer Weft wrote from what nobody can have written", () => {
  ok(failureOf({ version: 4, title: "b" }).isNewer);
  match(failureOf({ version: 4 }).reason, /^a thing has version 4, and is read up to version 3 \(this is Weft /);
  for (const broken of [{ version: 0 }, { version: "3" }, { version: 3, title: 7 }, {}, null, [], "text", 7]) {
    strictEqual(failureOf(broken).isNewer, false, JSON.stringify(broken));
  }
});

test("an upcaster that makes no value of the next version is found out", () => {
  const wrong = new Format({ what: "a thing", schema: Second, older: [olderVersion(First, ({ name }) => ({ name }))] });
  const read = wrong.read({ name: "a" });
  ok(Result.isFailure(read) && !read.failure.isNewer);
});

const synthetic = recordFormat(
  "ThingMovedEvent",
  revisedRecord("ThingMovedEvent", 2, {
    activityId: ActivityIdField,
    secret: Payload,
    more: optional(PayloadObject),
    plain: Schema.String,
  }, [
    olderRecord("ThingMovedEvent", 1, { activityId: ActivityIdField, plain: Schema.String }, (first) => ({
      ...first,
      version: 2,
      secret: null,
    })),
  ]),
);

test("what of a record is a payload and what an id is told by its schema, version by version", () => {
  deepStrictEqual(synthetic.versions, [
    { payloads: [], actorIds: ["activityId"] },
    { payloads: ["secret", "more"], actorIds: ["activityId"] },
  ]);
  deepStrictEqual(synthetic.payloads, ["secret", "more"]);
});

test("a record of an older version is read strictly, and comes out as the current one", () => {
  const first = { type: "ThingMovedEvent", version: 1, activityId: "/a", plain: "x" };
  deepStrictEqual(synthetic.format.read(first), Result.succeed({ ...first, version: 2, secret: null }));
  for (const broken of [{ ...first, secret: 1 }, { ...first, plain: 1 }, { ...first, version: 2 }]) {
    ok(Result.isFailure(synthetic.format.read(broken)));
  }
});

test("a record says of each of its released versions how it is read", () => {
  throws(() => revisedRecord("ThingMovedEvent", 3, {}, []), /Expected 2 older versions/);
  strictEqual(recordFormat("X", record("X", {})).format.version, 1);
});

const schemas: Readonly<Record<string, Schema.Top>> = { ...commandSchemas, ...eventSchemas, ...partitionSchemas };

/** A payload stands somewhere in the schema. */
function holdsPayload(ast: SchemaAST.AST, seen = new Set<SchemaAST.AST>()): boolean {
  if (seen.has(ast)) return false;
  seen.add(ast);
  if (ast.annotations?.["weftFieldMark"] === "payload") return true;
  if (SchemaAST.isObjects(ast)) return ast.propertySignatures.some(({ type }) => holdsPayload(type, seen));
  if (SchemaAST.isUnion(ast)) return ast.types.some((type) => holdsPayload(type, seen));
  if (SchemaAST.isArrays(ast)) return [...ast.elements, ...ast.rest].some((type) => holdsPayload(type, seen));
  return false;
}

test("no field of a record hides a payload: the feed would tell it, and the log write it more than once", () => {
  const findings = Object.entries(schemas).flatMap(([name, { ast }]) =>
    SchemaAST.isObjects(ast)
      ? ast.propertySignatures.filter(({ name: field, type }) =>
        holdsPayload(type) && !payloadFieldsOf(name as never).includes(String(field))
      ).map(({ name: field }) => `${name}.${String(field)}`)
      : [name]
  );
  deepStrictEqual(findings, [], "Wrap the field's schema in asPayload()");
  const hidden = record("X", { inside: Schema.Struct({ deep: Schema.Array(Payload) }) });
  ok(holdsPayload(hidden.ast));
  deepStrictEqual(fieldsMarked(hidden.fields, "payload"), []);
});
