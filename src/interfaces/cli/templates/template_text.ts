/** CloudFormation's templates as text: JSON, or YAML with its short forms `!Sub`, `!Ref`, `!GetAtt` … */
import { parseDocument, type Tags } from "yaml";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../../values/mod.ts";
import { usageFailure } from "../output/failure.ts";

const FUNCTIONS = [
  "Sub",
  "Join",
  "Select",
  "Split",
  "If",
  "Equals",
  "And",
  "Or",
  "Not",
  "FindInMap",
  "ImportValue",
  "Base64",
];
const ALIASES_MAX = 100;

/** Short forms as the long ones: `!Sub x` is `{"Fn::Sub": "x"}`. */
const shortForms: Tags = [
  ...FUNCTIONS.flatMap((name) => tagged(`!${name}`, (value) => ({ [`Fn::${name}`]: value }))),
  ...tagged("!Ref", (value) => ({ Ref: value })),
  ...tagged("!Condition", (value) => ({ Condition: value })),
  ...tagged("!GetAtt", (value) => ({ "Fn::GetAtt": typeof value === "string" ? parts(value) : value })),
];

function tagged(tag: string, longForm: (value: unknown) => unknown): Tags {
  const ofCollection = (node: { toJSON(): unknown }) => longForm(node.toJSON());
  return [
    { tag, resolve: (text: string) => longForm(text) },
    { tag, collection: "seq", resolve: ofCollection },
    { tag, collection: "map", resolve: ofCollection },
  ];
}

function parts(text: string): readonly string[] {
  const at = text.indexOf(".");
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** YAML as JSON. @throws {CliFailure} no YAML, or too many aliases: it names `source` and the line */
export function yamlValue(text: string, source: string): Json {
  const document = parseDocument(text, { customTags: shortForms, prettyErrors: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw usageFailure(`${source} is no YAML: ${fault.message.split("\n")[0] ?? ""}`);
  try {
    return parseJson(JSON.stringify(document.toJS({ maxAliasCount: ALIASES_MAX }) ?? null));
  } catch (failure) {
    throw usageFailure(`${source} cannot be read: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
}

/** A template or definition, whichever language it is in. @throws {CliFailure} neither JSON nor YAML */
export function objectOf(text: string, source: string): JsonObject {
  // JSON is YAML too, but for its own reader there is less to go wrong.
  const value = text.trimStart().startsWith("{") ? jsonOr(text, source) : yamlValue(text, source);
  if (!isJsonObject(value)) throw usageFailure(`Expected ${source} to be an object`);
  return value;
}

function jsonOr(text: string, source: string): Json {
  try {
    return parseJson(text);
  } catch {
    return yamlValue(text, source);
  }
}
