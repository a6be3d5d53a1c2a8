/** One entry of `States` to a {@link State}. */
import type { Json } from "../../values/mod.ts";
import { compileRule, type Condition, isJsonPathRuleField, selectorOf } from "../choice/compile_choice_rule.ts";
import { timestampEpochMs } from "../choice/timestamps.ts";
import { Result } from "effect";
import { compilePathField, compileResultPath } from "../paths/compile_path.ts";
import { isJsonataExpression } from "../templates/jsonata_expression.ts";
import { looksDynamic } from "../templates/payload_template.ts";
import type {
  ChoiceRule,
  Compiled,
  FailState,
  ParallelState,
  State,
  SubMachine,
  TaskState,
  WaitState,
} from "../types.ts";
import { Fields, present } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { numberOrExpression, pathVariant } from "./dynamic_fields.ts";
import { checkResource } from "./integrations.ts";
import { readMap } from "./read_map.ts";
import { readCatchers, readRetriers } from "./retry_catch.ts";
import { type StateType, wrongLanguage } from "./state_fields.ts";
import type { StateReading } from "./state_reading.ts";
import { isJsonObject, parseResource } from "../../values/mod.ts";

/** Largest number of seconds in a field, as AWS has it. */
export const SECONDS_MAX = 99_999_999;

/** Reads a state of a known type. What is wrong goes to the reading's findings; the state is then not to be used. */
export function readState(reading: StateReading, name: string, type: StateType): State {
  const base = { name, QueryLanguage: reading.language, ...readBase(reading, type) };
  switch (type) {
    case "Pass":
      return { ...base, Type: "Pass", ...present("Result", readResult(reading)) };
    case "Succeed":
      return { ...base, Type: "Succeed" };
    case "Fail":
      return { ...base, Type: "Fail", ...readFail(reading) };
    case "Wait":
      return { ...base, Type: "Wait", ...readWait(reading) };
    case "Choice":
      return { ...base, Type: "Choice", ...readChoice(reading) };
    case "Task":
      return { ...base, Type: "Task", ...readTask(reading) };
    case "Parallel":
      return { ...base, Type: "Parallel", ...readParallel(reading) };
    case "Map":
      return { ...base, Type: "Map", ...readMap(reading) };
  }
}

function readBase(reading: StateReading, type: StateType) {
  const { fields, language } = reading;
  const readable = { result: type === "Task" || type === "Parallel" || type === "Map" };
  return {
    ...present("Comment", fields.string("Comment")),
    ...present("Next", readTransition(reading, type)),
    ...(language === "JSONPath" ? readJsonPathBase(reading) : {}),
    ...(language === "JSONata" && type !== "Fail" ? present("Output", reading.templateAt("Output", readable)) : {}),
    ...(language === "JSONata" ? present("Arguments", reading.templateAt("Arguments")) : {}),
    ...present(
      "Assign",
      type === "Fail" || type === "Succeed" ? undefined : reading.assign(fields, "Assign", readable),
    ),
  };
}

function readJsonPathBase(reading: StateReading) {
  const { fields } = reading;
  const { findings } = fields;
  const path = (name: string) => {
    const source = fields.value(name);
    return source === undefined ? undefined : compilePathField(source, fields.at(name), findings, { nullable: true });
  };
  const resultPath = fields.value("ResultPath");
  return {
    ...present("InputPath", path("InputPath")),
    ...present("OutputPath", path("OutputPath")),
    ...present("Parameters", reading.templateAt("Parameters")),
    ...present("ResultSelector", reading.templateAt("ResultSelector")),
    ...present(
      "ResultPath",
      resultPath === undefined ? undefined : compileResultPath(resultPath, fields.at("ResultPath"), findings),
    ),
  };
}

/** `Next`, or nothing where the state ends. Exactly one of `Next` and `End` must be there, but in terminal states and Choice. */
function readTransition(reading: StateReading, type: StateType): string | undefined {
  if (type === "Choice" || type === "Succeed" || type === "Fail") return undefined;
  const { fields } = reading;
  const next = fields.string("Next");
  const end = fields.boolean("End");
  if (fields.has("Next") && end === true) {
    fields.findings.schema(fields.location, "There should only be one of the following fields: [Next, End]");
  } else if (!fields.has("Next") && end !== true) {
    fields.findings.schema(fields.location, "This object should have only one of the following fields: [Next, End]");
  }
  if (next !== undefined) reading.target(next, fields.at("Next"));
  return next;
}

