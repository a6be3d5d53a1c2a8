/** Fields that are a number in the definition, an expression of JSONata, or a path in a field `…Path`. */
import { compilePathField } from "../paths/compile_path.ts";
import type { Compiled } from "../types.ts";
import type { StateReading } from "./state_reading.ts";

/** A number (an integer unless said otherwise) within [min, max], or in JSONata states an expression for a number. */
export function numberOrExpression(
  reading: StateReading,
  name: string,
  min: number,
  max: number,
  kind: "integer" | "number" = "integer",
): number | Compiled | undefined {
  const { fields, language } = reading;
  const source = fields.value(name);
  if (language === "JSONata" && typeof source === "string") return reading.expression(source, "number", name);
  return fields[kind](name, min, max);
}

/** The path of a field `…Path` of a JSONPath state. `noun` is what AWS calls it when it finds nothing. */
export function pathVariant(
  { fields, language }: StateReading,
  name: string,
  noun: "parameter" | "field",
): Compiled | undefined {
  const source = fields.value(name);
  if (source === undefined || language === "JSONata") return undefined;
  return compilePathField(source, fields.at(name), fields.findings, {
    reference: "input",
    missing: (path) => `The ${name} ${noun} does not reference an input value: ${path.text}`,
  });
}
