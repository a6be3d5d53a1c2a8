/**
 * `ItemReader`, `ItemBatcher` and `ResultWriter` of a distributed Map.
 *
 * They are templates whose numbers may also come from a path, in a field `…Path`. Such a path becomes a field `….$` of the
 * template, so that the evaluated object has the number under its own name.
 */
import { isJsonObject, type Json, type JsonObject, parseResource } from "../../../values/mod.ts";
import type { Compiled } from "../../types.ts";
import type { Fields } from "../fields.ts";
import { wrongLanguage } from "../languages.ts";
import type { StateReading } from "../state_reading.ts";
import { pathInTemplate } from "./evaluated_kinds.ts";
import { atMostOne, field, type FieldTable, isIn, type Kind, required, type Shape } from "./field.ts";
import { numberInTemplate, oneOf, texts } from "./kinds.ts";
import { pages } from "./pages.ts";
import { batchBytes, items } from "./ranges.ts";
import { readFields } from "./read_fields.ts";

/** An object that is a template, and the objects within it. */
interface TemplateShape extends Shape {
  readonly parts?: Readonly<Record<string, TemplateShape>>;
}

/** An object that is compiled with the template that it stands in. */
function partOf(shape: Shape): Kind<undefined> {
  return {
    read: ({ reading, fields, name }) => {
      const object = fields.objectAt(name);
      if (object !== undefined) readPart(shape, reading, object);
      return undefined;
    },
    words: () => `[${shape.name}](#${shape.name.toLowerCase()})`,
    schema: (scope) => scope.shape(shape),
  };
}

/** A template that is checked by the rows of a shape, and its paths turned into the template's own. */
function templateOf(shape: TemplateShape): Kind<Compiled> {
  return {
    read: ({ reading, fields, name }) => {
      const object = fields.objectAt(name);
      if (object === undefined) return undefined;
      readPart(shape, reading, object);
      const { evaluate } = reading.template(withPathsAsTemplate(shape, object.object), name, object.location);
      return { source: object.object, evaluate };
    },
    words: () => `[${shape.name}](#${shape.name.toLowerCase()})`,
    schema: (scope) => scope.shape(shape),
  };
}

function readPart(shape: Shape, reading: StateReading, object: Fields): void {
  refuseOtherLanguage(shape.fields, reading, object);
  readFields(shape, reading, object);
}

/** A finding for each field that is one of the other language. */
function refuseOtherLanguage(table: FieldTable, { language }: StateReading, fields: Fields): void {
  for (const [name, row] of Object.entries(table)) {
    const path = `${name}Path`;
    const isWrong = (given: string, isPath: boolean) => fields.has(given) && !isIn(language, row, isPath);
    if (isWrong(name, false)) fields.findings.schema(fields.location, wrongLanguage(language, name));
    if (row.path !== undefined && isWrong(path, true)) {
      fields.findings.schema(fields.location, wrongLanguage(language, path));
    }
  }
}

/** `MaxItemsPath` as `MaxItems.$`; in the objects within as well. */
function withPathsAsTemplate(shape: TemplateShape, object: JsonObject): JsonObject {
  const written: Record<string, Json> = { ...object };
  for (const [name, row] of Object.entries(shape.fields)) {
    const path = object[`${name}Path`];
    if (row.path !== undefined && path !== undefined) {
      delete written[`${name}Path`];
      if (object[name] === undefined) written[`${name}.$`] = path;
    }
  }
  for (const [name, part] of Object.entries(shape.parts ?? {})) {
    const inner = object[name];
    if (isJsonObject(inner)) written[name] = withPathsAsTemplate(part, inner);
  }
  return written;
}

/** `Resource` of a reader or writer: of AWS's one of `calls`, or one of the engine's own. */
function callOf(...calls: readonly string[]): Kind<string> {
  return {
    read: ({ fields, name }) => {
      const resource = fields.string(name);
      if (resource === undefined || !resource.startsWith("arn:")) return resource;
      const parsed = parseResource(resource);
      if (parsed.kind !== "Service" || parsed.pattern !== "Request" || !calls.includes(parsed.call)) {
        fields.findings.schema(fields.at(name), "The field 'Resource' does not match any of the allowed values");
      }
      return resource;
    },
    words: () => calls.map((call) => `\`arn:aws:states:::${call}\``).join(", "),
    schema: () => ({ type: "string", examples: calls.map((call) => `arn:aws:states:::${call}`) }),
  };
}

/** Named for readers; what it may be is left to who reads it. */
function unchecked(words: string, schema: JsonObject): Kind<undefined> {
  return { read: () => undefined, words: () => words, schema: () => schema };
}

const jsonPath = { only: "JSONPath" } as const;
const jsonata = { only: "JSONata" } as const;

