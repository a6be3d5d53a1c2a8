/** Gathers what validation finds. */
import type { Diagnostic } from "../types.ts";

/** Findings that one definition may have; AWS stops at 100 as well. */
const FINDINGS_MAX = 100;

/** The findings of one definition, in the order they were made. */
export class Findings {
  readonly list: Diagnostic[] = [];
  #errorCount = 0;

  get hasErrors(): boolean {
    return this.#errorCount > 0;
  }

  /** `SCHEMA_VALIDATION_FAILED` at a place, `""` being the whole definition. */
  schema(location: string, message: string): void {
    this.add({
      severity: "ERROR",
      code: "SCHEMA_VALIDATION_FAILED",
      message,
      location: location === "" ? "/" : location,
    });
  }

  warning(code: string, location: string, message: string): void {
    this.add({ severity: "WARNING", code, message, location });
  }

  add(diagnostic: Diagnostic): void {
    if (diagnostic.severity === "ERROR") this.#errorCount++;
    if (this.list.length < FINDINGS_MAX || (diagnostic.severity === "ERROR" && this.#errorCount === 1)) {
      this.list.push(diagnostic);
    }
  }
}
