/** What starts executions by itself, as the services tell it. */

/** What becomes of a due time while the execution that the one before it started still runs. */
export type Overlap = "allow" | "skip" | "buffer-one" | "buffer-all" | "cancel-other";

/** Starts executions of a workflow at times. */
export interface ScheduleRequest {
  /** 1 to 64 of letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** `rate(5 minutes)`, `cron(0 9 ? * MON-FRI *)`, `at(2030-01-31T08:00:00)`. */
  readonly expression: string;
  /** A workflow's name, or the ARN of a state machine, a version or an alias. */
  readonly stateMachine: string;
  /** Such as `Europe/Zurich`. Default: UTC. */
  readonly timezone?: string;
  /** JSON text; default `{}`. */
  readonly input?: string;
  /** ISO 8601. */
  readonly startAt?: string;
  readonly endAt?: string;
  /** Each start is somewhere in so many minutes, 1 to 1,440. */
  readonly flexibleMinutes?: number;
  /** Default: `allow`. */
  readonly overlap?: Overlap;
  /** Due times that are older are missed. Default: a day. */
  readonly catchUpSeconds?: number;
  /** Default: true. */
  readonly isEnabled?: boolean;
  /** Default: false. */
  readonly deletesItself?: boolean;
  readonly description?: string;
}

/** A schedule as it stands. */
export interface ScheduleDescription extends ScheduleRequest {
  readonly timezone: string;
  readonly isEnabled: boolean;
  readonly overlap: Overlap;
  readonly catchUpSeconds: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The next due times. */
  readonly next: readonly string[];
  readonly started: number;
  readonly skipped: number;
  readonly missed: number;
  readonly failed: number;
  /** Due times that wait for an execution to end. */
  readonly waiting: number;
  readonly last?: { readonly dueAt: string; readonly executionArn: string };
  readonly failure?: { readonly dueAt: string; readonly code: string; readonly message: string };
}

/** Starts an execution of a workflow for each message of a subject. */
export interface TriggerRequest {
  /** 1 to 64 of letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** Kept by a stream; may have wildcards. */
  readonly subject: string;
  /** A workflow's name, or the ARN of a state machine, a version or an alias. */
  readonly stateMachine: string;
  /** Payload template, JSON text; its `$` is `{ data, subject, headers, stream, sequence, timestamp }`. Default: the message's data. */
  readonly input?: string;
  /** Messages in work at once. Default: 16. */
  readonly concurrency?: number;
  /** How often a message is refused before it is laid aside. Default: 5. */
  readonly refusalsMax?: number;
  /** Where it is sent then; absent: it is given up. */
  readonly deadLetterSubject?: string;
  /** Which messages of the stream, where the trigger is made now. Default: `new`. */
  readonly from?: "oldest" | "new";
  /** Default: true. */
  readonly isEnabled?: boolean;
  readonly description?: string;
}

/** A trigger as it stands. */
export interface TriggerDescription extends TriggerRequest {
  readonly concurrency: number;
  readonly refusalsMax: number;
  readonly isEnabled: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Asks a service. @param isRepeatable the same request again does no harm */
type Ask = <T>(operation: string, request: object, isRepeatable: boolean) => Promise<T>;
interface Page {
  readonly limit?: number;
  readonly next?: string;
}

/** Schedules of the client's tenant and namespace. */
export class ScheduleClient {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Keeps a schedule under a name, or changes it: what was due before and not begun is not made up for. */
  put(request: ScheduleRequest): Promise<ScheduleDescription> {
    return this.#ask("schedules.put", request, true);
  }

  /** A schedule, what it has done and when it is due next. */
  describe(name: string): Promise<ScheduleDescription> {
    return this.#ask("schedules.describe", { name }, true);
  }

  /** One page, by name. */
  page(page: Page = {}): Promise<{ readonly schedules: readonly ScheduleDescription[]; readonly next?: string }> {
    return this.#ask("schedules.list", page, true);
  }

  /** What it started goes on. */
  delete(name: string): Promise<{ readonly name: string }> {
    return this.#ask("schedules.delete", { name }, false);
  }
}

/** Triggers of the client's tenant and namespace. */
export class TriggerClient {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Keeps a trigger under a name, or changes it: it goes on where it was, unless its subject is another. */
  put(request: TriggerRequest): Promise<TriggerDescription> {
    return this.#ask("triggers.put", request, true);
  }

  /** A trigger as it stands. */
  describe(name: string): Promise<TriggerDescription> {
    return this.#ask("triggers.describe", { name }, true);
  }

  /** One page, by name. */
  page(page: Page = {}): Promise<{ readonly triggers: readonly TriggerDescription[]; readonly next?: string }> {
    return this.#ask("triggers.list", page, true);
  }

  /** What it started goes on. */
  delete(name: string): Promise<{ readonly name: string }> {
    return this.#ask("triggers.delete", { name }, false);
  }
}
