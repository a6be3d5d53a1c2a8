/** The document of the language's fields: a table for each object of a definition, as the rows in `src/language/definition/table/` say. */
import { operatorShape } from "../../src/language/definition/table/choice_operators.ts";
import { ruleShape } from "../../src/language/definition/table/choice_rule.ts";
import { distributedMapShapes } from "../../src/language/definition/table/distributed_map.ts";
import { type Field, isIn, queryLanguages, type Shape } from "../../src/language/definition/table/field.ts";
import { containerShapes, machineShape } from "../../src/language/definition/table/machines.ts";
import { catcherShape, retrierShape } from "../../src/language/definition/table/retry_catch.ts";
import { type StateType, stateTypes } from "../../src/language/definition/table/state_types.ts";
import { commonShape, stateShapes } from "../../src/language/definition/table/states.ts";

const INTRODUCTION = `# The language, field by field

<!-- Made by \`npm run docs\` from the rows in \`src/language/definition/table/\`: change those, not this. -->

Every field of the Amazon States Language: where it may stand, what stands in it, and what holds where it is absent. Validation, the parser
and the schema that editors use ([\`weft schema\`](cli.md#schema)) are made of the same rows.

- **Query language**: *both*, or the one whose states have the field. In JSONata an *expression* is a text \`"{% … %}"\`.
- **Path form**: in JSONPath states the value may come from the input, by a field of the same name with \`Path\` behind it, which then stands
  in its place.
- A *path* begins with \`$\` (the input), \`$$\` (the context object) or \`$name\` (a variable). A *reference path* leads to one node. A *payload
  template* is JSON in which a field \`name.$\` has its value from a path or an
  [intrinsic function](https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html).
`;

/** The text of `docs/language.md`. */
export function languageDocument(): string {
  return [
    INTRODUCTION,
    chapter(machineShape),
    chapter(commonShape, { hasTypes: true }),
    ...stateTypes.map((type) => chapter(stateShapes[type], { type })),
    chapter(ruleShape),
    chapter(operatorShape),
    chapter(retrierShape),
    chapter(catcherShape),
    ...containerShapes.map((shape) => chapter(shape)),
    ...distributedMapShapes.map((shape) => chapter(shape)),
  ].join("\n");
}

interface ChapterOptions {
  /** A column of the state types that have the field. */
  readonly hasTypes?: boolean;
  /** A state type, whose fields of {@link commonShape} are named. */
  readonly type?: StateType;
}

function chapter(shape: Shape, { hasTypes = false, type }: ChapterOptions = {}): string {
  const rows = Object.entries(shape.fields);
  const rules = (shape.rules ?? []).map(({ words, types }) =>
    `- ${words}${types === undefined ? "" : `: ${typesIn(types)}`}`
  );
  return [
    `## ${shape.name}`,
    `${shape.about} [AWS](${shape.page})`,
    ...(type === undefined ? [] : [commonFieldsOf(type)]),
    ...(rows.length === 0 ? [] : [tableOf(rows, shape, hasTypes)]),
    ...(rules.length === 0 ? [] : [`What must hold:\n\n${rules.join("\n")}`]),
    ...(shape.isOpen === true ? ["Other fields may be there as well."] : []),
  ].join("\n\n") + "\n";
}

function tableOf(rows: readonly (readonly [string, Field<unknown>])[], shape: Shape, hasTypes: boolean): string {
  const header = [
    "field",
    ...(hasTypes ? ["state types"] : []),
    "query language",
    "required",
    "value",
    "path form",
    "absent",
    "what for",
  ];
  const lines = rows.map(([name, row]) => [
    `\`${name}\``,
    ...(hasTypes ? [typesIn(row.types ?? stateTypes)] : []),
    row.only ?? "both",
    row.presence === "required" || name === "Type" ? "yes" : "",
    valueOf(row),
    row.path === undefined ? "" : `\`${name}Path\`: ${row.path.words("JSONPath")}`,
    absenceOf(row),
    `${row.about} [AWS](${row.page ?? shape.page})`,
  ]);
  return [header, header.map(() => "---"), ...lines].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function valueOf(row: Field<unknown>): string {
  const words = queryLanguages.filter((language) => isIn(language, row)).map((language) =>
    [language, row.kind.words(language)] as const
  );
  const [first, second] = words;
  if (first === undefined) return "";
  if (second === undefined || first[1] === second[1]) return first[1];
  return second[1].startsWith(first[1])
    ? `${first[1]}${second[1].slice(first[1].length)} (${second[0]})`
    : words.map(([language, text]) => `${language}: ${text}`).join("; ");
}

function absenceOf({ otherwise, absent }: Field<unknown>): string {
  if (absent !== undefined) return absent;
  if (Array.isArray(otherwise)) return "none";
  return otherwise === undefined ? "" : `\`${String(otherwise)}\``;
}

function typesIn(types: readonly StateType[]): string {
  if (types.length === stateTypes.length) return "all";
  const missing = stateTypes.filter((type) => !types.includes(type));
  return missing.length <= 2 ? `all but ${missing.join(", ")}` : types.join(", ");
}

function commonFieldsOf(type: StateType): string {
  const rows = Object.entries<Field<unknown>>(commonShape.fields).filter(([, { types }]) =>
    types?.includes(type) !== false
  );
  const named = (only: Field<unknown>["only"]) =>
    rows.filter(([, row]) => row.only === only).map(([name]) => `\`${name}\``).join(", ");
  const parts = [
    `[Of all states](#any-state) it has ${named(undefined)}`,
    ...queryLanguages.flatMap((language) => named(language) === "" ? [] : [`in ${language} ${named(language)}`]),
  ];
  return `${parts.join("; ")}.`;
}
