/** Schedules as they are asked for: put, shown, listed, deleted. What they do is `schedule_keeper.ts`'s. */
import { Effect, Result } from "effect";
import { ownMachine } from "../aws/mod.ts";
import { type Registry, RequestRefused, type ResourceDescription, type WallClock } from "../runtime/mod.ts";
import { isJsonObject, jsonDepthExceeds, type Limits, parseJson, present, type Space } from "../values/mod.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { nextDue } from "./next_step.ts";
import { decodeSchedule, type OverlapPolicy, SCHEDULE_KIND, type ScheduleRecord } from "./schedule_record.ts";

/** A schedule as it is wished. */
export interface PutScheduleRequest extends Space {
  /** 1 to 64 of letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** `rate(…)`, `cron(…)`, `at(…)`. */
  readonly expression: string;
  /** Default: UTC. */
  readonly timezone?: string;
  /** ARN of a state machine, or a workflow's name. */
  readonly stateMachine: string;
  /** JSON text of the executions' input; default `{}`. */
  readonly input?: string;
  /** Nothing is due before or after; ISO 8601. */
  readonly startAt?: string;
  readonly endAt?: string;
  /** 1 to 1,440: each start is somewhere in so many minutes. */
  readonly flexibleMinutes?: number;
  /** Default: `allow`. */
  readonly overlap?: OverlapPolicy;
  /** Due times that are older are missed. Default: a day. */
  readonly catchUpSeconds?: number;
  /** Default: true. */
  readonly isEnabled?: boolean;
  /** Default: false. */
  readonly deletesItself?: boolean;
  readonly description?: string;
  /** What another API is to tell again; JSON text. */
  readonly told?: string;
}

/** A schedule as it stands. */
export interface ScheduleDescription {
  readonly name: string;
  readonly schedule: ScheduleRecord;
  readonly createdAtEpochMs: number;
  readonly updatedAtEpochMs: number;
  /** The next due times, Unix milliseconds: up to five. */
  readonly next: readonly number[];
}

/** Whether a schedule of that name may, must or must not be there. */
export type PutMode = "create" | "update" | "either";

const NAME = /^[0-9A-Za-z_.-]{1,64}$/;
const DESCRIPTION_LENGTH_MAX = 512;
const MACHINE_LENGTH_MAX = 1_600;
const FLEXIBLE_MINUTES_MAX = 1_440;
const CATCH_UP_SECONDS = 86_400;
const CATCH_UP_SECONDS_MAX = 366 * 86_400;
/** Of one space. */
const SCHEDULES_MAX = 10_000;
const NEXT_SHOWN = 5;
const TRIES = 5;

type Answer<T> = Effect.Effect<T, RequestRefused>;

/** The schedules of all spaces. */
export class Schedules {
  readonly #registry: Registry;
  readonly #clock: WallClock;
  readonly #limits: Limits;

