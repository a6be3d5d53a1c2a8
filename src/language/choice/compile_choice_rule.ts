/** Choice rules of JSONPath states to a condition. */
import * as Result from "effect/Result";
import { isJsonObject, type Json, type JsonObject, ownValue } from "../../values/mod.ts";
import type { Findings } from "../definition/findings.ts";
import { wrongLanguage } from "../definition/languages.ts";
import { runtimeFailure } from "../failures.ts";
import { pathOf } from "../paths/compile_path.ts";
import { NESTING_MAX } from "../paths/quoted.ts";
import { parsePath } from "../paths/parse_path.ts";
import type { Path } from "../paths/path.ts";
import { PathMissing, readPath } from "../paths/read_path.ts";
import type { Evaluated, EvaluationView } from "../types.ts";
import { comparisons, isOperand, stringMatches, typeTests } from "./comparisons.ts";

/** Whether a rule holds; `States.Runtime` when a path finds nothing. */
export type Condition = (view: EvaluationView) => Evaluated<boolean>;

const [holds, fails] = [Result.succeed(true), Result.succeed(false)];
const never: Condition = () => fails;

/** What a rule is: a test of a variable, a combination of rules, or an expression of JSONata; in AWS's order. */
const selectors: readonly string[] = ["And", "Or", "Not", "Variable", "Condition"];
const innerFields = new Set(["And", "Or", "Not", "Variable", "Comment"]);
/** Fields of rules in JSONata. */
const jsonataOnly = new Set(["Condition", "Output"]);

/** All comparison operators of a test, in the order in which AWS's messages list them. */
export const operators: readonly string[] = [
  "StringEquals IsBoolean StringLessThan IsNumeric BooleanEquals StringLessThanEqualsPath NumericLessThan",
  "NumericGreaterThan NumericLessThanPath StringMatches TimestampLessThanEqualsPath NumericEquals",
  "TimestampGreaterThan StringGreaterThanEqualsPath TimestampGreaterThanEqualsPath TimestampLessThanEquals",
  "NumericLessThanEqualsPath TimestampEquals BooleanEqualsPath IsTimestamp StringLessThanEquals",
  "NumericLessThanEquals StringLessThanPath TimestampGreaterThanPath StringGreaterThan StringGreaterThanPath",
  "IsString StringEqualsPath TimestampEqualsPath TimestampLessThan StringGreaterThanEquals NumericGreaterThanPath",
  "NumericGreaterThanEquals NumericEqualsPath TimestampLessThanPath IsNull IsPresent TimestampGreaterThanEquals",
  "NumericGreaterThanEqualsPath",
].join(" ").split(" ");
const operatorSet = new Set(operators);

/**
 * Compiles the condition of a rule, nested ones included. Problems go to `findings`.
 *
 * @param isRuleField What the rule may have beside its operators
 */
export function compileRule(
  rule: Json,
  location: string,
  findings: Findings,
  isRuleField: (name: string) => boolean,
): Condition {
  return compileNested(rule, location, findings, 0, isRuleField);
}

function compileNested(
  rule: Json,
  location: string,
  findings: Findings,
  nesting: number,
  isRuleField: (name: string) => boolean = (name) => innerFields.has(name),
): Condition {
  if (!isJsonObject(rule)) {
    findings.schema(location, "Expected value of type [OBJECT]");
    return never;
  }
  if (nesting > NESTING_MAX) {
    findings.schema(location, "The rule is nested too deeply");
    return never;
  }
  refuseOtherFields(rule, location, findings, isRuleField);
  const selector = selectorOf(rule, location, findings);
  if (selector === undefined || selector === "Condition") return never;
  const operand = ownValue(rule, selector) ?? null;
  const at = `${location}/${selector}`;
  if (selector === "And" || selector === "Or") return compileCombined(selector, operand, at, findings, nesting);
  if (selector === "Not") {
    const inner = compileNested(operand, at, findings, nesting + 1);
    return (view) => negated(inner(view));
  }
  return compileTest(rule, operand, location, findings);
}

/** The one field that says what a rule is, or `undefined` with a finding when there is none or more than one. */
export function selectorOf(rule: JsonObject, location: string, findings: Findings): string | undefined {
  const given = selectors.filter((name) => Object.hasOwn(rule, name));
  if (given.length === 1) return given[0];
  findings.schema(location, `The object must have only one of the following fields, [${selectors.join(", ")}]`);
  return undefined;
}

/** True for a field of rules of JSONPath states alone. */
export function isJsonPathRuleField(field: string): boolean {
  return operatorSet.has(field) || (selectors.includes(field) && field !== "Condition");
}

function refuseOtherFields(
  rule: JsonObject,
  location: string,
  findings: Findings,
  isRuleField: (name: string) => boolean,
): void {
  for (const field of Object.keys(rule)) {
    if (isRuleField(field) || operatorSet.has(field)) continue;
    const message = jsonataOnly.has(field) ? wrongLanguage("JSONPath", field) : `Field '${field}' is not supported`;
    findings.schema(location, message);
  }
}

