/** What else can be served on the API's port, and what it gets to see of a request. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Effect } from "effect";

/** A request that came to another path than the API's own. Its `Host` and `Origin` have been checked. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Without the query, and as it came: nothing in it is decoded. */
  readonly path: string;
  /** The body as text; `undefined` when it is longer than the API takes. */
  readonly body: Effect.Effect<string | undefined>;
  /** Done when the server begins to stop: a response that goes on without end must end then. */
  readonly stopping: Effect.Effect<void>;
}

/** A surface beside the AWS API, on the same port. */
export interface HttpSurface {
  /** True for requests that are meant for it. */
  readonly takes: (request: IncomingMessage, path: string) => boolean;
  /** Answers one. Never fails; is interrupted when the client has gone. */
  readonly answer: (exchange: HttpExchange) => Effect.Effect<void>;
}
