/** Texts, encodings, hashes and JSON: `States.Format`, `States.StringSplit`, `States.Base64…`, `States.Hash`, `States.Json…`. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { defaultLimits, isJsonObject, type Json } from "../../values/mod.ts";
import { type Budget, refuseTooLarge } from "../budget.ts";
import { isDeeperThan } from "../json_depth.ts";
import {
  type IntrinsicFunction,
  type IntrinsicInput,
  Refusal,
  RESULT_CHARACTERS_MAX,
  wrongType,
} from "./intrinsic_function.ts";

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
  if (typeof text !== "string") return wrongType(1, "a string");
  if (text.length > ENCODED_CHARACTERS_MAX) return tooLong();
  return Buffer.from(text, "utf8").toString("base64");
}

function base64Decode({ values: [text] }: IntrinsicInput): Json | Refusal {
  if (typeof text !== "string") return wrongType(1, "a string");
  if (text.length > ENCODED_CHARACTERS_MAX) return tooLong();
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, "").length % 4 === 1) {
    return new Refusal("Invalid Base64 encoded string");
  }
  return Buffer.from(text, "base64").toString("utf8");
}

function tooLong(): Refusal {
  return new Refusal(`The data cannot be longer than ${ENCODED_CHARACTERS_MAX} characters`);
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
  if (algorithm === undefined) return new Refusal("Algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512");
  budget.chargeValue(data);
  refuseTooLarge(data);
  const text = typeof data === "string" ? data : JSON.stringify(data);
  if (text.length > ENCODED_CHARACTERS_MAX) return tooLong();
  return createHash(algorithm).update(text).digest("hex");
}

function jsonMerge({ values: [left, right, deep], budget }: IntrinsicInput): Json | Refusal {
  if (!isJsonObject(left)) return wrongType(1, "a JSON object");
  if (!isJsonObject(right)) return wrongType(2, "a JSON object");
  if (deep !== false) return new Refusal("Only shallow merging is supported: the third argument must be false");
  budget.charge(Object.keys(left).length + Object.keys(right).length);
  return { ...left, ...right };
}

function stringToJson({ values: [text], budget }: IntrinsicInput): Json | Refusal {
  if (typeof text !== "string") return wrongType(1, "a string");
  budget.charge(1 + (text.length >> 2));
  try {
    const value: Json = JSON.parse(text);
    if (mayBeLarge.test(text)) JSON.parse(text, refuseInfinity);
    return isDeeperThan(value, defaultLimits.jsonDepthMax) ? new Refusal("The JSON is nested too deeply") : value;
  } catch {
    return new Refusal(`The argument is not valid JSON: ${text.slice(0, 200)}`);
  }
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
  if (typeof text !== "string") return wrongType(1, "a string");
  if (typeof splitter !== "string") return wrongType(2, "a string");
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

function format({ values, rawTemplate, budget }: IntrinsicInput): Json | Refusal {
  const template = rawTemplate ?? values[0];
  if (typeof template !== "string") return wrongType(1, "a string");
  budget.charge(1 + (template.length >> 1));
  const holes = values.length - 1;
  let filled = 0;
  let text = "";
  for (let at = 0; at < template.length; at++) {
    const character = template.charAt(at);
    if (character === "\\" && /['{}\\]/.test(template.charAt(at + 1))) {
      text += template.charAt(++at);
    } else if (character === "{" && template.charAt(at + 1) === "}") {
      at++;
      filled++;
      if (filled <= holes) text += formattedWithin(values[filled] ?? null, budget);
    } else {
      text += character;
    }
    if (text.length > RESULT_CHARACTERS_MAX) {
      return new Refusal(`The result is longer than ${RESULT_CHARACTERS_MAX} characters`);
    }
  }
  return filled === holes ? text : new Refusal(
    `number of arguments to Format intrinsic function do not match the occurrences of {} in the format string`,
  );
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
