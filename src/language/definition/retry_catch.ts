/** `Retry` and `Catch` of Task, Parallel and Map. */
import { isJsonObject, type Json } from "../../values/mod.ts";
import { compileResultPath } from "../paths/compile_path.ts";
import type { Catcher, Retrier } from "../types.ts";
import { Fields, present } from "./fields.ts";
import type { StateReading } from "./state_reading.ts";

/** Largest numbers that a retrier may have, as AWS has them. */
export const retrierLimits = {
  maxAttempts: 99_999_999,
  intervalSeconds: 99_999_999,
  maxDelaySeconds: 31_622_400,
  backoffRate: 1_000_000,
};

const retrierFields = new Set([
  "ErrorEquals",
  "IntervalSeconds",
  "MaxAttempts",
  "BackoffRate",
  "MaxDelaySeconds",
  "JitterStrategy",
  "Comment",
]);

/** The retriers in order, defaults filled in. */
export function readRetriers(reading: StateReading): readonly Retrier[] {
  return readEach(reading, "Retry", (fields, isLast) => {
    fields.only((field) => retrierFields.has(field));
    const ErrorEquals = readErrorEquals(fields, isLast);
    const IntervalSeconds = fields.integer("IntervalSeconds", 0, retrierLimits.intervalSeconds) ?? 1;
    const MaxDelaySeconds = fields.integer("MaxDelaySeconds", 1, retrierLimits.maxDelaySeconds);
    if (MaxDelaySeconds !== undefined && MaxDelaySeconds < IntervalSeconds) {
      fields.findings.schema(fields.location, "MaxDelaySeconds must be greater than IntervalSeconds");
    }
    return {
      ErrorEquals,
      IntervalSeconds,
      MaxAttempts: fields.integer("MaxAttempts", 0, retrierLimits.maxAttempts) ?? 3,
      BackoffRate: fields.number("BackoffRate", 1, retrierLimits.backoffRate) ?? 2,
      JitterStrategy: fields.oneOf("JitterStrategy", ["NONE", "FULL"]) ?? "NONE",
      ...present("MaxDelaySeconds", MaxDelaySeconds),
    };
  });
}

/** The catchers in order. */
export function readCatchers(reading: StateReading): readonly Catcher[] {
  const isJsonPath = reading.language === "JSONPath";
  return readEach(reading, "Catch", (fields, isLast, index) => {
    const own = new Set(["ErrorEquals", "Next", "Comment", "Assign", isJsonPath ? "ResultPath" : "Output"]);
    fields.only((field) => own.has(field));
    fields.require("Next");
    const ErrorEquals = readErrorEquals(fields, isLast);
    const Next = fields.string("Next") ?? "";
    if (fields.has("Next")) reading.target(Next, fields.at("Next"));
    const resultPath = fields.value("ResultPath");
    const output = fields.value("Output");
    return {
      ErrorEquals,
      Next,
      ...present(
        "ResultPath",
        isJsonPath && resultPath !== undefined
          ? compileResultPath(resultPath, fields.at("ResultPath"), fields.findings)
          : undefined,
      ),
      ...present("Assign", reading.assign(fields, `Catch[${index}]/Assign`, { errorOutput: true })),
      ...present(
        "Output",
        !isJsonPath && output !== undefined
          ? reading.template(output, `Catch[${index}]/Output`, fields.at("Output"), { errorOutput: true })
          : undefined,
      ),
    };
  });
}

function readEach<T>(
  reading: StateReading,
  name: string,
  readOne: (fields: Fields, isLast: boolean, index: number) => T,
): readonly T[] {
  const list = reading.fields.array(name) ?? [];
  const read: T[] = [];
  list.forEach((item: Json, index) => {
    const location = `${reading.fields.at(name)}[${index}]`;
    if (isJsonObject(item)) {
      read.push(readOne(new Fields(item, location, reading.fields.findings), index === list.length - 1, index));
    } else reading.fields.findings.schema(location, "Expected value of type [OBJECT]");
  });
  return read;
}

function readErrorEquals(fields: Fields, isLast: boolean): readonly string[] {
  if (!fields.require("ErrorEquals")) return [];
  const names = fields.array("ErrorEquals");
  if (names === undefined) return [];
  const at = fields.at("ErrorEquals");
  if (names.length === 0) fields.findings.schema(at, "Value cannot be empty");
  const texts = names.filter((name) => typeof name === "string");
  if (texts.length < names.length) fields.findings.schema(at, "Expected value of type [STRING]");
  if (texts.includes("States.ALL") && (texts.length > 1 || !isLast)) {
    fields.findings.schema(at, "States.ALL must appear alone and at end of list");
  }
  return texts;
}
