/** `Map`: its item processor, items and settings. */
import { Result } from "effect";
import { compilePathField } from "../paths/compile_path.ts";
import { compileJsonataField, isJsonataExpression } from "../templates/jsonata_template.ts";
import type { Compiled, MapState, SubMachine } from "../types.ts";
import { numberOrExpression, pathVariant } from "./dynamic_fields.ts";
import { type Fields, present } from "./fields.ts";
import { readCatchers, readRetriers } from "./retry_catch.ts";
import type { StateReading } from "./state_reading.ts";

const noStates: SubMachine = { StartAt: "", States: new Map() };
/** Largest concurrency and count of failures, as AWS has them. */
const COUNT_MAX = 2_147_483_647;

/** The fields of a Map state. */
export function readMap(reading: StateReading): Omit<MapState, "name" | "Type" | "QueryLanguage"> {
  const { fields } = reading;
  for (const name of ["MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"]) {
    fields.atMostOne(name, `${name}Path`);
  }
  fields.atMostOne("ItemSelector", "Parameters");
  const processor = readProcessor(reading);
  return {
    ...readMode(fields, processor),
    ItemProcessor: processor === undefined ? noStates : reading.subMachine(processor),
    ...present("Label", readLabel(fields)),
    ...present("ItemsPath", pathAt(fields, "ItemsPath")),
    ...present("Items", readItems(reading)),
    ...present("ItemSelector", reading.templateAt("ItemSelector")),
    MaxConcurrency: numberOrExpression(reading, "MaxConcurrency", 0, COUNT_MAX) ??
      pathVariant(reading, "MaxConcurrencyPath", "field") ?? 0,
    ...present("ToleratedFailureCount", readTolerance(reading, "ToleratedFailureCount", COUNT_MAX)),
    ...present("ToleratedFailurePercentage", readTolerance(reading, "ToleratedFailurePercentage", 100)),
    ...present("ItemReader", fields.objectAt("ItemReader") && reading.templateAt("ItemReader")),
    ...present("ItemBatcher", fields.objectAt("ItemBatcher") && reading.templateAt("ItemBatcher")),
    ...present("ResultWriter", fields.objectAt("ResultWriter") && reading.templateAt("ResultWriter")),
    Retry: readRetriers(reading),
    Catch: readCatchers(reading),
  };
}

function readProcessor({ fields }: StateReading): Fields | undefined {
  if (fields.has("ItemProcessor") && fields.has("Iterator")) {
    fields.findings.schema(fields.location, "Only one of these fields is allowed: [ItemProcessor, Iterator]");
  }
  const processor = fields.objectAt("ItemProcessor") ?? fields.objectAt("Iterator");
  if (!fields.has("ItemProcessor") && !fields.has("Iterator")) fields.require("ItemProcessor");
  return processor;
}

function readMode(fields: Fields, processor: Fields | undefined): Pick<MapState, "mode" | "executionType"> {
  const config = processor?.objectAt("ProcessorConfig");
  const mode = config?.string("Mode") ?? "INLINE";
  if (config !== undefined && mode !== "INLINE" && mode !== "DISTRIBUTED") {
    fields.findings.schema(
      config.at("Mode"),
      "The field 'Mode' should have one of these values: [INLINE, DISTRIBUTED]",
    );
  }
  const executionType = config?.string("ExecutionType");
  if (
    config !== undefined && executionType !== undefined && executionType !== "STANDARD" && executionType !== "EXPRESS"
  ) {
    fields.findings.schema(
      config.at("ExecutionType"),
      "The field 'ExecutionType' should have one of these values: [STANDARD, EXPRESS]",
    );
  }
  if (config !== undefined && mode === "DISTRIBUTED") config.require("ExecutionType");
  return {
    mode: mode === "DISTRIBUTED" ? "DISTRIBUTED" : "INLINE",
    ...present(
      "executionType",
      executionType === "EXPRESS" || executionType === "STANDARD" ? executionType : undefined,
    ),
  };
}

function readLabel(fields: Fields): string | undefined {
  const label = fields.string("Label");
  if (label !== undefined && !/^[^\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]{1,40}$/u.test(label)) {
    fields.findings.add({
      severity: "ERROR",
      code: "INVALID_LABEL_NAME",
      message: `Invalid Label: ${label.slice(0, 100)}`,
      location: fields.at("Label"),
    });
  }
  return label;
}

function pathAt(fields: Fields, name: string): Compiled | undefined {
  const source = fields.value(name);
  return source === undefined ? undefined : compilePathField(source, fields.at(name), fields.findings);
}

/** JSONata `Items`: an array or object as it stands, or an expression for one. */
function readItems(reading: StateReading): Compiled | undefined {
  const { fields, language } = reading;
  const source = fields.value("Items");
  if (source === undefined || language === "JSONPath") return undefined;
  if (isJsonataExpression(source)) {
    return compileJsonataField(source, "array", "Items", fields.at("Items"), fields.findings);
  }
  if (source !== null && typeof source === "object") return reading.templateAt("Items");
  fields.findings.schema(fields.at("Items"), "Expected value of type Array");
  return { source, evaluate: () => Result.succeed([]) };
}

function readTolerance(reading: StateReading, name: string, max: number): number | Compiled | undefined {
  return numberOrExpression(reading, name, 0, max) ?? pathVariant(reading, `${name}Path`, "field");
}
