/** The operators of tests in JSONPath rules, as rows: made from what `choice/comparisons.ts` compares. */
import { comparisons, type OperandType, typeTests } from "../../choice/comparisons.ts";
import { operators } from "../../choice/compile_choice_rule.ts";
import { field, type Kind, type Shape } from "./field.ts";
import { pages } from "./pages.ts";

/** A kind of which the compiled condition is made: the rule is read as a whole. */
export function partOfCondition(words: string, schema: Kind<undefined>["schema"]): Kind<undefined> {
  return { read: () => undefined, words: () => words, schema };
}

/** A path that a test reads. */
export const testedPath = partOfCondition("path", () => ({ type: "string", pattern: "^\\$" }));

const operandKinds: Readonly<Record<OperandType, Kind<undefined>>> = {
  string: partOfCondition("text", () => ({ type: "string" })),
  number: partOfCondition("number", () => ({ type: "number" })),
  boolean: partOfCondition("`true` or `false`", () => ({ type: "boolean" })),
  timestamp: partOfCondition("time as RFC 3339 has it", () => ({ type: "string" })),
};

const orderWords: readonly (readonly [RegExp, string])[] = [
  [/GreaterThanEquals$/, "is not less than"],
  [/LessThanEquals$/, "is not greater than"],
  [/GreaterThan$/, "is greater than"],
  [/LessThan$/, "is less than"],
  [/Equals$/, "is"],
];

const typeWords: Readonly<Record<string, string>> = {
  IsNull: "`null`",
  IsString: "a text",
  IsNumeric: "a number",
  IsBoolean: "`true` or `false`",
  IsTimestamp: "a time as RFC 3339 has it",
};

/** The operators of tests, by what `choice/comparisons.ts` compares. */
export const operatorShape: Shape = {
  name: "Choice operator",
  about:
    "Beside `Variable` stands exactly one of these. A value of another type than the operator's makes the test false.",
  page: pages.choice,
  fields: Object.fromEntries(
    [...operators].sort().map((name) => [name, field(operandOf(name), aboutOperator(name), { only: "JSONPath" })]),
  ),
};

function operandOf(name: string): Kind<undefined> {
  if (name === "StringMatches") return operandKinds.string;
  const comparison = comparisons.get(name);
  if (comparison !== undefined) return operandKinds[comparison.operand];
  return name.endsWith("Path") ? testedPath : operandKinds.boolean;
}

function aboutOperator(name: string): string {
  if (name === "IsPresent") return "Whether there is a value at all.";
  if (name === "StringMatches") return "The value matches the pattern: `*` stands for any text, `\\\\*` for a `*`.";
  if (typeTests.has(name)) return `Whether the value is ${typeWords[name] ?? name}.`;
  const operator = name.replace(/Path$/, "");
  const [, words = "is"] = orderWords.find(([pattern]) => pattern.test(operator)) ?? [];
  return `The value ${words} ${name.endsWith("Path") ? "the one that this path leads to" : "this one"}.`;
}
