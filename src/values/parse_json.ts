import type { Json } from "./json.ts";

/** A number with a long exponent, or with hundreds of digits. */
const mayOverflow = /\d[eE]\+?\d{3}|\d{309}/;

/**
 * The value of a JSON text. A number out of range is refused: the host would read `1e400` as infinity, which is written as `null`,
 * so that an execution would see another value after a restart.
 *
 * @throws {SyntaxError} the text is no JSON, or has such a number
 */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  if (mayOverflow.test(text)) JSON.parse(text, refuseInfinity);
  return value;
}

function refuseInfinity(_key: string, value: unknown): unknown {
  if (value === Infinity || value === -Infinity) throw new SyntaxError("Numeric value out of range");
  return value;
}