  constructor(registry: Registry, clock: WallClock, limits: Limits) {
    this.#registry = registry;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Takes a schedule up, or changes it: what was due before and not begun is not made up for. */
  put(request: PutScheduleRequest, mode: PutMode = "either"): Answer<ScheduleDescription> {
    return Effect.gen({ self: this }, function* () {
      const wished = yield* this.#checked(request);
      for (let tries = 0;; tries++) {
        const before = yield* this.#find(request);
        if (before === undefined && mode === "update") return yield* Effect.fail(missing(request.name));
        if (before !== undefined && mode === "create") return yield* Effect.fail(exists(request.name));
        if (before === undefined) yield* this.#assertRoom(request);
        const value = before === undefined ? wished : changed(decodeSchedule(before.value), wished);
        const put = this.#registry.putResource({ ...idOf(request), value, expectedRevision: before?.revision ?? 0 });
        const outcome = yield* Effect.result(put);
        if (Result.isSuccess(outcome)) return this.#described(outcome.success);
        const { code } = outcome.failure;
        // Its own work or another caller wrote in between.
        if (!["AlreadyExists", "InvalidStatus", "NotFound"].includes(code) || tries >= TRIES) {
          return yield* Effect.fail(outcome.failure);
        }
      }
    });
  }

  describe(request: Space & { readonly name: string }): Answer<ScheduleDescription> {
    return Effect.flatMap(
      this.#find(request),
      (found) => found === undefined ? Effect.fail(missing(request.name)) : Effect.succeed(this.#described(found)),
    );
  }

  delete(request: Space & { readonly name: string }): Answer<{ readonly name: string }> {
    if (!NAME.test(request.name)) return Effect.fail(missing(request.name));
    return Effect.mapError(
      Effect.map(this.#registry.deleteResource(idOf(request)), () => ({ name: request.name })),
      (refused) => refused.code === "NotFound" ? missing(request.name) : refused,
    );
  }

  /** By name; a page. */
  list(
    { prefix = "", limit = 100, next, isEnabled, ...space }: Space & {
      readonly prefix?: string;
      readonly limit?: number;
      /** Names after this one. */
      readonly next?: string;
      readonly isEnabled?: boolean;
    },
  ): Answer<{ readonly schedules: readonly ScheduleDescription[]; readonly next?: string }> {
    return Effect.map(this.#all(space), (all) => {
      const fitting = all.filter(({ names: [name = ""], value }) =>
        name.startsWith(prefix) && name > (next ?? "") &&
        (isEnabled === undefined || decodeSchedule(value).isEnabled === isEnabled)
      );
      const page = fitting.slice(0, limit);
      const last = fitting.length > limit ? page.at(-1)?.names[0] : undefined;
      return { schedules: page.map((one) => this.#described(one)), ...present({ next: last }) };
    });
  }

  #all({ tenant, namespace }: Space): Answer<readonly ResourceDescription[]> {
    return this.#registry.listResources({ tenant, namespace, kind: SCHEDULE_KIND, names: [] });
  }

  #assertRoom(space: Space): Answer<void> {
    return Effect.flatMap(
      this.#all(space),
      (all) =>
        all.length < SCHEDULES_MAX
          ? Effect.void
          : Effect.fail(refused("LimitExceeded", `Expected at most ${SCHEDULES_MAX} schedules`)),
    );
  }

  #find(request: Space & { readonly name: string }): Answer<ResourceDescription | undefined> {
    if (!NAME.test(request.name)) return Effect.succeed(undefined);
    return Effect.catch(
      this.#registry.describeResource(idOf(request)),
      (refusal): Answer<undefined> => refusal.code === "NotFound" ? Effect.succeed(undefined) : Effect.fail(refusal),
    );
  }

  #described({ names: [name = ""], value, createdAtEpochMs, updatedAtEpochMs }: ResourceDescription) {
    const schedule = decodeSchedule(value);
    const expression = parseExpression(schedule.expression, schedule.timezone, schedule.sinceEpochMs);
    const next = Result.isSuccess(expression) && schedule.isEnabled ? nextTimes(schedule, expression.success) : [];
    return { name, schedule, createdAtEpochMs, updatedAtEpochMs, next };
  }

