/** Gathers what validation finds. */
import * as Result from "effect/Result";
import { compileJsonata, type JsonataExpression, type SyntaxFailure } from "../jsonata/mod.ts";
import type { Diagnostic } from "../types.ts";
import { VariableScope } from "./variable_scope.ts";
import { present } from "../../values/mod.ts";

/** Findings that one definition may have; AWS answers with at most 100 as well. */
const FINDINGS_MAX = 100;
/** Different JSONata expressions of one definition: reading them takes a second or two. */
const EXPRESSIONS_MAX = 10_000;
/** Parts of all regular expressions of one definition: some ten megabytes. */
const PATTERN_SIZE_MAX = 100_000;

type ParsedExpression = Result.Result<JsonataExpression, SyntaxFailure>;

/** The findings of one definition, in the order they were made, and the variables that it assigns and reads. */
export class Findings {
  readonly list: Diagnostic[] = [];
  /** The scope of the states that are being read. */
  variables = new VariableScope(undefined, true);
  /** The definition's JSONata expressions by text: each is parsed once. */
  readonly #expressions = new Map<string, ParsedExpression>();
  #patternSize = 0;
  readonly #labels = new Set<string>();
  #errorCount = 0;
  #schemaErrorCount = 0;

  get hasErrors(): boolean {
    return this.#errorCount > 0;
  }

  /** True once a finding says that a field is not as it must be. */
  get hasSchemaErrors(): boolean {
    return this.#schemaErrorCount > 0;
  }

  /** `SCHEMA_VALIDATION_FAILED` at a place, `""` being the whole definition. */
  schema(location: string, message: string): void {
    this.#schemaErrorCount++;
    this.error("SCHEMA_VALIDATION_FAILED", location === "" ? "/" : location, message);
  }

  /** An error; without `location` where AWS names no place. */
  error(code: string, location: string | undefined, message: string): void {
    this.#errorCount++;
    this.#add({ severity: "ERROR", code, message, ...present({ location }) });
  }

  warning(code: string, location: string, message: string): void {
    this.#add({ severity: "WARNING", code, message, location });
  }

  /** `NO_PATH`: a field that is not evaluated, though it has a variant `…Path` that is. */
  looksLikePath(field: string, location: string): void {
    this.warning("NO_PATH", location, `The value of '${field}' looks like a path. Use '${field}Path' to evaluate it.`);
  }

  /** The expression of a text, parsed the first time; a failure, too, where the definition has too many of them. */
  expression(text: string): ParsedExpression {
    const known = this.#expressions.get(text);
    if (known !== undefined) return known;
    if (this.#expressions.size >= EXPRESSIONS_MAX) {
      const message = `The definition has more than ${EXPRESSIONS_MAX} different JSONata expressions`;
      return Result.fail({ message, position: 0 });
    }
    const parsed = compileJsonata(text, PATTERN_SIZE_MAX - this.#patternSize);
    if (Result.isSuccess(parsed)) this.#patternSize += parsed.success.patternSize;
    this.#expressions.set(text, parsed);
    return parsed;
  }

  /** True the first time that a Map has this label. */
  isNewLabel(label: string): boolean {
    const isNew = !this.#labels.has(label);
    this.#labels.add(label);
    return isNew;
  }

  /** Runs `read` in a new scope of variables below the present one. */
  inScope<T>(readsOuter: boolean, read: () => T): T {
    const outer = this.variables;
    this.variables = outer.inner(readsOuter);
    try {
      return read();
    } finally {
      this.variables = outer;
    }
  }

  #add(diagnostic: Diagnostic): void {
    const isFirstError = diagnostic.severity === "ERROR" && this.#errorCount === 1;
    if (this.list.length < FINDINGS_MAX || isFirstError) this.list.push(diagnostic);
  }
}
