/**
 * The fields of the eight state types: one row a field. Whoever adds a field writes its row here; reading, validation, the state's type,
 * `docs/language.md` and `weft schema` follow.
 */
import { checkResource, refuseInExpress } from "../integrations.ts";
import {
  assignment,
  dataPath,
  inputPath,
  itemsExpression,
  objectTemplate,
  outcome,
  pathOrIntrinsic,
  referencePath,
  resultPath,
  template,
} from "./evaluated_kinds.ts";
import { choiceRules } from "./choice_rule.ts";
import { itemBatcher, itemReader, resultWriter } from "./distributed_map.ts";
import {
  always,
  atMostOne,
  defaulted,
  exactlyOne,
  field,
  type Kind,
  queryLanguages,
  required,
  type Rule,
  type Shape,
} from "./field.ts";
import { constant, flag, numberOrExpression, oneOf, target, text, textOrExpression, timestamp } from "./kinds.ts";
import { label } from "./labels.ts";
import { branches, itemProcessor, iterator } from "./machines.ts";
import { pages } from "./pages.ts";
import { count, percentage, seconds, timeoutSeconds } from "./ranges.ts";
import { catchers, retriers } from "./retry_catch.ts";
import { type StateType, stateTypes } from "./state_types.ts";

const withNext: readonly StateType[] = ["Task", "Wait", "Pass", "Parallel", "Map"];
const withResult: readonly StateType[] = ["Task", "Parallel", "Map"];
const withParameters: readonly StateType[] = ["Task", "Pass", "Parallel", "Map"];
const allButFail: readonly StateType[] = stateTypes.filter((type) => type !== "Fail");
const withAssign: readonly StateType[] = stateTypes.filter((type) => type !== "Fail" && type !== "Succeed");

/** Both are read before all other fields: what these are depends on them. */
const typeOfState: Kind<undefined> = { ...oneOf(...stateTypes), read: () => undefined };
const languageOfState: Kind<undefined> = { ...oneOf(...queryLanguages), read: () => undefined };

const commonFields = {
  Type: field(typeOfState, "What the state does.", { page: pages.structure }),
  QueryLanguage: field(languageOfState, "The language of its expressions. `JSONPath` only where it is the machine's.", {
    absent: "the machine's",
    page: pages.transforming,
  }),
  Comment: field(text, "For readers."),
  Next: field(target, "The state that follows.", { types: withNext }),
  End: field(flag, "`true`: the machine, branch or iteration ends here.", { types: withNext }),
  InputPath: field(dataPath, "What of the input the state works with.", {
    only: "JSONPath",
    types: allButFail,
    isReadMisplaced: "type",
    absent: "`$`",
    page: pages.inputPath,
  }),
  OutputPath: field(dataPath, "What of the result is handed on.", {
    only: "JSONPath",
    types: allButFail,
    isReadMisplaced: "type",
    absent: "`$`",
    page: pages.inputPath,
  }),
  Parameters: field(template, "What the state works with, or its task, branches or iterations.", {
    only: "JSONPath",
    types: withParameters,
    isReadMisplaced: "type",
    absent: "the effective input",
    page: pages.inputPath,
  }),
  ResultSelector: field(template, "What is made of the result, before `ResultPath`.", {
    only: "JSONPath",
    types: withResult,
    isReadMisplaced: "type",
    absent: "the result",
    page: pages.inputPath,
  }),
  ResultPath: field(resultPath, "Where the result is put in the state's input.", {
    only: "JSONPath",
    types: withParameters,
    isReadMisplaced: "type",
    absent: "`$`: the result alone",
    page: pages.resultPath,
  }),
  Output: field(outcome, "What is handed on.", {
    only: "JSONata",
    types: allButFail,
    absent: "the result, or the input",
    page: pages.transforming,
  }),
  Arguments: field(template, "What the task or the branches get.", {
    only: "JSONata",
    types: ["Task", "Parallel"],
    isReadMisplaced: "type",
    absent: "the input",
    page: pages.transforming,
  }),
  Assign: field(assignment, "Variables that it sets when it ends.", { types: withAssign, page: pages.variables }),
};

