/** `Retry` and `Catch` of Task, Parallel and Map. */
import { assignment, outcome, resultPath } from "./evaluated_kinds.ts";
import { defaulted, field, type FieldsOf, type Kind, required, type Rule, type Shape } from "./field.ts";
import { errorNames, leadsTo, note, number, oneOf } from "./kinds.ts";
import { pages } from "./pages.ts";
import { attempts, backoffRate, delaySeconds, seconds } from "./ranges.ts";
import { readEach, readFields, refuseOthers } from "./read_fields.ts";

const retrierFields = {
  ErrorEquals: required(errorNames, "The errors that it retries."),
  IntervalSeconds: defaulted(number(seconds), 1, "Seconds before the first retry."),
  MaxDelaySeconds: field(number(delaySeconds), "No retry waits longer."),
  MaxAttempts: defaulted(number(attempts), 3, "Retries; 0: none."),
  BackoffRate: defaulted(number(backoffRate), 2, "By what each next wait is longer."),
  JitterStrategy: defaulted(oneOf("NONE", "FULL"), "NONE", "`FULL` draws each wait from 0 up to its length."),
  Comment: field(note, "For readers."),
};

const delayAboveInterval: Rule = {
  words: "`MaxDelaySeconds` not below `IntervalSeconds`",
  before: "MaxAttempts",
  check: (fields, { MaxDelaySeconds, IntervalSeconds }) => {
    if (typeof MaxDelaySeconds !== "number" || typeof IntervalSeconds !== "number") return;
    if (MaxDelaySeconds < IntervalSeconds) {
      fields.findings.schema(fields.location, "MaxDelaySeconds must be greater than IntervalSeconds");
    }
  },
};

/** One entry of `Retry`. */
export const retrierShape = {
  name: "Retrier",
  about: "An entry of `Retry`: which errors are retried, and when.",
  page: pages.errors,
  fields: retrierFields,
  rules: [delayAboveInterval],
} satisfies Shape;

const catcherFields = {
  ErrorEquals: required(errorNames, "The errors that it catches.", { isRequiredAlone: true }),
  Next: required(leadsTo, "Where an error that it catches leads."),
  ResultPath: field(resultPath, "Where `{ Error, Cause }` is put in the state's input.", { only: "JSONPath" }),
  Assign: field(assignment, "Variables that it sets.", { page: pages.variables }),
  Output: field(outcome, "What it hands on, from `$states.errorOutput`.", {
    only: "JSONata",
    absent: "`$states.errorOutput`",
  }),
  Comment: field(note, "For readers."),
};

/** One entry of `Catch`. */
export const catcherShape = {
  name: "Catcher",
  about: "An entry of `Catch`: where an error leads when no retry is left.",
  page: pages.errors,
  fields: catcherFields,
} satisfies Shape;

/** The entries of `Retry` in order, defaults filled in. */
export const retriers: Kind<readonly FieldsOf<typeof retrierFields>[]> = {
  read: (place) =>
    readEach(place, (fields, { isLast, reading }) => {
      refuseOthers(retrierFields, reading, fields);
      return readFields(retrierShape, reading, fields, { isLast });
    }),
  words: () => "array of [retriers](#retrier)",
  schema: ({ shape }) => ({ type: "array", items: shape(retrierShape) }),
};

/** The entries of `Catch` in order. */
export const catchers: Kind<readonly FieldsOf<typeof catcherFields>[]> = {
  read: (place) =>
    readEach(place, (fields, { isLast, index, reading }) => {
      refuseOthers(catcherFields, reading, fields);
      const readable = { errorOutput: true };
      return readFields(catcherShape, reading, fields, { isLast, prefix: `Catch[${index}]/`, readable });
    }),
  words: () => "array of [catchers](#catcher)",
  schema: ({ shape }) => ({ type: "array", items: shape(catcherShape) }),
};
