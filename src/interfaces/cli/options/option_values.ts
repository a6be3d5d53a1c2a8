/** What an option's text stands for, or a failure that says what was expected. */
import { InvalidArgumentError } from "commander";
import { isSegment, type Space } from "../../../values/mod.ts";
import { usageFailure } from "../output/failure.ts";

/** The text, unless it is empty. */
export function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

/** A tenant, namespace, account or region: 1 to 64 of `[A-Za-z0-9_-]`. @throws {CliFailure} it is none */
export function segment(option: string, text: string): string {
  if (isSegment(text)) return text;
  throw usageFailure(`Expected ${option} to be 1 to 64 of A-Z a-z 0-9 _ -, but it is "${text}"`);
}

/** The whole id from `e…/…` as tables show it, or as it is. */
export function fullExecutionId(space: Space, id: string): string {
  return /^e[0-9a-f]{7}\/[0-9a-f]{16}$/.test(id) ? `/${space.tenant}/${space.namespace}/${id}` : id;
}

/** An option's value as a whole number of a range. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** An option's value as a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

/** An option's value as a moment: ISO 8601 with zone. */
export function isoTime(text: string): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) {
    return text;
  }
  throw new InvalidArgumentError("Expected a time with its zone, such as 2026-01-31T10:00:00Z.");
}
