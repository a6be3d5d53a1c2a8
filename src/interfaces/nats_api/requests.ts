/**
 * The requests and replies of the NATS services, as schemas: what comes in is checked by them, and each endpoint shows
 * them as JSON Schema in its metadata. Unknown fields are let through unread, so that fields can be added.
 */
import { Schema } from "effect";
import { executionStatuses } from "../../protocol/mod.ts";
import { defaultLimits } from "../../values/mod.ts";

const LIST_LIMIT_MAX = 1_000;
const KEY_CHARACTERS_MAX = 256;
const WORDS_CHARACTERS_MAX = 256;
const ID_CHARACTERS_MAX = 512;
const PAGE_TOKEN_CHARACTERS_MAX = 2_048;

/** What AWS does not allow in a state machine's name: white space, brackets, wildcards, special and control characters. */
// deno-lint-ignore no-control-regex -- control characters are what must be found
const namePattern = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]+$/;
/** ISO 8601 with seconds and a zone. */
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

const text = (min: number, max: number) => Schema.String.check(Schema.isMinLength(min), Schema.isMaxLength(max));
const name = text(1, defaultLimits.nameCharactersMax).check(
  Schema.isPattern(namePattern, { expected: "a name without white space, brackets, wildcards and special characters" }),
);
const isInstant = Schema.makeFilter((value: string) => instantPattern.test(value) && !Number.isNaN(Date.parse(value)), {
  expected: "an ISO 8601 date and time with a zone, such as 2030-01-31T08:00:00Z",
});
const instant = Schema.String.check(isInstant);
const executionId = text(1, ID_CHARACTERS_MAX);
const token = text(1, defaultLimits.tokenCharactersMax);
const mapRun = Schema.String.check(Schema.isPattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, {
  expected: "the id of a Map Run",
}));
const error = Schema.String.check(Schema.isMaxLength(defaultLimits.errorCharactersMax));
const cause = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(defaultLimits.causeCharactersMax)));
const limit = Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: LIST_LIMIT_MAX })));
const next = Schema.optionalKey(text(1, PAGE_TOKEN_CHARACTERS_MAX));
/** What is searched for, without regard to case. */
const words = Schema.optionalKey(text(1, WORDS_CHARACTERS_MAX));
const status = Schema.Literals(executionStatuses);

/** `workflows.put`: the definition as a JSON object, or as its text. */
export const PutWorkflow = Schema.Struct({ name, definition: Schema.Unknown });
/** `workflows.describe`, `workflows.delete`. */
export const NamedWorkflow = Schema.Struct({ name });
/** `workflows.list`. */
export const ListWorkflows = Schema.Struct({ limit, next });
/** `workflows.validate`. */
export const ValidateDefinition = Schema.Struct({ definition: Schema.Unknown });

/** `executions.start`. */
export const StartExecution = Schema.Struct({
  workflow: name,
  input: Schema.Unknown,
  key: Schema.optionalKey(text(1, KEY_CHARACTERS_MAX)),
  startAt: Schema.optionalKey(instant),
  wait: Schema.optionalKey(Schema.Boolean),
});
/** `executions.describe`; with `wait` it is answered once the execution has ended. */
export const DescribeExecution = Schema.Struct({
  executionId,
  wait: Schema.optionalKey(Schema.Boolean),
  states: Schema.optionalKey(Schema.Boolean),
  payloads: Schema.optionalKey(Schema.Boolean),
});
/** `executions.history`. */
export const ExecutionHistory = Schema.Struct({
  executionId,
  after: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  limit,
  payloads: Schema.optionalKey(Schema.Boolean),
});
/** `executions.list`. */
export const ListExecutions = Schema.Struct({
  workflow: Schema.optionalKey(name),
  status: Schema.optionalKey(status),
  startedAfter: Schema.optionalKey(instant),
  startedBefore: Schema.optionalKey(instant),
  timedOut: Schema.optionalKey(Schema.Boolean),
  key: Schema.optionalKey(text(1, KEY_CHARACTERS_MAX)),
  error: words,
  text: words,
  mapRun: Schema.optionalKey(mapRun),
  limit,
  next,
});
/** `executions.cancel`. */
export const CancelExecution = Schema.Struct({ executionId, error: Schema.optionalKey(error), cause });
/** `executions.redrive`. */
export const RedriveExecution = Schema.Struct({ executionId, clientToken: Schema.optionalKey(text(1, 64)) });
/** `executions.delete`. */
export const DeleteExecution = Schema.Struct({ executionId });

/** `tasks.complete`. */
export const CompleteTask = Schema.Struct({ token, output: Schema.Unknown });
/** `tasks.fail`. */
export const FailTask = Schema.Struct({ token, error, cause });
/** `tasks.heartbeat`, `tasks.activate`. */
export const TokenOnly = Schema.Struct({ token });

const shortText = Schema.String.check(Schema.isMaxLength(2_048));
const optionalText = Schema.optionalKey(shortText);
const payloadText = Schema.optionalKey(Schema.String);
const whole = Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)));
const optionalFlag = Schema.optionalKey(Schema.Boolean);
const standingName = text(1, 64);

