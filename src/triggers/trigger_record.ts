/** A trigger as the log keeps it: which messages start what. */
import { Schema } from "effect";
import { Format } from "../protocol/mod.ts";

const optional = Schema.optionalKey;

/** Kind of triggers among resources. */
export const TRIGGER_KIND = "trigger";

/** What messages start. */
export const TriggerRecord = Schema.Struct({
  /** Subject of the messages; may have wildcards. A stream of the user's own keeps it. */
  subject: Schema.String,
  /** ARN of a state machine, a version or an alias, or the name of a workflow of the same space. */
  stateMachine: Schema.String,
  /** Payload template in the language of definitions, JSON text: its `$` is the message. Absent: the message's data is the input. */
  input: optional(Schema.String),
  /** Messages in work at once. */
  concurrency: Schema.Number,
  /** How often a message is refused before it is laid aside. */
  refusalsMax: Schema.Number,
  /** Where it is sent then; absent: it is given up. */
  deadLetterSubject: optional(Schema.String),
  /** From the oldest message that the stream has, or from those that come from now on. */
  from: Schema.Literals(["oldest", "new"]),
  isEnabled: Schema.Boolean,
  description: optional(Schema.String),
  /** Tells the trigger from an earlier one of the same name: its consumer is another. */
  incarnation: Schema.String,
});
/** One of them. */
export type TriggerRecord = typeof TriggerRecord.Type;

const format = new Format({ what: "a trigger", schema: TriggerRecord, older: [] });

/** @throws when the registry holds something else: a defect, or a newer Weft's */
export const decodeTrigger = (value: unknown): TriggerRecord => format.decode(value);