const nextOrEnd: Rule = {
  words: "exactly one of `Next`, `End`",
  types: withNext,
  before: "InputPath",
  check: (fields) => {
    const ends = fields.value("End") === true;
    const named = "of the following fields: [Next, End]";
    if (fields.has("Next") && ends) fields.findings.schema(fields.location, `There should only be one ${named}`);
    else if (!fields.has("Next") && !ends) {
      fields.findings.schema(fields.location, `This object should have only one ${named}`);
    }
  },
  schema: () => ({
    oneOf: [
      { required: ["Next"], properties: { End: { const: false } } },
      { required: ["End"], properties: { End: { const: true }, Next: false } },
    ],
  }),
};

/** What all states may have. */
export const commonShape = {
  name: "Any state",
  about: "Fields of more than one state type.",
  page: pages.commonFields,
  fields: commonFields,
  rules: [nextOrEnd],
} satisfies Shape;

const errorFields = {
  Retry: defaulted(retriers, [], "What is tried again after an error.", { page: pages.errors }),
  Catch: defaulted(catchers, [], "Where errors lead.", { page: pages.errors }),
};

const passFields = {
  Result: field(constant, "The result, as it is written.", {
    only: "JSONPath",
    absent: "`Parameters`, or the effective input",
  }),
};

const resource: Kind<string> = {
  read: ({ reading, fields, name }) => {
    const given = fields.string(name) ?? "";
    if (fields.has(name) && given === "") fields.findings.schema(fields.at(name), "Value cannot be empty");
    checkResource(reading, given);
    if (reading.machineType === "EXPRESS") refuseInExpress(reading, given);
    return given;
  },
  words: () => "ARN, or the name of a task type of your own workers",
  schema: () => ({ type: "string", minLength: 1 }),
};

const taskFields = {
  Resource: required(resource, "Who does the work."),
  TimeoutSeconds: field(numberOrExpression(timeoutSeconds), "Seconds that the task may take.", {
    path: inputPath(),
    absent: "none",
  }),
  HeartbeatSeconds: field(numberOrExpression(timeoutSeconds), "Seconds that may pass between its signs of life.", {
    path: inputPath(),
  }),
  Credentials: field(objectTemplate, "The role that the task is done with.", { page: pages.credentials }),
  ...errorFields,
};

const heartbeatBelowTimeout: Rule = {
  words: "`HeartbeatSeconds` below `TimeoutSeconds`",
  before: "Credentials",
  check: (fields, { TimeoutSeconds, HeartbeatSeconds }) => {
    if (typeof TimeoutSeconds !== "number" || typeof HeartbeatSeconds !== "number") return;
    if (HeartbeatSeconds >= TimeoutSeconds) {
      fields.findings.schema(fields.location, "HeartbeatSeconds must be smaller than TimeoutSeconds");
    }
  },
};

const choiceFields = {
  Choices: required(choiceRules, "The rules: the first one that holds says where to go."),
  Default: field(target, "The state that follows where no rule holds.", { absent: "the state fails" }),
};

const waitFields = {
  Seconds: field(numberOrExpression(seconds), "How long it waits.", { path: inputPath("parameter") }),
  Timestamp: field(timestamp, "Until when it waits.", { path: inputPath("parameter") }),
};

const failFields = {
  Error: field(textOrExpression, "The error's name.", { path: pathOrIntrinsic }),
  Cause: field(textOrExpression, "What people are told.", { path: pathOrIntrinsic }),
};

const parallelFields = {
  Branches: required(branches, "What runs side by side."),
  ...errorFields,
};

