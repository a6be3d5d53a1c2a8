/** Values as strings: `$string`, and the operands of `&`. */
import { fail } from "../failure.ts";
import type { Run } from "../limits.ts";
import { Callable, isArray, isNumeric, type Value, type ValueObject } from "./values.ts";

/** The string that a value casts to: itself, "" for a function, JSON for the rest, with 15 digits of a number. */
export function stringOf(value: Value, run: Run, indent = ""): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw fail("D3001", { value });
    return numberText(value);
  }
  if (value === undefined || value instanceof Callable) return "";
  if (value === null || typeof value === "boolean") return String(value);
  const writer = new JsonWriter(run, indent);
  writer.write(value, 0);
  return writer.finish();
}

/** Joins two strings, within the bounds. */
export function concatenate(left: string, right: string, run: Run): string {
  const length = left.length + right.length;
  if (length > run.limits.stringCharactersMax) throw fail("D2016", { value: run.limits.stringCharactersMax });
  // The host keeps both halves as they are: what is built here is small, however long the result.
  run.allocate(32);
  return left + right;
}

function numberText(value: number): string {
  return Number.isInteger(value) ? String(value === 0 ? 0 : value) : String(Number(value.toPrecision(15)));
}

class JsonWriter {
  readonly #run: Run;
  readonly #indent: string;
  #text = "";
  #charged = 0;

  constructor(run: Run, indent: string) {
    this.#run = run;
    this.#indent = indent;
  }

  write(value: Value, depth: number): void {
    this.#run.charge(1);
    if (this.#text.length - this.#charged > 4_096) this.#settle();
    switch (typeof value) {
      case "string":
        this.#text += this.#quoted(value);
        return;
      case "number":
        this.#text += isNumeric(value) ? numberText(value) : "null";
        return;
      case "boolean":
        this.#text += String(value);
        return;
    }
    if (value === null || value === undefined) this.#text += "null";
    else if (value instanceof Callable) this.#text += '""';
    else if (isArray(value)) this.#array(value, depth);
    else this.#object(value, depth);
  }

  finish(): string {
    this.#settle();
    return this.#text;
  }

  /** Checks and counts what was written since the last time. */
  #settle(): void {
    const limit = this.#run.limits.stringCharactersMax;
    if (this.#text.length > limit) throw fail("D2016", { value: limit });
    this.#run.chargeText(this.#text.length - this.#charged);
    this.#run.allocate(this.#text.length - this.#charged);
    this.#charged = this.#text.length;
  }

  #quoted(text: string): string {
    this.#run.chargeText(text.length);
    const quoted = JSON.stringify(text);
    if (quoted.length > 4_096) this.#settle();
    return quoted;
  }

  #array(values: readonly Value[], depth: number): void {
    this.#run.descend(depth);
    if (values.length === 0) {
      this.#text += "[]";
      return;
    }
    this.#text += "[";
    for (let index = 0; index < values.length; index++) {
      if (index > 0) this.#text += ",";
      this.#line(depth + 1);
      this.write(values[index], depth + 1);
    }
    this.#line(depth);
    this.#text += "]";
  }

  #object(object: ValueObject, depth: number): void {
    this.#run.descend(depth);
    let isEmpty = true;
    this.#text += "{";
    for (const key of Object.keys(object)) {
      const value = object[key];
      if (value === undefined) continue;
      if (!isEmpty) this.#text += ",";
      isEmpty = false;
      this.#line(depth + 1);
      this.#text += this.#quoted(key) + (this.#indent === "" ? ":" : ": ");
      this.write(value, depth + 1);
    }
    if (!isEmpty) this.#line(depth);
    this.#text += "}";
  }

  #line(depth: number): void {
    if (this.#indent !== "") this.#text += "\n" + this.#indent.repeat(depth);
  }
}

const highSurrogate = /[\ud800-\udbff]/;

/** Characters as people count them: code points. */
export function codePointLength(text: string): number {
  if (!highSurrogate.test(text)) return text.length;
  let length = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(index + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      length--;
      index++;
    }
  }
  return length;
}

/** The unit offset of the code point number `count`; the text's length when there are fewer. */
export function codePointOffset(text: string, count: number): number {
  if (!highSurrogate.test(text)) return Math.min(count, text.length);
  let offset = 0;
  for (let passed = 0; passed < count && offset < text.length; passed++) {
    const unit = text.charCodeAt(offset);
    const next = offset + 1 < text.length ? text.charCodeAt(offset + 1) : 0;
    offset += unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff ? 2 : 1;
  }
  return offset;
}