  #checked(request: PutScheduleRequest): Answer<ScheduleRecord> {
    const { name, expression, timezone = "UTC", stateMachine, input, description, told } = request;
    const now = this.#clock.nowEpochMs();
    const startEpochMs = instant("startAt", request.startAt);
    const endEpochMs = instant("endAt", request.endAt);
    for (const read of [startEpochMs, endEpochMs]) if (read instanceof RequestRefused) return Effect.fail(read);
    const times = present({
      startEpochMs: typeof startEpochMs === "number" ? startEpochMs : undefined,
      endEpochMs: typeof endEpochMs === "number" ? endEpochMs : undefined,
    });
    const sinceEpochMs = times.startEpochMs ?? now;
    const read = parseExpression(expression, timezone, sinceEpochMs);
    const { overlap = "allow", catchUpSeconds = CATCH_UP_SECONDS, flexibleMinutes } = request;
    const problem = Result.isFailure(read) ? read.failure : firstOf([
      [!NAME.test(name), "a name of 1 to 64 letters, digits, dots, dashes and underscores"],
      [stateMachine === "" || stateMachine.length > MACHINE_LENGTH_MAX, "a state machine's ARN or a workflow's name"],
      [!isWithin(catchUpSeconds, 1, CATCH_UP_SECONDS_MAX), `catchUpSeconds of 1 to ${CATCH_UP_SECONDS_MAX}`],
      [!isWithin(flexibleMinutes ?? 1, 1, FLEXIBLE_MINUTES_MAX), `flexibleMinutes of 1 to ${FLEXIBLE_MINUTES_MAX}`],
      [
        (description ?? "").length > DESCRIPTION_LENGTH_MAX,
        `a description of at most ${DESCRIPTION_LENGTH_MAX} characters`,
      ],
      [(times.endEpochMs ?? Infinity) <= sinceEpochMs, "an end after the start"],
      [!isInput(input, this.#limits), "an input that is JSON, and not larger than a payload may be"],
    ]);
    if (problem !== undefined) return Effect.fail(refused("InvalidArgument", problem));
    const record: ScheduleRecord = {
      ...{ expression, timezone, sinceEpochMs, overlap, catchUpSeconds, stateMachine },
      ...times,
      ...present({ flexibleMinutes, input, description, told }),
      isEnabled: request.isEnabled ?? true,
      deletesItself: request.deletesItself ?? false,
      progress: {
        throughEpochMs: Math.max(now, sinceEpochMs) - 1,
        ...{ waiting: [], started: 0, skipped: 0, missed: 0, failed: 0 },
      },
    };
    const scope = { account: request.tenant, region: request.namespace };
    return Effect.mapBoth(ownMachine({ scope }, stateMachine), {
      onSuccess: () => record,
      onFailure: ({ message }) => refused("InvalidArgument", message),
    });
  }
}

/** A schedule as it is told: instants in ISO 8601. */
export function shownSchedule({ name, schedule, createdAtEpochMs, updatedAtEpochMs, next }: ScheduleDescription) {
  const { sinceEpochMs: _, told: __, progress, startEpochMs, endEpochMs, ...asked } = schedule;
  const { throughEpochMs: ___, waiting, last, failure, ...counts } = progress;
  const time = (epochMs: number) => new Date(epochMs).toISOString();
  return {
    name,
    ...asked,
    ...present({
      startAt: startEpochMs === undefined ? undefined : time(startEpochMs),
      endAt: endEpochMs === undefined ? undefined : time(endEpochMs),
    }),
    createdAt: time(createdAtEpochMs),
    updatedAt: time(updatedAtEpochMs),
    next: next.map(time),
    ...counts,
    waiting: waiting.length,
    ...(last === undefined ? {} : { last: { dueAt: time(last.dueEpochMs), executionArn: last.executionArn } }),
    ...(failure === undefined
      ? {}
      : { failure: { dueAt: time(failure.dueEpochMs), code: failure.code, message: failure.message } }),
  };
}

/** What {@link shownSchedule} tells. */
export type ShownSchedule = ReturnType<typeof shownSchedule>;

/** A changed schedule goes on counting, and from where it was if its times are the same. */
function changed(before: ScheduleRecord, wished: ScheduleRecord): ScheduleRecord {
  const { progress } = before;
  const isSame = before.isEnabled && before.expression === wished.expression && before.timezone === wished.timezone &&
    before.startEpochMs === wished.startEpochMs;
  return isSame
    ? { ...wished, sinceEpochMs: before.sinceEpochMs, progress }
    : { ...wished, progress: { ...progress, throughEpochMs: wished.progress.throughEpochMs } };
}

function nextTimes(schedule: ScheduleRecord, expression: Expression): number[] {
  const next: number[] = [];
  let after = schedule.progress.throughEpochMs;
  while (next.length < NEXT_SHOWN) {
    const due = nextDue(schedule, expression, after);
    if (due === undefined) break;
    next.push(due);
    after = due;
  }
  return next;
}

function idOf({ tenant, namespace, name }: Space & { readonly name: string }) {
  return { tenant, namespace, kind: SCHEDULE_KIND, names: [name] };
}

function refused(code: "InvalidArgument" | "NotFound" | "AlreadyExists" | "LimitExceeded", message: string) {
  return new RequestRefused({ code, message });
}

function missing(name: string): RequestRefused {
  return refused("NotFound", `Schedule ${name} does not exist.`);
}

function exists(name: string): RequestRefused {
  return refused("AlreadyExists", `Schedule ${name} already exists.`);
}

function instant(field: string, text: string | undefined): number | undefined | RequestRefused {
  if (text === undefined) return undefined;
  const epochMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(epochMs)
    ? refused("InvalidArgument", `Expected "${field}" to be an instant such as 2026-12-24T18:00:00Z`)
    : epochMs;
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isInput(text: string | undefined, { payloadBytesMax, jsonDepthMax }: Limits): boolean {
  if (text === undefined) return true;
  if (new TextEncoder().encode(text).length > payloadBytesMax || jsonDepthExceeds(text, jsonDepthMax)) return false;
  try {
    const value = parseJson(text);
    return isJsonObject(value) || value !== undefined;
  } catch {
    return false;
  }
}

/** The first that is wrong, said as what was expected. */
function firstOf(wrong: readonly (readonly [isWrong: boolean, expected: string])[]): string | undefined {
  const found = wrong.find(([isWrong]) => isWrong);
  return found === undefined ? undefined : `Expected ${found[1]}`;
}