const readerConfigShape: Shape = {
  name: "ReaderConfig",
  about: "What a dataset looks like, and how much of it is read.",
  page: pages.itemReader,
  isOpen: true,
  fields: {
    InputType: field(oneOf("CSV", "JSON", "MANIFEST", "JSONL", "PARQUET"), "The form of the dataset."),
    CSVDelimiter: field(
      oneOf("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
      "What stands between the fields of a row.",
      {
        absent: "`COMMA`",
      },
    ),
    CSVHeaderLocation: field(oneOf("FIRST_ROW", "GIVEN"), "Where the names of the columns are. Required for `CSV`."),
    CSVHeaders: field(texts, "The names of the columns. Required where `CSVHeaderLocation` is `GIVEN`."),
    MaxItems: field(numberInTemplate(items), "Items that are read at most.", { path: pathInTemplate }),
    ItemsPointer: field(unchecked("JSON Pointer", { type: "string" }), "Where in a JSON document the items are."),
    ManifestType: field(unchecked("`ATHENA_DATA`, `S3_INVENTORY`", { type: "string" }), "What kind of manifest it is."),
    Transformation: field(
      unchecked("`NONE`, `LOAD_AND_FLATTEN`", { type: "string" }),
      "`LOAD_AND_FLATTEN` reads the objects of a list as datasets.",
    ),
  },
  rules: [
    {
      words: "`CSVHeaderLocation` with `CSV`, not with `JSON`; `CSVHeaders` with `GIVEN`",
      before: "CSVHeaders",
      check: (config, { InputType, CSVHeaderLocation }) => {
        if (InputType === "CSV" && !config.has("CSVHeaderLocation")) {
          config.findings.schema(config.location, "The field 'CSVHeaderLocation' is required");
        }
        if (InputType === "JSON") config.only((name) => name !== "CSVHeaderLocation");
        if (CSVHeaderLocation === "GIVEN") config.require("CSVHeaders");
      },
    },
    atMostOne(["MaxItems", "MaxItemsPath"], { before: "MaxItems" }),
  ],
};

const itemReaderShape: TemplateShape = {
  name: "ItemReader",
  about: "The dataset that a distributed Map reads its items from.",
  page: pages.itemReader,
  isOpen: true,
  fields: {
    Resource: required(callOf("s3:getObject", "s3:listObjectsV2"), "The call that reads the dataset."),
    Parameters: field(unchecked("payload template", {}), "What the call is given: bucket, key.", jsonPath),
    Arguments: field(unchecked("JSON with expressions", {}), "What the call is given: bucket, key.", jsonata),
    ReaderConfig: field(partOf(readerConfigShape), readerConfigShape.about),
  },
  parts: { ReaderConfig: readerConfigShape },
};

const itemBatcherShape: Shape = {
  name: "ItemBatcher",
  about: "How many items go to one child execution.",
  page: pages.itemBatcher,
  isOpen: true,
  fields: {
    MaxItemsPerBatch: field(numberInTemplate(items), "Items of a batch at most.", { path: pathInTemplate }),
    MaxInputBytesPerBatch: field(numberInTemplate(batchBytes), "Bytes of a batch at most.", { path: pathInTemplate }),
    BatchInput: field(unchecked("template", {}), "What each batch gets beside its items."),
  },
  rules: [
    atMostOne(["MaxItemsPerBatch", "MaxItemsPerBatchPath"], { before: "MaxItemsPerBatch" }),
    atMostOne(["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"], { before: "MaxInputBytesPerBatch" }),
  ],
};

const writerConfigShape: Shape = {
  name: "WriterConfig",
  about: "The form of the results.",
  page: pages.resultWriter,
  isOpen: true,
  fields: {
    Transformation: field(oneOf("NONE", "COMPACT", "FLATTEN"), "How much of each child execution is kept.", {
      absent: "`NONE` where a `Resource` writes them, else `COMPACT`",
    }),
    OutputType: required(oneOf("JSON", "JSONL"), "The form of the files."),
  },
};

const resultWriterShape: Shape = {
  name: "ResultWriter",
  about: "Where a distributed Map writes its results, and in which form.",
  page: pages.resultWriter,
  isOpen: true,
  fields: {
    Resource: field(callOf("s3:putObject"), "The call that writes the results. Needs `Parameters` or `Arguments`."),
    Parameters: field(unchecked("payload template", {}), "What the call is given: bucket, prefix.", jsonPath),
    Arguments: field(unchecked("JSON with expressions", {}), "What the call is given: bucket, prefix.", jsonata),
    WriterConfig: field(partOf(writerConfigShape), writerConfigShape.about),
  },
  rules: [{
    words: "`WriterConfig`, or `Resource` with `Parameters` (`Arguments` in JSONata), or all of them",
    before: "Parameters",
    check: (fields, _values, language) => {
      const given = language === "JSONPath" ? "Parameters" : "Arguments";
      if (!fields.has("WriterConfig")) fields.require("Resource", given);
      else if (fields.has("Resource")) fields.require(given);
    },
  }],
};

/** `ItemReader`. */
export const itemReader = templateOf(itemReaderShape);
/** `ItemBatcher`. */
export const itemBatcher = templateOf(itemBatcherShape);
/** `ResultWriter`. */
export const resultWriter = templateOf(resultWriterShape);

/** All objects of distributed Maps, for documents. */
export const distributedMapShapes: readonly Shape[] = [
  itemReaderShape,
  readerConfigShape,
  itemBatcherShape,
  resultWriterShape,
  writerConfigShape,
];