function readResult({ fields }: StateReading): Json | undefined {
  const result = fields.value("Result");
  if (result !== undefined && hasDynamicText(result)) {
    const message = "The Result of a Pass state is static: it is not evaluated as a path or intrinsic function.";
    fields.findings.warning("PASS_RESULT_IS_STATIC", fields.at("Result"), message);
  }
  return result;
}

function hasDynamicText(value: Json): boolean {
  if (typeof value === "string") return looksDynamic(value);
  return value !== null && typeof value === "object" && Object.values(value).some((part: Json) => hasDynamicText(part));
}

function readFail(reading: StateReading): Pick<FailState, "Error" | "Cause"> {
  return {
    ...present("Error", readFailText(reading, "Error")),
    ...present("Cause", readFailText(reading, "Cause")),
  };
}

function readFailText(reading: StateReading, name: "Error" | "Cause"): string | Compiled | undefined {
  const { fields, language } = reading;
  if (language === "JSONata") {
    const source = fields.value(name);
    if (source !== undefined && isJsonataExpression(source)) return reading.expression(source, "string", name);
    return fields.string(name);
  }
  fields.atMostOne(name, `${name}Path`);
  const path = fields.value(`${name}Path`);
  if (path === undefined) {
    const text = fields.string(name);
    if (text !== undefined && looksDynamic(text)) fields.findings.looksLikePath(name, fields.at(name));
    return text;
  }
  return compilePathField(path, fields.at(`${name}Path`), fields.findings, { intrinsics: true, reference: "context" });
}

function readWait(reading: StateReading): Pick<WaitState, "Seconds" | "Timestamp"> {
  const { fields, language } = reading;
  if (language === "JSONPath") fields.exactlyOne("SecondsPath", "Seconds", "TimestampPath", "Timestamp");
  else fields.exactlyOne("Seconds", "Timestamp");
  return {
    ...present(
      "Seconds",
      numberOrExpression(reading, "Seconds", 0, SECONDS_MAX) ?? pathVariant(reading, "SecondsPath", "parameter"),
    ),
    ...present("Timestamp", readTimestamp(reading) ?? pathVariant(reading, "TimestampPath", "parameter")),
  };
}

function readTimestamp(reading: StateReading): string | Compiled | undefined {
  const { fields, language } = reading;
  const source: Json | undefined = fields.value("Timestamp");
  if (source === undefined) return undefined;
  const at = fields.at("Timestamp");
  if (language === "JSONata" && isJsonataExpression(source)) return reading.expression(source, "string", "Timestamp");
  const text = fields.string("Timestamp");
  if (text !== undefined && timestampEpochMs(text) === undefined) {
    fields.findings.schema(at, "String does not match RFC3339 timestamp");
  }
  return text;
}

function readChoice(reading: StateReading): { Choices: readonly ChoiceRule[]; Default?: string } {
  const { fields } = reading;
  fields.require("Choices");
  const rules = fields.array("Choices") ?? [];
  if (fields.has("Choices") && rules.length === 0) {
    fields.findings.schema(fields.at("Choices"), "Value cannot be empty");
  }
  const Choices: ChoiceRule[] = [];
  rules.forEach((rule, index) => {
    const location = `${fields.at("Choices")}[${index}]`;
    if (isJsonObject(rule)) Choices.push(readRule(reading, new Fields(rule, location, fields.findings), index));
    else fields.findings.schema(location, "Expected value of type [OBJECT]");
  });
  const Default = fields.string("Default");
  if (Default !== undefined) reading.target(Default, fields.at("Default"));
  return { Choices, ...present("Default", Default) };
}

function readRule(reading: StateReading, fields: Fields, index: number): ChoiceRule {
  fields.require("Next");
  const Next = fields.string("Next") ?? "";
  if (fields.has("Next")) reading.target(Next, fields.at("Next"));
  return {
    Next,
    Condition: readCondition(reading, fields, index),
    ...present("Assign", reading.assign(fields, `Choices[${index}]/Assign`)),
    ...present(
      "Output",
      readRuleOutput(reading, fields, index),
    ),
  };
}

