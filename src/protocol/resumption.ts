/** What a redriven execution goes on from: the states that did not succeed, and in Parallel and Map what did. */
import { Schema } from "effect";
import type { Json, JsonObject } from "../values/mod.ts";
import { asPayload, optional, Payload, PayloadArray, PayloadObject } from "./fields.ts";

/** A state to be run again, with the input that it had. */
export type ResumedState = {
  readonly stateName: string;
  readonly input: Json;
  /** Id of its `…StateEntered` in AWS's history: it is not entered a second time. Absent: it never was. */
  readonly historyId?: number;
  /** Parallel, Map: how many children it has, and by index what became of those that began. Absent: all begin anew. */
  readonly max?: number;
  readonly children?: readonly ResumedChild[];
  /** Map: its items and bound, as they were evaluated. */
  readonly items?: readonly Json[];
  readonly maxConcurrency?: number;
  /** Distributed Map: its Map Run, which goes on with `items`. */
  readonly mapRun?: string;
};

/** A branch or an iteration: with `output` it succeeded and is kept, else it goes on with `state`. */
export type ResumedChild = {
  readonly input: Json;
  readonly output?: Json;
  readonly variables?: JsonObject;
  readonly state?: ResumedState;
};

/** Codec of {@link ResumedState}. */
export const ResumedState = asPayload(Schema.Struct({
  stateName: Schema.String,
  input: Payload,
  historyId: optional(Schema.Number),
  max: optional(Schema.Number),
  children: optional(Schema.Array(Schema.suspend((): Schema.Codec<ResumedChild> => ResumedChild))),
  items: optional(PayloadArray),
  maxConcurrency: optional(Schema.Number),
  mapRun: optional(Schema.String),
}));

/** Codec of {@link ResumedChild}. */
export const ResumedChild = Schema.Struct({
  input: Payload,
  output: optional(Payload),
  variables: optional(PayloadObject),
  state: optional(Schema.suspend((): Schema.Codec<ResumedState> => ResumedState)),
});
