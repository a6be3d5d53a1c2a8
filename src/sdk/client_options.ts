/** What a client is told and tells. */
import type { NatsConnection } from "@nats-io/transport-node";
import type { ExecutionStatus, ListExecutionsRequest } from "../runtime/engine.ts";
import type { ExecutionId, Json, Space } from "../values/mod.ts";

/** Where the engine is, whose executions are meant, and how long to wait. */
export interface WeftClientOptions {
  /** `nats://host:port`, one or several; or a connection, which then stays its owner's to close. */
  readonly servers?: string | readonly string[];
  readonly connection?: NatsConnection;
  /** 1–64 of `A-Z a-z 0-9 _ -`. Default of both: `default`. */
  readonly tenant?: string;
  readonly namespace?: string;
  readonly user?: string;
  readonly password?: string;
  /** File with a user's JWT and seed (`.creds`). */
  readonly credentialsFile?: string;
  /** Milliseconds that one request may take, all tries together. Default: 10,000. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds without an answer after which a request that may be repeated is sent to another engine as well, the next time twice as long later: the one
   * that has it may be stopped or cut off. Default: 1,000.
   */
  readonly tryTimeoutMs?: number;
  /** Milliseconds that `run` and `waitFor` wait for an execution's end. Default: 300,000. */
  readonly waitTimeoutMs?: number;
  /** Milliseconds to go on asking while no engine answers or it says `Unavailable`, within `timeoutMs`. Default: 10,000. */
  readonly patienceMs?: number;
}

/** A start: with a `key`, repeats of it give the same execution. */
export interface StartOptions {
  readonly workflow: string;
  readonly input: Json;
  /** 1–256 characters: the same key and input give the same execution, another input is refused. */
  readonly key?: string;
  /** ISO 8601 with zone: the execution is `Pending` until then. */
  readonly startAt?: string;
}

/** Which executions to list, newest first. */
export type ListFilter = Omit<ListExecutionsRequest, keyof Space | "limit" | "next">;

/** One page of a list; `next` from the page before. */
export interface PageOptions {
  /** 1 to 1,000. */
  readonly limit?: number;
  readonly next?: string;
}

/** An execution's id and where it stands. */
export interface ExecutionState {
  readonly executionId: ExecutionId;
  readonly status: ExecutionStatus;
}
