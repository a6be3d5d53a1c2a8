/** Reading the fields of one object of a definition, with a finding for each that is not as it must be. */
import { isJsonObject, type Json, type JsonObject, ownValue } from "../../values/mod.ts";
import type { Findings } from "./findings.ts";

/** One object of a definition and where it stands. */
export class Fields {
  readonly object: JsonObject;
  /** JSON pointer, `""` for the whole definition. */
  readonly location: string;
  readonly findings: Findings;

  constructor(object: JsonObject, location: string, findings: Findings) {
    this.object = object;
    this.location = location;
    this.findings = findings;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.object, name);
  }

  value(name: string): Json | undefined {
    return ownValue(this.object, name);
  }

  /** Where a field stands. */
  at(name: string): string {
    return `${this.location}/${name}`;
  }

  /** One finding for all that are missing, as AWS reports them. */
  require(...names: readonly string[]): boolean {
    const missing = names.filter((name) => !this.has(name));
    if (missing.length > 0) this.findings.schema(this.location, `These fields are required: [${missing.join(", ")}]`);
    return missing.length === 0;
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "string") return value;
    return this.#expected(name, "[STRING]");
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") return value;
    return this.#expected(name, "[BOOLEAN]");
  }

  array(name: string): readonly Json[] | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.#expected(name, "[ARRAY]");
    return value;
  }

  objectAt(name: string): Fields | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!isJsonObject(value)) return this.#expected(name, "[OBJECT]");
    return new Fields(value, this.at(name), this.findings);
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isInteger(value)) return this.#expected(name, "Integer");
    return this.#within(name, value, min, max, String);
  }

  /** A number with a fraction allowed; AWS writes its bounds as `1.0`. */
  number(name: string, min: number, max: number): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number") return this.#expected(name, "[NUMBER]");
    return this.#within(name, value, min, max, (bound) => bound.toFixed(1));
  }

  /** One of `values`, `undefined` where the field is absent or has another value. */
  oneOf<const Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const text = this.string(name);
    const value = values.find((known) => known === text);
    if (text !== undefined && value === undefined) {
      this.findings.schema(this.at(name), `Value should be one of the following: [${values.join(", ")}]`);
    }
    return value;
  }

  /** A finding when more than one of `names` is there. */
  atMostOne(...names: readonly string[]): void {
    const given = names.filter((name) => this.has(name));
    if (given.length > 1) {
      this.findings.schema(this.location, `There should only be one of the following fields: [${given.join(", ")}]`);
    }
  }

  /** A finding when none or more than one of `names` is there. */
  exactlyOne(...names: readonly string[]): void {
    const count = names.filter((name) => this.has(name)).length;
    const list = `[${names.join(", ")}]`;
    if (count === 0) {
      this.findings.schema(this.location, `This object should have only one of the following fields: ${list}`);
    }
    if (count > 1) this.findings.schema(this.location, `There should only be one of the following fields: ${list}`);
  }

  /** A finding for each field that `allows` does not know. */
  only(allows: (name: string) => boolean): void {
    for (const name of Object.keys(this.object)) {
      if (!allows(name)) this.findings.schema(this.location, `Field '${name}' is not supported`);
    }
  }

  #expected(name: string, type: string): undefined {
    this.findings.schema(this.at(name), `Expected value of type ${type}`);
    return undefined;
  }

  #within(name: string, value: number, min: number, max: number, shown: (bound: number) => string): number | undefined {
    if (value >= min && value <= max) return value;
    this.findings.schema(
      this.at(name),
      value < min ? `Minimum value is ${shown(min)}` : `Maximum value is ${shown(max)}`,
    );
    return undefined;
  }
}
