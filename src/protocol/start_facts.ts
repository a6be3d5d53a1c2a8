/** What a start says of its execution: declared here once, for the command, its event, the context and whoever asks for a start. */
import { Schema } from "effect";
import { EpochMs, ExecutionIdField, optional, Payload, PayloadObject, WorkflowIdField } from "./fields.ts";

/** Chosen by whoever starts, beside the workflow and the input, and kept by the execution. */
const keptOptions = {
  /** Idempotency key, 1–256 characters: the same key and input give the same execution, another input is refused. */
  key: optional(Schema.String),
  /** What the context object shows in place of the engine's own ids: `{ Execution: {…}, StateMachine: {…} }`. */
  shownAs: optional(PayloadObject),
  /** Longest life, seconds, whatever the machine's `TimeoutSeconds` says. */
  secondsMax: optional(Schema.Number),
  /** The Map Run whose child it is. */
  mapRun: optional(Schema.String),
};

const StartOptionFields = Schema.Struct({
  ...keptOptions,
  /** A delayed start: the execution is `Pending` until then. */
  startAtEpochMs: optional(EpochMs),
});

/** What whoever starts an execution may choose, beside the workflow and the input. */
export type StartOptions = typeof StartOptionFields.Type;

/** {@link StartOptions}, as fields of the command. */
export const startOptions = StartOptionFields.fields;

/** {@link StartFacts}, as fields of the command, its event and the context. */
export const startFacts = {
  executionId: ExecutionIdField,
  workflowId: WorkflowIdField,
  workflow: Schema.String,
  revision: Schema.Number,
  /** SHA-256 of the definition's text: what the execution is pinned to. */
  definitionHash: Schema.String,
  input: Payload,
  /** With a key: SHA-256 of the workflow and the input that it came with. */
  inputHash: optional(Schema.String),
  ...keptOptions,
};

const StartFactFields = Schema.Struct(startFacts);

/** What an execution is told when it starts, and knows until it is forgotten. */
export type StartFacts = typeof StartFactFields.Type;
