/**
 * `ItemReader`, `ItemBatcher` and `ResultWriter` of a distributed Map.
 *
 * They are templates whose numbers may also come from a path, in a field `…Path`. Such a path becomes a field `….$` of the
 * template, so that the evaluated object has the number under its own name.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
import { isJsonObject, type Json, type JsonObject, parseResource } from "../../values/mod.ts";
import { compilePathField } from "../paths/compile_path.ts";
import type { Compiled } from "../types.ts";
import type { Fields } from "./fields.ts";
import { wrongLanguage } from "./state_fields.ts";
import type { StateReading } from "./state_reading.ts";

/** Most items that a reader reads, as AWS has it. */
const ITEMS_MAX = 100_000_000;
const BATCH_BYTES_MAX = 262_144;

/** `ItemReader`: `Resource`, `Parameters` or `Arguments`, `ReaderConfig`. */
export function readItemReader(reading: StateReading): Compiled | undefined {
  const fields = reading.fields.objectAt("ItemReader");
  if (fields === undefined) return undefined;
  fields.require("Resource");
  checkResource(fields, ["s3:getObject", "s3:listObjectsV2"]);
  refuseOtherLanguage(reading, fields);
  const config = fields.objectAt("ReaderConfig");
  if (config === undefined) return reading.templateAt("ItemReader");
  checkReaderConfig(config);
  const numbers = readNumbers(reading, config, { MaxItems: ITEMS_MAX });
  return template(reading, "ItemReader", { ...fields.object, ReaderConfig: numbers });
}

/** A resource of AWS must be one of `calls`; others are the engine's own. */
function checkResource(fields: Fields, calls: readonly string[]): void {
  const resource = fields.string("Resource");
  if (resource === undefined || !resource.startsWith("arn:")) return;
  const parsed = parseResource(resource);
  if (parsed.kind !== "Service" || parsed.pattern !== "Request" || !calls.includes(parsed.call)) {
    fields.findings.schema(
      fields.at("Resource"),
      "The field 'Resource' does not match any of the allowed values",
    );
  }
}

/** `Parameters` are of JSONPath, `Arguments` of JSONata. */
function refuseOtherLanguage({ language }: StateReading, fields: Fields): void {
  const other = language === "JSONPath" ? "Arguments" : "Parameters";
  if (fields.has(other)) fields.findings.schema(fields.location, wrongLanguage(language, other));
}

function checkReaderConfig(config: Fields): void {
  const input = config.oneOf("InputType", ["CSV", "JSON", "MANIFEST", "JSONL", "PARQUET"]);
  config.oneOf("CSVDelimiter", ["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]);
  const headers = config.oneOf("CSVHeaderLocation", ["FIRST_ROW", "GIVEN"]);
  if (input === "CSV" && !config.has("CSVHeaderLocation")) {
    config.findings.schema(config.location, "The field 'CSVHeaderLocation' is required");
  }
  if (input === "JSON") config.only((field) => field !== "CSVHeaderLocation");
  if (headers === "GIVEN") config.require("CSVHeaders");
  config.array("CSVHeaders");
}

/** `ItemBatcher`: `BatchInput` and the sizes of a batch. */
export function readItemBatcher(reading: StateReading): Compiled | undefined {
  const fields = reading.fields.objectAt("ItemBatcher");
  if (fields === undefined) return undefined;
  const sizes = { MaxItemsPerBatch: ITEMS_MAX, MaxInputBytesPerBatch: BATCH_BYTES_MAX };
  return template(reading, "ItemBatcher", readNumbers(reading, fields, sizes));
}

/** `ResultWriter`: `Resource` with `Parameters` or `Arguments`, `WriterConfig`, or all of them. */
export function readResultWriter(reading: StateReading): Compiled | undefined {
  const fields = reading.fields.objectAt("ResultWriter");
  if (fields === undefined) return undefined;
  refuseOtherLanguage(reading, fields);
  checkResource(fields, ["s3:putObject"]);
  const parameters = reading.language === "JSONPath" ? "Parameters" : "Arguments";
  if (!fields.has("WriterConfig")) fields.require("Resource", parameters);
  else if (fields.has("Resource")) fields.require(parameters);
  const config = fields.objectAt("WriterConfig");
  config?.require("Transformation", "OutputType");
  config?.oneOf("OutputType", ["JSON", "JSONL"]);
  config?.oneOf("Transformation", ["NONE", "COMPACT", "FLATTEN"]);
  return reading.templateAt("ResultWriter");
}

/** The object with each `…Path` turned into a template's field, once number and path are checked. */
function readNumbers(reading: StateReading, fields: Fields, maxima: Readonly<Record<string, number>>): JsonObject {
  const { language } = reading;
  const object: Record<string, Json> = { ...fields.object };
  for (const [name, max] of Object.entries(maxima)) {
    fields.atMostOne(name, `${name}Path`);
    const number = fields.value(name);
    if (language === "JSONPath" || typeof number !== "string") fields.integer(name, 0, max);
    const path = fields.value(`${name}Path`);
    if (path === undefined) continue;
    delete object[`${name}Path`];
    if (language === "JSONata") {
      fields.findings.schema(fields.location, wrongLanguage("JSONata", `${name}Path`));
    } else {
      compilePathField(path, fields.at(`${name}Path`), fields.findings, { reference: "input" });
      if (number === undefined) object[`${name}.$`] = path;
    }
  }
  return object;
}

function template(reading: StateReading, name: string, object: JsonObject): Compiled {
  const { evaluate } = reading.template(object, name, reading.fields.at(name));
  const source = reading.fields.value(name);
  return { source: isJsonObject(source) ? source : object, evaluate };
}
