/** `Map`: its item processor, items and settings. */
import { Result } from "effect";
import { compilePathField } from "../paths/compile_path.ts";
import type { Compiled, MapState, SubMachine } from "../types.ts";
import { readItemBatcher, readItemReader, readResultWriter } from "./distributed_map.ts";
import { numberOrExpression, pathVariant } from "./dynamic_fields.ts";
import { type Fields, present } from "./fields.ts";
import { readCatchers, readRetriers } from "./retry_catch.ts";
import type { StateReading } from "./state_reading.ts";

const noStates: SubMachine = { StartAt: "", States: new Map() };

/** The fields of a Map state. */
export function readMap(reading: StateReading): Omit<MapState, "name" | "Type" | "QueryLanguage"> {
  const { fields } = reading;
  for (const name of ["MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"]) {
    fields.atMostOne(name, `${name}Path`);
  }
  fields.atMostOne("ItemSelector", "Parameters");
  const processor = readProcessor(reading);
  const mode = readMode(reading, processor);
  return {
    ...mode,
    ItemProcessor: processor === undefined ? noStates : reading.subMachine(processor, {
      readsOuter: mode.mode === "INLINE",
      machineType: mode.executionType ?? reading.machineType,
    }),
    ...present("Label", readLabel(fields)),
    ...present("ItemsPath", pathAt(fields, "ItemsPath")),
    ...present("Items", readItems(reading)),
    ...present("ItemSelector", reading.templateAt("ItemSelector")),
    MaxConcurrency: numberOrExpression(reading, "MaxConcurrency", 0, Infinity) ??
      pathVariant(reading, "MaxConcurrencyPath", "field") ?? 0,
    ...present(
      "ToleratedFailureCount",
      numberOrExpression(reading, "ToleratedFailureCount", 0, Infinity) ??
        pathVariant(reading, "ToleratedFailureCountPath", "field"),
    ),
    ...present(
      "ToleratedFailurePercentage",
      numberOrExpression(reading, "ToleratedFailurePercentage", 0, 100, "number") ??
        pathVariant(reading, "ToleratedFailurePercentagePath", "field"),
    ),
    ...present("ItemReader", readItemReader(reading)),
    ...present("ItemBatcher", readItemBatcher(reading)),
    ...present("ResultWriter", readResultWriter(reading)),
    Retry: readRetriers(reading),
    Catch: readCatchers(reading),
  };
}

/** Characters of a `Label`. */
const LABEL_CHARACTERS_MAX = 40;
const labelPattern = /^[^\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]+$/u;

const processorFields = new Set(["ProcessorConfig", "StartAt", "States", "Comment"]);

function readProcessor({ fields }: StateReading): Fields | undefined {
  fields.exactlyOne("ItemProcessor", "Iterator");
  const processor = fields.objectAt("ItemProcessor") ?? fields.objectAt("Iterator");
  processor?.only((field) => processorFields.has(field));
  return processor;
}

function readMode(
  { machineType }: StateReading,
  processor: Fields | undefined,
): Pick<MapState, "mode" | "executionType"> {
  const config = processor?.objectAt("ProcessorConfig");
  const mode = config?.oneOf("Mode", ["INLINE", "DISTRIBUTED"]) ?? "INLINE";
  if (config === undefined) return { mode };
  if (mode === "DISTRIBUTED") config.require("ExecutionType");
  if (mode === "DISTRIBUTED" && machineType === "EXPRESS") {
    config.findings.schema(
      config.at("Mode"),
      "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
    );
  }
  config.only((field) => field === "Mode" || (field === "ExecutionType" && mode === "DISTRIBUTED"));
  return { mode, ...present("executionType", config.oneOf("ExecutionType", ["STANDARD", "EXPRESS"])) };
}

function readLabel(fields: Fields): string | undefined {
  const label = fields.string("Label");
  if (label === undefined) return undefined;
  const at = fields.at("Label");
  if (label.length > LABEL_CHARACTERS_MAX) {
    fields.findings.error(
      "INVALID_LABEL_NAME",
      at,
      `Invalid Label name: Label exceeds the ${LABEL_CHARACTERS_MAX}-character limit allowed by the service`,
    );
  } else if (!labelPattern.test(label)) {
    fields.findings.error("INVALID_LABEL_NAME", at, `Invalid Label name: ${label}`);
  } else if (!fields.findings.isNewLabel(label)) {
    fields.findings.error("DUPLICATE_LABEL_NAME", at, `Duplicate Label name: ${label}`);
  }
  return label;
}

function pathAt(fields: Fields, name: string): Compiled | undefined {
  const source = fields.value(name);
  return source === undefined
    ? undefined
    : compilePathField(source, fields.at(name), fields.findings, { reference: "context" });
}

/** JSONata `Items`: an array or object as it stands, or an expression for one. */
function readItems(reading: StateReading): Compiled | undefined {
  const { fields, language } = reading;
  const source = fields.value("Items");
  if (source === undefined || language === "JSONPath") return undefined;
  if (typeof source === "string") return reading.expression(source, "array", "Items");
  if (source !== null && typeof source === "object") return reading.templateAt("Items");
  fields.findings.schema(fields.at("Items"), "Expected value of type [ARRAY]");
  return { source, evaluate: () => Result.succeed([]) };
}
