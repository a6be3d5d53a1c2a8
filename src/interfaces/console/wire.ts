/** What the console's page and its server say to each other: JSON, by name. Types alone, for both sides of the wire. */
import type { RunEvent, RunJson } from "../../story/mod.ts";

/** Any JSON. */
export type WireJson = RunJson;

/** Why an operation came to nothing: a code of `docs/errors.md`. */
export interface WireRefusal {
  readonly code: string;
  readonly message: string;
}

/** What is served here, and whose executions are shown where nothing else is asked for. */
export interface Overview {
  readonly version: string;
  readonly home: string;
  readonly tenant: string;
  readonly namespace: string;
}

/** An execution as lists show it. Times are ISO 8601, UTC. */
export interface ListedRun {
  readonly executionId: string;
  /** Its ARN in the AWS API. */
  readonly arn: string;
  readonly name: string;
  readonly workflow: string;
  readonly revision: number;
  /** The engine's own word, such as `Succeeded`. */
  readonly status: string;
  readonly timedOut: boolean;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly error?: string;
  /** The Map Run whose child it is. */
  readonly mapRun?: string;
  readonly redriveCount: number;
}

/** A page of executions, newest first. */
export interface RunPage {
  readonly executions: readonly ListedRun[];
  readonly next?: string;
}

/** An execution with its payloads. */
export interface RunDetail extends ListedRun {
  readonly key?: string;
  readonly input: WireJson;
  readonly output?: WireJson;
  readonly cause?: string;
  /** Why it cannot be redriven; absent: it can. */
  readonly notRedrivable?: string;
  /** The execution whose Map Run it is of. */
  readonly parent?: string;
  /** JSON text of the definition that it is pinned to. */
  readonly definition: string;
}

export type { RunEvent };

/** Events of a history, oldest first. `next`: the `after` of the following page. */
export interface EventPage {
  readonly events: readonly RunEvent[];
  readonly next?: number;
}

/** A message of the stream for one execution: events in order, or that the history is to be read. */
export type RunMessage = { readonly events: readonly RunEvent[] } | { readonly reread: true };

/** A message of the stream for a space: something has changed there. */
export interface SpaceMessage {
  /** Executions that something happened to, some of them where there are many. */
  readonly changed: readonly string[];
  /** Turns since the message before. */
  readonly turns: number;
}

/** A turn of the feed, its events without payloads. A turn that is not told is missed by its number. */
export interface FeedPiece {
  readonly executionId: string;
  readonly sequence: number;
  readonly events: readonly RunEvent[];
}

/** A message of the stream of turns. */
export interface FeedBundle {
  readonly messages: readonly FeedPiece[];
}

/** How the cluster stands: what its nodes say of themselves, what waits for workers, and what is to be done about it. */
export interface EngineStatus {
  readonly nodes: readonly EngineNode[];
  readonly backlogs: readonly EngineBacklog[];
  /** As `weft doctor` has them; absent: nobody looked, there is no NATS server. */
  readonly findings?: readonly EngineFinding[];
}

/** A node. */
export interface EngineNode {
  readonly node: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly residentBytes: number;
  /** Its clock minus that of the node that was asked. */
  readonly clockOffsetMs: number;
  readonly partitions: readonly {
    readonly partition: number;
    /** `starting`, `leading` in an epoch, `following`, `resting`, or `stopped` by an incident. */
    readonly kind: string;
    readonly epoch?: number;
    readonly incident?: string;
    /** Sequence up to which the log has been taken in. */
    readonly through: number;
    /** In memory. */
    readonly executions: number;
    /** Inputs in line. */
    readonly waiting: number;
    readonly parkedCount: number;
    /** The first of them. */
    readonly parked: readonly { readonly executionId: string; readonly why: string }[];
  }[];
}

/** Tasks of one type. */
export interface EngineBacklog {
  readonly tenant: string;
  readonly namespace: string;
  readonly resource: string;
  readonly waiting: number;
  readonly inWork: number;
  readonly workersAsking: number;
  readonly oldestAtEpochMs?: number;
}

/** One thing that was looked at. */
export interface EngineFinding {
  readonly name: string;
  /** `ok`, `warn`, `fail` or `unknown`. */
  readonly level: string;
  readonly message: string;
  readonly advice?: string;
}

/** Executions by status. `atLeast`: there are more, which were not counted. */
export interface StatusCounts {
  readonly counts: { readonly [status: string]: { readonly count: number; readonly atLeast: boolean } };
}
