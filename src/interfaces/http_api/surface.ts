/** What else can be served on the API's port, and what it gets to see of a request. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Effect, Result } from "effect";
import type { Authenticated, NotAuthenticated } from "../../access/mod.ts";
import type { AwsFailure } from "../../aws/mod.ts";

/** A request that came to another path than the API's own. Its `Host` and `Origin` have been checked. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Without the query, and as it came: nothing in it is decoded. */
  readonly path: string;
  /** The body; `undefined` when it is longer than the API takes. */
  readonly body: Effect.Effect<Uint8Array | undefined>;
  /** Who sent it, by its signature over the body. Nothing may be done or shown before it has been asked. */
  readonly authenticate: (
    body: Uint8Array,
  ) => Effect.Effect<Result.Result<Authenticated, NotAuthenticated | AwsFailure>>;
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