/** `schedules.put`. */
export const PutSchedule = Schema.Struct({
  name: standingName,
  expression: shortText,
  stateMachine: shortText,
  timezone: optionalText,
  input: payloadText,
  startAt: Schema.optionalKey(instant),
  endAt: Schema.optionalKey(instant),
  flexibleMinutes: whole,
  overlap: Schema.optionalKey(Schema.Literals(["allow", "skip", "buffer-one", "buffer-all", "cancel-other"])),
  catchUpSeconds: whole,
  isEnabled: optionalFlag,
  deletesItself: optionalFlag,
  description: optionalText,
});
/** `triggers.put`. */
export const PutTrigger = Schema.Struct({
  name: standingName,
  subject: shortText,
  stateMachine: shortText,
  input: payloadText,
  concurrency: whole,
  refusalsMax: whole,
  deadLetterSubject: optionalText,
  from: Schema.optionalKey(Schema.Literals(["oldest", "new"])),
  isEnabled: optionalFlag,
  description: optionalText,
});
/** `schedules.describe`, `schedules.delete`, and those of triggers. */
export const NamedStanding = Schema.Struct({ name: standingName });
/** `schedules.list`, `triggers.list`. */
export const ListStanding = Schema.Struct({ limit, next });

const diagnostic = Schema.Struct({
  severity: Schema.Literals(["ERROR", "WARNING"]),
  code: Schema.String,
  message: Schema.String,
  location: Schema.String,
});
const workflow = {
  name: Schema.String,
  revision: Schema.Int,
  hash: Schema.String,
  createdAt: Schema.String,
  updatedAt: Schema.String,
};
const summary = {
  executionId: Schema.String,
  workflow: Schema.String,
  revision: Schema.Int,
  key: Schema.optionalKey(Schema.String),
  status,
  error: Schema.optionalKey(Schema.String),
  startedAt: Schema.String,
  endedAt: Schema.optionalKey(Schema.String),
  timedOut: Schema.optionalKey(Schema.Literal(true)),
};
const failure = { error: Schema.optionalKey(Schema.String), cause: Schema.optionalKey(Schema.String) };
const openState = Schema.Struct({
  activityId: Schema.String,
  stateName: Schema.String,
  stateType: Schema.String,
  within: Schema.optionalKey(Schema.Array(Schema.Struct({ stateName: Schema.String, index: Schema.Int }))),
  status: Schema.Literals(["Running", "Retrying", "Completing"]),
  enteredAt: Schema.String,
  attempt: Schema.Int,
  dueAt: Schema.optionalKey(Schema.String),
  ...failure,
  children: Schema.optionalKey(Schema.Struct({ max: Schema.Int, started: Schema.Int, done: Schema.Int })),
  mapRun: Schema.optionalKey(Schema.String),
  task: Schema.optionalKey(Schema.Struct({
    taskId: Schema.String,
    resource: Schema.String,
    status: Schema.Literals(["Created", "Activated", "Reclaiming"]),
    createdAt: Schema.String,
    timeoutAt: Schema.optionalKey(Schema.String),
    heartbeatAt: Schema.optionalKey(Schema.String),
    isSubmitted: Schema.optionalKey(Schema.Boolean),
  })),
});
const standing = Schema.Struct({
  states: Schema.Array(openState),
  openCount: Schema.Int,
  failed: Schema.optionalKey(Schema.Struct({ activityId: Schema.String, stateName: Schema.String, ...failure })),
});

/** What is answered, by the endpoint's reply name. Described, not checked: the engine's own types hold it. */
export const replies = {
  workflowPut: Schema.Struct({ ...workflow, diagnostics: Schema.optionalKey(Schema.Array(diagnostic)) }),
  workflow: Schema.Struct({ ...workflow, definition: Schema.Unknown }),
  workflows: Schema.Struct({
    workflows: Schema.Array(Schema.Struct(workflow)),
    next: Schema.optionalKey(Schema.String),
  }),
  workflowName: Schema.Struct({ name: Schema.String }),
  findings: Schema.Struct({ valid: Schema.Boolean, diagnostics: Schema.Array(diagnostic) }),
  executionStatus: Schema.Struct({ executionId: Schema.String, status }),
  redrive: Schema.Struct({ executionId: Schema.String, status, redriveCount: Schema.Int }),
  execution: Schema.Struct({
    ...summary,
    input: Schema.Unknown,
    output: Schema.optionalKey(Schema.Unknown),
    cause: Schema.optionalKey(Schema.String),
    standing: Schema.optionalKey(standing),
  }),
  history: Schema.Struct({
    events: Schema.Array(Schema.Struct({ id: Schema.Int, type: Schema.String, timestamp: Schema.String })),
    next: Schema.optionalKey(Schema.Int),
  }),
  executions: Schema.Struct({
    executions: Schema.Array(Schema.Struct(summary)),
    next: Schema.optionalKey(Schema.String),
  }),
  schedule: Schema.Struct({ name: Schema.String, expression: Schema.String, next: Schema.Array(Schema.String) }),
  schedules: Schema.Struct({ schedules: Schema.Array(Schema.Unknown), next: Schema.optionalKey(Schema.String) }),
  trigger: Schema.Struct({ name: Schema.String, subject: Schema.String }),
  triggers: Schema.Struct({ triggers: Schema.Array(Schema.Unknown), next: Schema.optionalKey(Schema.String) }),
  task: Schema.Struct({
    taskId: Schema.String,
    status: Schema.Literals(["Created", "Activated", "Completed", "Failed"]),
  }),
} as const;

/** The schema as JSON Schema text (draft 2020-12), for an endpoint's metadata. */
export function jsonSchemaText(schema: Schema.Constraint): string {
  return JSON.stringify(Schema.toJsonSchemaDocument(schema).schema);
}
