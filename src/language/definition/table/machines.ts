/** What holds states: the machine, a branch of Parallel, the item processor of Map. */
import type { MachineType, SubMachine } from "../../types.ts";
import {
  field,
  type FieldPlace,
  type Kind,
  queryLanguages,
  required,
  type Rule,
  type SchemaScope,
  type Shape,
} from "./field.ts";
import type { Fields } from "../fields.ts";
import { refuseEmpty } from "./choice_rule.ts";
import { note, number, oneOf, text } from "./kinds.ts";
import { pages } from "./pages.ts";
import { seconds } from "./ranges.ts";
import { readEach, readFields } from "./read_fields.ts";

/** The states by name: read by `StatesReader`, once the object around them is. */
const states: Kind<undefined> = {
  read: () => undefined,
  words: () => "states by name",
  schema: ({ states }) => states(),
};
const startAt: Kind<undefined> = {
  read: () => undefined,
  words: () => "name of a state",
  schema: () => ({ type: "string" }),
};

const containerFields = {
  States: required(states, "The states."),
  StartAt: required(startAt, "The state that it begins with."),
};

/** What a machine has beside its states and their language. */
export const machineFields = {
  Comment: field(text, "For readers."),
  Version: field(oneOf("1.0"), "The version of the language.", { absent: "`1.0`" }),
  TimeoutSeconds: field(number(seconds), "Seconds that an execution may take.", { absent: "no bound of its own" }),
};

/** A whole definition. */
export const machineShape = {
  name: "State machine",
  about: "The definition as a whole.",
  page: pages.structure,
  fields: {
    ...containerFields,
    ...machineFields,
    QueryLanguage: field(oneOf(...queryLanguages), "The query language of its states.", {
      absent: "`JSONPath`",
      page: pages.transforming,
    }),
  },
} satisfies Shape;

const branchShape = {
  name: "Branch",
  about: "An entry of `Branches`: states that run beside those of the other branches.",
  page: pages.parallel,
  fields: { ...containerFields, Comment: field(note, "For readers.") },
} satisfies Shape;

/** The branches of Parallel. */
export const branches: Kind<readonly SubMachine[]> = {
  read: (place) => {
    const read = readEach(place, (fields, { reading }) => {
      fields.only((name) => Object.hasOwn(branchShape.fields, name));
      return reading.subMachine(fields, { readsOuter: true, machineType: reading.machineType });
    });
    refuseEmpty(place.fields, place.name);
    return read;
  },
  words: () => "array of [branches](#branch), at least one",
  schema: ({ shape }) => ({ type: "array", minItems: 1, items: shape(branchShape) }),
};

const configFields = {
  Mode: field(
    oneOf("INLINE", "DISTRIBUTED"),
    "`DISTRIBUTED` runs each item, or batch of items, as an execution of its own.",
    {
      absent: "`INLINE`",
    },
  ),
  ExecutionType: field(
    oneOf("STANDARD", "EXPRESS"),
    "What its child executions are. With `DISTRIBUTED` alone, and then required.",
  ),
};

const configRule: Rule = {
  words: "`ExecutionType` with `Mode: DISTRIBUTED`, and only then",
  before: "ExecutionType",
  check: (config, { Mode }) => {
    if (Mode === "DISTRIBUTED") config.require("ExecutionType");
  },
};

const configShape = {
  name: "ProcessorConfig",
  about: "How the item processor runs.",
  page: pages.distributedMap,
  fields: configFields,
  rules: [configRule],
  schema: (scope: SchemaScope) => ({
    type: "object",
    properties: {
      Mode: { description: configFields.Mode.about, ...configFields.Mode.kind.schema(scope) },
      ExecutionType: {
        description: configFields.ExecutionType.about,
        ...configFields.ExecutionType.kind.schema(scope),
      },
    },
    additionalProperties: false,
    if: { properties: { Mode: { const: "DISTRIBUTED" } }, required: ["Mode"] },
    then: { required: ["ExecutionType"] },
    else: { properties: { ExecutionType: false } },
  }),
} satisfies Shape;

const processorConfig: Kind<undefined> = {
  read: () => undefined,
  words: () => "[ProcessorConfig](#processorconfig)",
  schema: ({ shape }) => shape(configShape),
};

const processorShape = {
  name: "Item processor",
  about: "`ItemProcessor` of a Map: the states that each item goes through.",
  page: pages.map,
  fields: {
    ...containerFields,
    ProcessorConfig: field(processorConfig, "How it runs.", { page: pages.distributedMap }),
    Comment: field(note, "For readers."),
  },
} satisfies Shape;

/** The states that each item goes through, and how they run. */
export interface ItemProcessor extends SubMachine {
  readonly mode: "INLINE" | "DISTRIBUTED";
  /** Of a distributed Map's child executions. */
  readonly executionType?: MachineType;
}

/** `ItemProcessor`, or `Iterator` as it was called. */
export const itemProcessor: Kind<ItemProcessor> = {
  read: ({ reading, fields, name }) => {
    const processor = fields.objectAt(name) ?? fields.objectAt("Iterator");
    if (processor === undefined) return undefined;
    processor.only((one) => Object.hasOwn(processorShape.fields, one));
    const { mode, ...config } = readConfig(reading, processor);
    const states = reading.subMachine(processor, {
      readsOuter: mode === "INLINE",
      machineType: config.executionType ?? reading.machineType,
    });
    return { ...states, mode, ...config };
  },
  words: () => "[item processor](#item-processor)",
  schema: ({ shape }) => shape(processorShape),
};

/** The older name of `ItemProcessor`, which reads it. */
export const iterator: Kind<undefined> = { ...itemProcessor, read: () => undefined };

function readConfig(
  reading: FieldPlace["reading"],
  processor: Fields,
): Pick<ItemProcessor, "mode" | "executionType"> {
  const config = processor.objectAt("ProcessorConfig");
  if (config === undefined) return { mode: "INLINE" };
  const { Mode: mode = "INLINE", ExecutionType: executionType } = readFields(configShape, reading, config);
  if (mode === "DISTRIBUTED" && reading.machineType === "EXPRESS") {
    config.findings.schema(
      config.at("Mode"),
      "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
    );
  }
  config.only((name) => name === "Mode" || (name === "ExecutionType" && mode === "DISTRIBUTED"));
  return executionType === undefined ? { mode } : { mode, executionType };
}

/** All objects that hold states but the machine, for documents. */
export const containerShapes: readonly Shape[] = [branchShape, processorShape, configShape];
