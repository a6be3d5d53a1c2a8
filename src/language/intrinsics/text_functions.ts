/** Texts, encodings, hashes and JSON: `States.Format`, `States.StringSplit`, `States.Base64…`, `States.Hash`, `States.Json…`. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import * as Result from "effect/Result";
import { isDeeperThan, isJsonObject, type Json } from "../../values/mod.ts";
import { type Budget, refuseTooLarge } from "../budget.ts";
import { parseJsonText, redactedCause } from "../json_text.ts";
import { type IntrinsicFunction, type IntrinsicInput, Refusal } from "./intrinsic_function.ts";

/** Characters that an encoding or a hash takes, as AWS has it. */
const ENCODED_CHARACTERS_MAX = 10_000;

/** The functions that take or give texts. */
export const textFunctions: readonly IntrinsicFunction[] = [
  { name: "States.Base64Encode", argumentCountMin: 1, argumentCountMax: 1, call: base64Encode },
  { name: "States.Base64Decode", argumentCountMin: 1, argumentCountMax: 1, call: base64Decode },
  { name: "States.Hash", argumentCountMin: 2, argumentCountMax: 2, call: hash },
  { name: "States.JsonMerge", argumentCountMin: 3, argumentCountMax: 3, call: jsonMerge },
  { name: "States.StringToJson", argumentCountMin: 1, argumentCountMax: 1, call: stringToJson },
  {
    name: "States.JsonToString",
    argumentCountMin: 1,
    argumentCountMax: 1,
    wrongCount: "Invalid arguments in States.JsonToString: only a single argument is allowed.",
    call: jsonToString,
  },
  { name: "States.StringSplit", argumentCountMin: 2, argumentCountMax: 2, call: stringSplit },
  { name: "States.Format", argumentCountMin: 1, argumentCountMax: Infinity, call: format },
];

function jsonToString({ values: [value = null], budget }: IntrinsicInput): Json | Refusal {
  budget.chargeValue(value);
  refuseTooLarge(value);
  return JSON.stringify(value);
}

function base64Encode({ values: [text] }: IntrinsicInput): Json | Refusal {
  if (typeof text !== "string" || text.length > ENCODED_CHARACTERS_MAX) return new Refusal();
  return Buffer.from(text, "utf8").toString("base64");
}

/** Characters that no encoding has are passed over, and padding ends it: AWS refuses nothing. */
function base64Decode({ values: [text] }: IntrinsicInput): Json | Refusal {
  if (typeof text !== "string" || text.length > ENCODED_CHARACTERS_MAX) return new Refusal();
  const encoded = text.replace(/=.*$/s, "").replace(/[^A-Za-z0-9+/_-]/g, "");
  return Buffer.from(encoded, "base64").toString("utf8");
}

const algorithms: ReadonlyMap<Json | undefined, string> = new Map<Json | undefined, string>([
  ["MD5", "md5"],
  ["SHA-1", "sha1"],
  ["SHA-256", "sha256"],
  ["SHA-384", "sha384"],
  ["SHA-512", "sha512"],
]);

function hash({ values: [data = null, name], budget }: IntrinsicInput): Json | Refusal {
  const algorithm = algorithms.get(name);
  if (algorithm === undefined) return new Refusal();
  budget.chargeValue(data);
  refuseTooLarge(data);
  const text = typeof data === "string" ? data : JSON.stringify(data);
  if (text.length > ENCODED_CHARACTERS_MAX) return new Refusal();
  return createHash(algorithm).update(text).digest("hex");
}

function jsonMerge({ values: [left, right, deep], budget }: IntrinsicInput): Json | Refusal {
  if (!isJsonObject(left) || !isJsonObject(right) || deep === true) return new Refusal(); // AWS merges one level only
  budget.charge(Object.keys(left).length + Object.keys(right).length);
  return { ...left, ...right };
}

/** A text of blanks is `null`. */
function stringToJson({ values: [text], limits: { jsonDepthMax }, budget }: IntrinsicInput): Json | Refusal {
  if (typeof text !== "string") return new Refusal();
  budget.charge(1 + (text.length >> 2));
  if (/^\s*$/.test(text)) return null;
  try {
    const value: Json = JSON.parse(text);
    if (mayBeLarge.test(text)) JSON.parse(text, refuseInfinity);
    if (!isDeeperThan(value, jsonDepthMax)) return value;
  } catch {
    budget.charge(text.length); // it is read again, to be told of
  }
  return notConvertible(text, jsonDepthMax);
}

function notConvertible(text: string, jsonDepthMax: number): Refusal {
  const parsed = parseJsonText(text, jsonDepthMax);
  if (Result.isSuccess(parsed)) return new Refusal();
  return new Refusal(
    `Cannot convert String to Json in States.StringToJson, caused by: ${redactedCause(parsed.failure)}`,
  );
}

/** A number with a long exponent, or hundreds of digits. */
const mayBeLarge = /\d[eE]\+?\d{3}|\d{309}/;

/** A reviver that throws where a number has no value in JSON: the host reads `1e400` as infinity. */
function refuseInfinity(_key: string, value: unknown): unknown {
  if (value === Infinity || value === -Infinity) throw new RangeError("A number is out of range");
  return value;
}

/** Splits at each single character of `splitter`; empty parts are left out. */
function stringSplit({ values: [text, splitter], budget }: IntrinsicInput): Json | Refusal {
  if (typeof text !== "string" || typeof splitter !== "string") return new Refusal();
  budget.charge(1 + ((text.length + splitter.length) >> 1));
  const splitters = new Set(splitter);
  const parts: string[] = [];
  let begin = 0;
  let at = 0;
  for (const character of text) {
    if (splitters.has(character)) {
      if (begin < at) parts.push(text.slice(begin, at));
      begin = at + character.length;
    }
    at += character.length;
  }
  if (begin < at) parts.push(text.slice(begin, at));
  return parts;
}

function format({ values, rawTemplate, limits, budget }: IntrinsicInput): Json | Refusal {
  const template = rawTemplate ?? values[0];
  if (typeof template !== "string") return new Refusal();
  budget.charge(1 + (template.length >> 1));
  const holes = values.length - 1;
  let filled = 0;
  let text = "";
  for (let at = 0; at < template.length; at++) {
    const character = template.charAt(at);
    if (character === "\\" && /['{}\\]/.test(template.charAt(at + 1))) {
      text += template.charAt(++at);
    } else if (character === "{" || character === "}") {
      if (character === "}") return invalidTemplate("{", "}");
      if (template.charAt(at + 1) !== "}") return invalidTemplate("}", "{");
      at++;
      filled++;
      if (filled <= holes) text += formattedWithin(values[filled] ?? null, budget);
    } else {
      text += character;
    }
    if (text.length > limits.payloadBytesMax) return new Refusal();
  }
  if (filled === holes) return text;
  return new Refusal("Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.");
}

function invalidTemplate(missing: string, found: string): Refusal {
  return new Refusal(`Invalid template in States.Format: matching '${missing}' not found for '${found}'.`);
}

function formattedWithin(value: Json, budget: Budget): string {
  budget.chargeValue(value);
  refuseTooLarge(value);
  return formatted(value);
}

/** As Java prints a value: texts bare at any depth, `{key=value, …}`, `[item, …]`. */
function formatted(value: Json): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return `[${value.map(formatted).join(", ")}]`;
  if (!isJsonObject(value)) return String(value);
  return `{${Object.entries(value).map(([key, member]) => `${key}=${formatted(member)}`).join(", ")}}`;
}
