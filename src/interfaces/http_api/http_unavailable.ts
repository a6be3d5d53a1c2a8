import { Schema } from "effect";

/** The server cannot listen. */
export class HttpUnavailable extends Schema.TaggedError<HttpUnavailable>()("HttpUnavailable", {
  message: Schema.String,
}) {}
