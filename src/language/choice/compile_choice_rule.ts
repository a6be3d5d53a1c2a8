/** Choice rules of JSONPath states to a condition. */
import { Result } from "effect";
import { isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";
import type { Findings } from "../definition/findings.ts";
import { runtimeFailure } from "../failures.ts";
import { ownValue } from "../own.ts";
import { pathOf } from "../paths/compile_path.ts";
import { NESTING_MAX } from "../paths/parse_path.ts";
import type { Path } from "../paths/path.ts";
import { PathMissing, readPath } from "../paths/read_path.ts";
import type { Evaluated, EvaluationView } from "../types.ts";
import { comparisons, isOperand, stringMatches, typeTests } from "./comparisons.ts";

/** Whether a rule holds; `States.Runtime` when a path finds nothing. */
export type Condition = (view: EvaluationView) => Evaluated<boolean>;

const [holds, fails] = [Result.succeed(true), Result.succeed(false)];
const never: Condition = () => fails;

/** Fields of a rule that are no operators. */
const outerFields = new Set(["Next", "Assign", "Comment", "Variable", "Output", "Condition"]);
const innerFields = new Set(["Variable", "Comment"]);

/** Compiles the condition of a rule, nested ones included. Problems go to `findings`. */
export function compileRule(rule: Json, location: string, findings: Findings, nesting = 0): Condition {
  if (!isJsonObject(rule)) {
    findings.schema(location, "Expected value of type Object");
    return never;
  }
  if (nesting > NESTING_MAX) {
    findings.schema(location, "The rule is nested too deeply");
    return never;
  }
  const operators = operatorsOf(rule, location, findings, nesting);
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) {
    findings.schema(
      location,
      operator === undefined
        ? "A choice rule needs a comparison operator"
        : `A choice rule must have exactly one comparison operator, but has: [${operators.join(", ")}]`,
    );
    return never;
  }
  const operand = ownValue(rule, operator) ?? null;
  const at = `${location}/${operator}`;
  if (operator === "And" || operator === "Or") return compileCombined(operator, operand, at, findings, nesting);
  if (operator === "Not") {
    const inner = compileRule(operand, at, findings, nesting + 1);
    return (view) => negated(inner(view));
  }
  return compileTest(operator, operand, ownValue(rule, "Variable"), location, findings);
}

function operatorsOf(rule: JsonObject, location: string, findings: Findings, nesting: number): string[] {
  const operators: string[] = [];
  for (const field of Object.keys(rule)) {
    if (isOperator(field)) operators.push(field);
    else if (!(nesting === 0 ? outerFields : innerFields).has(field)) {
      findings.schema(`${location}/${field}`, "Field is not supported");
    }
  }
  return operators;
}

function isOperator(field: string): boolean {
  if (["And", "Or", "Not", "IsPresent", "StringMatches"].includes(field) || typeTests.has(field)) return true;
  return comparisons.has(field.endsWith("Path") ? field.slice(0, -4) : field);
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
    findings.schema(location, Array.isArray(operand) ? "Value cannot be empty" : "Expected value of type Array");
    return never;
  }
  const parts = operand.map((rule: Json, index) => compileRule(rule, `${location}[${index}]`, findings, nesting + 1));
  const decisive = operator === "Or";
  return (view) => {
    for (const part of parts) {
      const value = part(view);
      if (Result.isFailure(value) || value.success === decisive) return value;
    }
    return decisive ? fails : holds;
  };
}

function compileTest(
  operator: string,
  operand: Json,
  variable: Json | undefined,
  location: string,
  findings: Findings,
): Condition {
  if (variable === undefined) {
    findings.schema(location, "These fields are required: [Variable]");
    return never;
  }
  const path = pathOf(variable, `${location}/Variable`, findings);
  const at = `${location}/${operator}`;
  const test = operator === "IsPresent" || typeTests.has(operator)
    ? compileTypeTest(operator, operand, at, findings)
    : operator.endsWith("Path")
    ? compilePathTest(operator.slice(0, -4), operand, at, findings)
    : compileLiteralTest(operator, operand, at, findings);
  if (path === undefined || test === undefined) return never;
  return (view) => {
    const value = readPath(path, view);
    if (operator === "IsPresent") return (value instanceof PathMissing) !== (operand === true) ? holds : fails;
    return value instanceof PathMissing ? invalidReference(path) : test(value, view);
  };
}

type Test = (value: Json, view: EvaluationView) => Evaluated<boolean>;

function compileTypeTest(operator: string, operand: Json, location: string, findings: Findings): Test | undefined {
  if (typeof operand !== "boolean") {
    findings.schema(location, "Expected value of type Boolean");
    return undefined;
  }
  const test = typeTests.get(operator);
  return (value) => (test === undefined || test(value) === operand) ? holds : fails;
}

const typeNames = { string: "String", number: "Number", boolean: "Boolean", timestamp: "String" } as const;

function compileLiteralTest(operator: string, operand: Json, location: string, findings: Findings): Test | undefined {
  if (operator === "StringMatches") {
    const matches = typeof operand === "string" ? stringMatches(operand) : undefined;
    if (matches === undefined) {
      findings.schema(
        location,
        typeof operand === "string" ? "Invalid escape in the pattern" : "Expected value of type String",
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
  return (value) => comparison.holds(value, operand) ? holds : fails;
}

function compilePathTest(operator: string, operand: Json, location: string, findings: Findings): Test | undefined {
  const comparison = comparisons.get(operator);
  const path = pathOf(operand, location, findings);
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