const mapFields = {
  ItemProcessor: always(itemProcessor, "What each item goes through."),
  Iterator: field(iterator, "The older name of `ItemProcessor`."),
  Label: field(label, "Its name in the ARNs of its runs.", { absent: "one is made", page: pages.distributedMap }),
  ItemsPath: field(referencePath, "Where the items are.", {
    only: "JSONPath",
    isReadMisplaced: "language",
    absent: "`$`",
    page: pages.itemsPath,
  }),
  Items: field(itemsExpression, "The items.", { only: "JSONata", absent: "the input" }),
  ItemSelector: field(template, "What each iteration gets.", { absent: "the item", page: pages.itemSelector }),
  MaxConcurrency: defaulted(numberOrExpression(count), 0, "How many iterations run at the same time; 0: no bound.", {
    path: inputPath("field"),
  }),
  ToleratedFailureCount: field(numberOrExpression(count), "How many items of a distributed Map may fail.", {
    path: inputPath("field"),
    absent: "0",
    page: pages.distributedMap,
  }),
  ToleratedFailurePercentage: field(
    numberOrExpression(percentage),
    "How many of a hundred items of a distributed Map may fail.",
    { path: inputPath("field"), absent: "0", page: pages.distributedMap },
  ),
  ItemReader: field(itemReader, "The dataset of a distributed Map.", { page: pages.itemReader }),
  ItemBatcher: field(itemBatcher, "Items that go to a child execution together.", { page: pages.itemBatcher }),
  ResultWriter: field(resultWriter, "Where the results are written.", { page: pages.resultWriter }),
  ...errorFields,
};

/** What each state type has of its own. */
export const stateShapes = {
  Task: {
    name: "Task",
    about: "Has work done by a worker or a service.",
    page: pages.task,
    fields: taskFields,
    rules: [
      atMostOne(["TimeoutSeconds", "TimeoutSecondsPath"], { before: "TimeoutSeconds" }),
      atMostOne(["HeartbeatSeconds", "HeartbeatSecondsPath"], { before: "TimeoutSeconds" }),
      heartbeatBelowTimeout,
    ],
  },
  Wait: {
    name: "Wait",
    about: "Waits for seconds or until a time.",
    page: pages.wait,
    fields: waitFields,
    rules: [
      exactlyOne(["SecondsPath", "Seconds", "TimestampPath", "Timestamp"], { only: "JSONPath" }),
      exactlyOne(["Seconds", "Timestamp"], { only: "JSONata" }),
    ],
  },
  Pass: { name: "Pass", about: "Passes its input, or a result, on.", page: pages.pass, fields: passFields },
  Succeed: {
    name: "Succeed",
    about: "Ends its machine, branch or iteration with its input as output.",
    page: pages.succeed,
    fields: {},
  },
  Fail: {
    name: "Fail",
    about: "Ends its machine, branch or iteration with an error.",
    page: pages.fail,
    fields: failFields,
    rules: [
      atMostOne(["Error", "ErrorPath"], { only: "JSONPath", before: "Error" }),
      atMostOne(["Cause", "CausePath"], { only: "JSONPath", before: "Cause" }),
    ],
  },
  Choice: {
    name: "Choice",
    about: "Goes where the first rule that holds says, else to `Default`.",
    page: pages.choice,
    fields: choiceFields,
  },
  Parallel: {
    name: "Parallel",
    about: "Runs its branches side by side; the result is the array of their outputs.",
    page: pages.parallel,
    fields: parallelFields,
  },
  Map: {
    name: "Map",
    about: "Runs its item processor once for each item; the result is the array of the outputs.",
    page: pages.map,
    fields: mapFields,
    rules: [
      ...["MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"].map((name) =>
        atMostOne([name, `${name}Path`])
      ),
      atMostOne(["ItemSelector", "Parameters"]),
      exactlyOne(["ItemProcessor", "Iterator"]),
    ],
  },
} satisfies Record<StateType, Shape>;
