/** What the schemas of records look like, in words that stay the same when the schema library changes. */
import { commandSchemas, eventSchemas, partitionSchemas, Rejection } from "../../../src/protocol/mod.ts";
import type { Json, JsonObject } from "../../../src/values/mod.ts";

interface Ast {
  readonly _tag: string;
  readonly context?: { readonly isOptional?: boolean };
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly literal?: Json;
  readonly types?: readonly Ast[];
  readonly elements?: readonly Ast[];
  readonly rest?: readonly Ast[];
}

/** One version of a record: its fields, each with what it may hold; `?` at its end where it may be absent. */
export interface RecordShape {
  readonly type: string;
  readonly version: number;
  readonly fields: JsonObject;
}

type Fields = Readonly<Record<string, { readonly ast: Ast }>>;

/** The shapes of all records, as they are now. */
export function recordShapes(): readonly (RecordShape & JsonObject)[] {
  const schemas = { ...commandSchemas, ...eventSchemas, ...partitionSchemas, "…Rejection": Rejection };
  return Object.entries(schemas).map(([type, schema]) => {
    const { version, ...fields } = schema.fields as Fields;
    const shapes = Object.entries(fields).filter(([name]) => name !== "type")
      .map(([name, { ast }]) => [name, `${shapeOf(ast)}${ast.context?.isOptional === true ? "?" : ""}`]);
    return { type, version: Number(version?.ast.literal), fields: Object.fromEntries(shapes) };
  });
}

function shapeOf({ _tag, annotations, literal, types = [], elements = [], rest = [] }: Ast): string {
  if (annotations?.["weftFieldMark"] !== undefined) return String(annotations["weftFieldMark"]);
  switch (_tag) {
    case "Literal":
      return JSON.stringify(literal);
    case "Union":
      return types.map(shapeOf).join(" | ");
    case "Arrays":
      return `[${[...elements, ...rest].map(shapeOf).join(", ")}]`;
    case "Declaration":
      return "id";
    case "TemplateLiteral":
      return "string";
    default:
      return _tag.toLowerCase();
  }
}
