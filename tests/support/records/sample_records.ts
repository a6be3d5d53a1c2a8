/** A sample of every record that may stand in a log, made from its schema: with every optional field, and with none. */
import {
  commandSchemas,
  eventSchemas,
  partitionSchemas,
  Rejection,
  type TurnRecord,
} from "../../../src/protocol/mod.ts";
import type { Json } from "../../../src/values/mod.ts";

/** What is read of a field's schema. */
interface FieldAst {
  readonly _tag: string;
  readonly context?: { readonly isOptional?: boolean };
  readonly literal?: Json;
  readonly types?: readonly FieldAst[];
}

type Fields = Readonly<Record<string, { readonly ast: FieldAst }>>;

const payloads: Readonly<Record<string, Json>> = {
  input: { order: "€ 12", nested: [1, null, { "": true }] },
  output: "an output",
  items: [1, "two", { three: 3 }],
  assigned: { total: 12.5 },
  shownAs: { Execution: { Name: "shown" } },
  variables: { total: 12.5 },
  resume: {
    stateName: "Both",
    input: [1],
    historyId: 4,
    max: 2,
    children: [
      { input: 1, output: "kept" },
      { input: 2, variables: { inner: true }, state: { stateName: "Inner", input: null, historyId: 7 } },
    ],
    items: [1, 2],
    maxConcurrency: 1,
  },
};

function sampleOf(name: string, { _tag, literal, types }: FieldAst): Json {
  switch (_tag) {
    case "Literal":
      return literal ?? null;
    case "Union":
      return types?.at(-1)?.literal ?? null;
    case "Number":
      return 1_900_000_000_123;
    case "Boolean":
      return true;
    case "String":
    case "TemplateLiteral":
      return `a text: "${name}" €\n`;
    case "Arrays":
      return payloads[name] ?? [1, 2];
    case "Objects":
    case "Declaration":
      return payloads[name] ?? `/acme/shop/${name}`;
    default:
      throw new RangeError(`A field of schema ${_tag} has no sample yet`);
  }
}

function recordOf(fields: Fields, withOptional: boolean): Record<string, Json> {
  const record: Record<string, Json> = {};
  for (const [name, { ast }] of Object.entries(fields)) {
    if (withOptional || ast.context?.isOptional !== true) record[name] = sampleOf(name, ast);
  }
  return record;
}

/** Names of the fields that a record must have. */
export function requiredFields(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, { ast }]) => ast.context?.isOptional === true ? [] : [name]);
}

/** Every kind of record: its name, its fields, a full sample and a bare one. */
export const sampleRecords = [
  ...Object.entries({ ...commandSchemas, ...eventSchemas, ...partitionSchemas }).map(([name, schema]) => ({
    name,
    fields: schema.fields as Fields,
  })),
  { name: "CompleteTaskRejection", fields: Rejection.fields as Fields },
].map(({ name, fields }) => ({
  name,
  fields,
  full: { ...recordOf(fields, true), type: name } as TurnRecord,
  bare: { ...recordOf(fields, false), type: name } as TurnRecord,
}));
