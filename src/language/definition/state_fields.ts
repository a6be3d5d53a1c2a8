/**
 * Which fields a state may have, by its type and query language.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
import type { QueryLanguage, State } from "../types.ts";

/** The eight state types, in the order in which AWS names them. */
export const stateTypes = ["Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"] as const;
/** The two query languages, in the order in which AWS names them. */
export const queryLanguages = ["JSONPath", "JSONata"] as const;
/** The name of a state type. */
export type StateType = State["Type"];

const everyState = ["Type", "Comment", "QueryLanguage"];
const transition = ["Next", "End"];
const paths = ["InputPath", "OutputPath"];
const result = ["ResultSelector", "ResultPath"];
const errors = ["Retry", "Catch"];
const mapFields = [
  "ItemProcessor",
  "Iterator",
  "ItemSelector",
  "MaxConcurrency",
  "ToleratedFailureCount",
  "ToleratedFailurePercentage",
  "ItemReader",
  "ItemBatcher",
  "ResultWriter",
  "Label",
];
const mapPaths = ["ItemsPath", "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"];

const jsonPathFields: Readonly<Record<StateType, ReadonlySet<string>>> = {
  Pass: new Set([...everyState, ...transition, ...paths, "Parameters", "Result", "ResultPath", "Assign"]),
  Task: new Set([
    ...everyState,
    ...transition,
    ...paths,
    ...result,
    ...errors,
    "Parameters",
    "Resource",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "HeartbeatSeconds",
    "HeartbeatSecondsPath",
    "Credentials",
    "Assign",
  ]),
  Choice: new Set([...everyState, ...paths, "Choices", "Default", "Assign"]),
  Wait: new Set([
    ...everyState,
    ...transition,
    ...paths,
    "Seconds",
    "SecondsPath",
    "Timestamp",
    "TimestampPath",
    "Assign",
  ]),
  Succeed: new Set([...everyState, ...paths]),
  Fail: new Set([...everyState, "Error", "Cause", "ErrorPath", "CausePath"]),
  Parallel: new Set([...everyState, ...transition, ...paths, ...result, ...errors, "Parameters", "Branches", "Assign"]),
  Map: new Set([
    ...everyState,
    ...transition,
    ...paths,
    ...result,
    ...errors,
    ...mapFields,
    ...mapPaths,
    "Parameters",
    "Assign",
  ]),
};

const jsonataFields: Readonly<Record<StateType, ReadonlySet<string>>> = {
  Pass: new Set([...everyState, ...transition, "Output", "Assign"]),
  Task: new Set([
    ...everyState,
    ...transition,
    ...errors,
    "Arguments",
    "Resource",
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Credentials",
    "Output",
    "Assign",
  ]),
  Choice: new Set([...everyState, "Choices", "Default", "Output", "Assign"]),
  Wait: new Set([...everyState, ...transition, "Seconds", "Timestamp", "Output", "Assign"]),
  Succeed: new Set([...everyState, "Output"]),
  Fail: new Set([...everyState, "Error", "Cause"]),
  Parallel: new Set([...everyState, ...transition, ...errors, "Arguments", "Branches", "Output", "Assign"]),
  Map: new Set([...everyState, ...transition, ...errors, ...mapFields, "Items", "Output", "Assign"]),
};

/** True when a state of this type and language may have the field. */
export function isFieldOf(type: StateType, language: QueryLanguage, field: string): boolean {
  return (language === "JSONPath" ? jsonPathFields : jsonataFields)[type].has(field);
}

/** The query language that is not `language`. */
export function otherLanguage(language: QueryLanguage): QueryLanguage {
  return language === "JSONPath" ? "JSONata" : "JSONPath";
}

/** AWS's words for a field of the other query language. */
export function wrongLanguage(language: QueryLanguage, field: string): string {
  return `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${
    otherLanguage(language)
  }' QueryLanguage`;
}

/** True for one of {@link stateTypes}. */
export function isStateType(type: unknown): type is StateType {
  return stateTypes.some((known) => known === type);
}
