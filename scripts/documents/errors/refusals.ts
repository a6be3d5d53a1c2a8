/** Codes of requests that came to nothing: what the engine answers, and what a client finds out by itself. */
import type { ApiCode } from "../../../src/runtime/engine.ts";
import type { WeftErrorCode } from "../../../src/sdk/mod.ts";
import type { ErrorPage } from "./page.ts";

/** One for each code of the engine: a code without a page does not compile. */
export const refusals: Readonly<Record<ApiCode, ErrorPage>> = {
  NotFound: {
    meaning: "there is no workflow, execution or task of that name or id in this tenant's namespace.",
    cause:
      "a name misspelt, another namespace, an execution that was deleted or whose retention is over. Ids of other tenants are answered in the same way.",
    remedy:
      "look with `weft workflows list` or `weft executions list`. A worker that gets it for a task acknowledges the message: nothing is left to do.",
  },
  AlreadyExists: {
    meaning: "an execution was started with this `key` before, and with another input or workflow.",
    cause: "a key that is not unique to the work that it stands for.",
    remedy:
      "put what makes the work unique into the key. To see the first: list the executions of the workflow, and compare `key`.",
  },
  InvalidArgument: {
    meaning:
      "the request cannot be understood: no JSON, no UTF-8, nested too deep, a field missing, of another type or out of bounds.",
    cause: "a mistake in the caller. The message names the field.",
    remedy:
      "mend the request; sending it again as it is will not help. The endpoint's `request_schema` says what is expected.",
  },
  InvalidDefinition: {
    meaning:
      "the state machine has errors; `diagnostics` lists all of them, each with a code, a message and a JSON pointer.",
    cause: "a field misspelt, a state that is missing, an expression that cannot be parsed.",
    remedy: "`weft validate FILE` shows them with line and column.",
  },
  InvalidStatus: {
    meaning:
      "it cannot be done in the status that the execution or task has: completed twice, canceled after its end, deleted before it.",
    cause:
      "somebody else was faster (a time-out, a cancel, another worker with the same task), or the same request was carried out before and its answer was lost.",
    remedy: "describe the execution. A worker that gets it for a task acknowledges the message.",
  },
  InvalidToken: {
    meaning: "the text is no task's token, or not one of this tenant's namespace, or from another cluster.",
    cause: "a token cut off on its way, a request on another namespace's subject, a store that was made anew.",
    remedy: "send the token as it came with the task, to the subject of the task's own tenant and namespace.",
  },
  PayloadTooLarge: {
    meaning:
      "an input or output has more than 262,144 bytes of JSON, a definition more than 1,048,576, or a reply would not fit in one NATS message.",
    cause: "whole documents passed from state to state.",
    remedy:
      "keep them elsewhere and pass where they are. For a reply: raise `max_payload` of the NATS server. A worker whose output is too large fails the task with `States.DataLimitExceeded`.",
  },
  LimitExceeded: {
    meaning:
      "a bound other than of size was reached, such as how many callers may wait for executions to end at one engine.",
    cause: "many `start` requests with `wait` on long executions.",
    remedy: "start without `wait` and describe later, or follow the feed. The message names the bound.",
  },
  Unavailable: {
    meaning:
      "not now. No engine is connected, a partition has no leader at the moment, too much is waiting already, or the engine is shutting down.",
    cause: "a start, a restart or a failover; the log's storage is away; more load than the machine takes.",
    remedy:
      "ask again, with growing pauses. If the outcome is unknown, ask again only what may be done twice: a start needs a `key` for that. If it lasts, `weft doctor` says what is missing.",
  },
  Internal: {
    meaning: "a defect: something happened that must not. The request may have been carried out.",
    cause: "a mistake in Weft.",
    remedy:
      "the message has an id; the engine's log has the reason under it (`incident`). Other executions are not touched. Please report it.",
  },
};

/** Codes that only clients have. */
export const clientCodes: Readonly<Record<Exclude<WeftErrorCode, ApiCode>, ErrorPage>> = {
  Timeout: {
    meaning: "no answer came in time. The request may have been carried out.",
    cause:
      "an engine or server that went while it worked; an execution that takes longer than `run` or `waitFor` was told to wait.",
    remedy: "as for a request with unknown outcome: read what there is, or send it again if it may be done twice.",
  },
  ConnectionClosed: {
    meaning: "the client was closed before the answer came.",
    cause: "`close()` while something was still asked.",
    remedy: "await what you ask before you close.",
  },
};