function negated(value: Evaluated<boolean>): Evaluated<boolean> {
  if (Result.isFailure(value)) return value;
  return value.success ? fails : holds;
}

function compileCombined(
  operator: "And" | "Or",
  operand: Json,
  location: string,
  findings: Findings,
  nesting: number,
): Condition {
  if (!Array.isArray(operand) || operand.length === 0) {
    findings.schema(location, Array.isArray(operand) ? "Value cannot be empty" : "Expected value of type [ARRAY]");
    return never;
  }
  const parts = operand.map((rule: Json, index) => compileNested(rule, `${location}[${index}]`, findings, nesting + 1));
  const decisive = operator === "Or";
  return (view) => {
    for (const part of parts) {
      const value = part(view);
      if (Result.isFailure(value) || value.success === decisive) return value;
    }
    return decisive ? fails : holds;
  };
}

function compileTest(rule: JsonObject, variable: Json, location: string, findings: Findings): Condition {
  const given = Object.keys(rule).filter((field) => operatorSet.has(field));
  const [operator] = given;
  if (operator === undefined || given.length > 1) {
    const text = operator === undefined ? "This object should have only one" : "There should only be one";
    findings.schema(location, `${text} of the following fields: [${operators.join(", ")}]`);
    return never;
  }
  const path = referencePathOf(variable, `${location}/Variable`, findings);
  const operand = ownValue(rule, operator) ?? null;
  const at = `${location}/${operator}`;
  if (operator === "IsPresent") return compileIsPresent(path, operand, at, findings);
  const test = typeTests.has(operator)
    ? compileTypeTest(operator, operand, at, findings)
    : operator.endsWith("Path")
    ? compilePathTest(operator.slice(0, -4), operand, at, findings)
    : compileLiteralTest(operator, operand, at, findings);
  if (path === undefined || test === undefined) return never;
  return (view) => {
    const value = readPath(path, view);
    if (value instanceof PathMissing) return invalidReference(path);
    view.budget.charge(typeof value === "string" ? 1 + (value.length >> 3) : 1);
    return test(value, view);
  };
}

function compileIsPresent(path: Path | undefined, operand: Json, location: string, findings: Findings): Condition {
  if (typeof operand !== "boolean") findings.schema(location, "Expected value of type [BOOLEAN]");
  if (path === undefined) return never;
  return (view) => (readPath(path, view) instanceof PathMissing) !== operand ? holds : fails;
}

/** The path of `Variable` or of an operator's `…Path`. */
function referencePathOf(source: Json, location: string, findings: Findings): Path | undefined {
  if (typeof source !== "string" || source.startsWith("$")) return pathOf(source, location, findings);
  findings.schema(location, "Value is not a Reference Path: Reference path didn't start with '$'");
  return undefined;
}

type Test = (value: Json, view: EvaluationView) => Evaluated<boolean>;

function compileTypeTest(operator: string, operand: Json, location: string, findings: Findings): Test | undefined {
  if (typeof operand !== "boolean") {
    findings.schema(location, "Expected value of type [BOOLEAN]");
    return undefined;
  }
  const test = typeTests.get(operator);
  return (value) => (test === undefined || test(value) === operand) ? holds : fails;
}

const typeNames = { string: "[STRING]", number: "[NUMBER]", boolean: "[BOOLEAN]", timestamp: "[STRING]" } as const;

function compileLiteralTest(operator: string, operand: Json, location: string, findings: Findings): Test | undefined {
  if (operator === "StringMatches") {
    const matches = typeof operand === "string" ? stringMatches(operand) : undefined;
    if (matches === undefined) {
      findings.schema(
        location,
        typeof operand === "string" ? "Invalid escape in the pattern" : "Expected value of type [STRING]",
      );
    }
    return matches && ((value) => matches(value) ? holds : fails);
  }
  const comparison = comparisons.get(operator);
  if (comparison === undefined) return undefined;
  if (!isOperand(comparison.operand, operand)) {
    const isText = comparison.operand === "timestamp" && typeof operand === "string";
    findings.schema(
      location,
      isText ? "String does not match RFC3339 timestamp" : `Expected value of type ${typeNames[comparison.operand]}`,
    );
    return undefined;
  }
  if (comparison.operand === "string" && typeof operand === "string" && looksLikePath(operand)) {
    findings.looksLikePath(operator, location);
  }
  return (value) => comparison.holds(value, operand) ? holds : fails;
}

function looksLikePath(text: string): boolean {
  return text.startsWith("$") && Result.isSuccess(parsePath(text));
}

function compilePathTest(operator: string, operand: Json, location: string, findings: Findings): Test | undefined {
  const comparison = comparisons.get(operator);
  const path = referencePathOf(operand, location, findings);
  if (comparison === undefined || path === undefined) return undefined;
  return (value, view) => {
    const other = readPath(path, view);
    if (other instanceof PathMissing) return invalidReference(path);
    return comparison.holds(value, other) ? holds : fails;
  };
}

function invalidReference(path: Path): Evaluated<never> {
  return runtimeFailure(`Invalid path '${path.text}': The choice state's condition path references an invalid value.`);
}