function readRuleOutput(reading: StateReading, fields: Fields, index: number): Compiled | undefined {
  const output = fields.value("Output");
  if (output === undefined || reading.language === "JSONPath") return undefined;
  return reading.template(output, `Choices[${index}]/Output`, fields.at("Output"));
}

const jsonataRuleFields = new Set(["Condition", "Next", "Comment", "Assign", "Output"]);

function readCondition(reading: StateReading, fields: Fields, index: number): Compiled {
  if (reading.language === "JSONata") {
    for (const field of Object.keys(fields.object)) {
      if (isJsonPathRuleField(field)) fields.findings.schema(fields.location, wrongLanguage("JSONata", field));
    }
    fields.only((field) => jsonataRuleFields.has(field) || isJsonPathRuleField(field));
    const isCondition = selectorOf(fields.object, fields.location, fields.findings) === "Condition";
    const source = isCondition ? fields.value("Condition") ?? null : false;
    if (typeof source === "boolean") return { source, evaluate: () => Result.succeed(source) };
    return reading.expression(source, "boolean", `Choices[${index}]/Condition`, fields.at("Condition"));
  }
  const condition: Condition = compileRule(fields.object, fields.location, fields.findings);
  return { source: fields.object, evaluate: condition };
}

function readTask(reading: StateReading): Omit<TaskState, "name" | "Type" | "QueryLanguage"> {
  const { fields } = reading;
  fields.require("Resource");
  const Resource = fields.string("Resource") ?? "";
  if (fields.has("Resource") && Resource === "") fields.findings.schema(fields.at("Resource"), "Value cannot be empty");
  checkResource(reading, Resource);
  if (reading.machineType === "EXPRESS") {
    refuseInExpress({ findings: fields.findings, at: fields.at("Resource") }, Resource);
  }
  fields.atMostOne("TimeoutSeconds", "TimeoutSecondsPath");
  fields.atMostOne("HeartbeatSeconds", "HeartbeatSecondsPath");
  const timeout = numberOrExpression(reading, "TimeoutSeconds", 1, SECONDS_MAX);
  const heartbeat = numberOrExpression(reading, "HeartbeatSeconds", 1, SECONDS_MAX);
  if (typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout) {
    fields.findings.schema(fields.location, "HeartbeatSeconds must be smaller than TimeoutSeconds");
  }
  return {
    Resource,
    ...present("TimeoutSeconds", timeout ?? pathVariant(reading, "TimeoutSecondsPath", "field")),
    ...present("HeartbeatSeconds", heartbeat ?? pathVariant(reading, "HeartbeatSecondsPath", "field")),
    ...present("Credentials", fields.objectAt("Credentials") && reading.templateAt("Credentials")),
    Retry: readRetriers(reading),
    Catch: readCatchers(reading),
  };
}

/** What express machines cannot wait for. */
function refuseInExpress({ findings, at }: { findings: Findings; at: string }, resource: string): void {
  const { kind, pattern } = parseResource(resource);
  const refused = pattern === "Callback"
    ? "'.waitForTaskToken' service integration "
    : pattern !== "Request"
    ? "'.sync' service integration"
    : kind === "Activity"
    ? "Activity ARN"
    : undefined;
  if (refused !== undefined) findings.schema(at, `Express state machine does not support ${refused}`);
}

const branchFields = new Set(["StartAt", "States", "Comment"]);

function readBranch(reading: StateReading, fields: Fields): SubMachine {
  fields.only((field) => branchFields.has(field));
  return reading.subMachine(fields, { readsOuter: true, machineType: reading.machineType });
}

function readParallel(reading: StateReading): Omit<ParallelState, "name" | "Type" | "QueryLanguage"> {
  const { fields } = reading;
  fields.require("Branches");
  const branches = fields.array("Branches") ?? [];
  if (fields.has("Branches") && branches.length === 0) {
    fields.findings.schema(fields.at("Branches"), "Value cannot be empty");
  }
  const Branches: SubMachine[] = [];
  branches.forEach((branch, index) => {
    const location = `${fields.at("Branches")}[${index}]`;
    if (isJsonObject(branch)) Branches.push(readBranch(reading, new Fields(branch, location, fields.findings)));
    else fields.findings.schema(location, "Expected value of type [OBJECT]");
  });
  return { Branches, Retry: readRetriers(reading), Catch: readCatchers(reading) };
}
