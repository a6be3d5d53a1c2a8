/**
 * Schedules at work, on the node that leads them.
 *
 * For each due time: the execution is started under a name that only this due time has, then it is written down that the time has been
 * dealt with. After a crash in between the same start is made again, and finds what it started. Two nodes that act at once start the same
 * execution, and only one of them can write.
 */
import { Effect, Latch, Result, type Scope } from "effect";
import { AwsFailure, type AwsScope, startOnce, systemDraws } from "../aws/mod.ts";
import {
  type Engine,
  type ExecutionDetail,
  keepLed,
  type LedResource,
  type LedResources,
  type LedWork,
  pauseFor,
  type Registry,
  RequestRefused,
  type WallClock,
} from "../runtime/mod.ts";
import { backoffDelayMs, present } from "../values/mod.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { executionName, nextStep, type Step } from "./next_step.ts";
import { decodeSchedule, type Progress, SCHEDULE_KIND, type ScheduleRecord } from "./schedule_record.ts";
import { scheduledInput } from "./scheduled_input.ts";

/** What schedules work with. */
export interface ScheduleKeeperOptions {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly led: LedResources;
  readonly clock: WallClock;
}

/** Pauses before something is tried again that the engine could not do. */
const AGAIN = { firstMs: 100, mostMs: 10_000 };

/** Keeps the schedules that this node leads, until the scope closes. */
export function keepSchedules(options: ScheduleKeeperOptions): Effect.Effect<void, never, Scope.Scope> {
  return keepLed(options.led, SCHEDULE_KIND, (resource) => new ScheduleWork(options, resource));
}

interface Known {
  readonly revision: number;
  readonly schedule: ScheduleRecord;
  readonly expression: Expression;
}

/** One schedule at work. */
class ScheduleWork implements LedWork {
  readonly #options: ScheduleKeeperOptions;
  readonly #resource: LedResource;
  readonly #scope: AwsScope;
  readonly #news = Latch.makeUnsafe(false);
  #known: Known;
  /** Whether the last execution still runs; `undefined`: to be asked. */
  #isLastRunning: boolean | undefined;
  #failures = 0;

  constructor(options: ScheduleKeeperOptions, resource: LedResource) {
    this.#options = options;
    this.#resource = resource;
    this.#scope = { account: resource.tenant, region: resource.namespace };
    this.#known = knownOf(resource);
  }

  get run(): Effect.Effect<void> {
    return Effect.forever(Effect.suspend(() => {
      this.#news.closeUnsafe();
      const { schedule, expression } = this.#known;
      const now = this.#options.clock.nowEpochMs();
      return this.#do(nextStep(this.#resource.id, schedule, expression, now, this.#isLastRunning));
    }));
  }

  changed(resource: LedResource): void {
    if (resource.record.revision <= this.#known.revision) return;
    this.#known = knownOf(resource);
    this.#isLastRunning = undefined;
    this.#news.openUnsafe();
  }

  #do(step: Step): Effect.Effect<void> {
    switch (step.kind) {
      case "Rest":
        return this.#news.await;
      case "Over":
        return this.#known.schedule.deletesItself ? this.#delete() : this.#news.await;
      case "Sleep":
        return this.#sleep(step);
      case "AskLast":
        return Effect.map(this.#last(), (last) => {
          this.#isLastRunning = last !== undefined && last.endedAt === undefined;
        });
      case "Start":
        return this.#start(step.dueEpochMs, step.progress);
      case "CancelLast":
        return Effect.andThen(this.#cancelLast(), this.#keep(step.progress));
      case "Note":
        return this.#keep(step.progress);
      default:
        return step satisfies never;
    }
  }

  #sleep({ untilEpochMs, orEnded }: Extract<Step, { kind: "Sleep" }>): Effect.Effect<void> {
    const { clock } = this.#options;
    const alarm = untilEpochMs === Infinity ? Effect.never : Effect.callback<void>((resume) => {
      const callOff = clock.alarm(untilEpochMs, () => resume(Effect.void));
      return Effect.sync(callOff);
    });
    const woken = Effect.raceAllFirst([this.#news.await, alarm, orEnded ? this.#lastEnded() : Effect.never]);
    return Effect.map(woken, () => {
      this.#isLastRunning = undefined;
    });
  }

  #start(dueEpochMs: number, after: Progress): Effect.Effect<void> {
    const { engine, registry } = this.#options;
    const { schedule } = this.#known;
    const [scheduleName = ""] = this.#resource.names;
    const name = executionName(scheduleName, dueEpochMs);
    const input = scheduledInput(schedule.input, { ...this.#scope, scheduleName, name, dueEpochMs });
    const caller = { engine, registry, scope: this.#scope, draws: systemDraws };
    const started = startOnce(caller, { machine: schedule.stateMachine, name, ...present({ input }) });
    return Effect.matchEffect(started, {
      onSuccess: ({ key, executionArn }) => {
        this.#failures = 0;
        this.#isLastRunning = undefined;
        return this.#keep({ ...after, started: after.started + 1, last: { dueEpochMs, key, executionArn } });
      },
      onFailure: (failure) => {
        if (mayPass(failure)) return this.#again("start an execution", failure);
        const { code, message } = failure;
        return this.#keep({ ...after, failed: after.failed + 1, failure: { dueEpochMs, code, message } });
      },
    });
  }

  /** Writes down how far it has come. Where somebody else wrote before, that is what holds. */
  #keep(progress: Progress): Effect.Effect<void> {
    const { registry } = this.#options;
    const { revision, schedule, expression } = this.#known;
    const value = { ...schedule, progress };
    return Effect.matchEffect(registry.putResource({ ...this.#name, value, expectedRevision: revision }), {
      onSuccess: (put) => {
        this.#failures = 0;
        if (put.revision > this.#known.revision) {
          this.#known = { revision: put.revision, schedule: value, expression };
        }
        return Effect.void;
      },
      onFailure: (refused) => refused.code === "InvalidStatus" ? this.#refresh() : this.#again("write", refused),
    });
  }

  #refresh(): Effect.Effect<void> {
    return Effect.matchEffect(this.#options.registry.describeResource(this.#name), {
      onSuccess: ({ names: _, ...record }) => Effect.sync(() => this.changed({ ...this.#resource, record })),
      onFailure: (refused) => this.#again("read", refused),
    });
  }

  #delete(): Effect.Effect<void> {
    const { revision: expectedRevision } = this.#known;
    return Effect.matchEffect(this.#options.registry.deleteResource({ ...this.#name, expectedRevision }), {
      // What leads it is told, and ends this.
      onSuccess: () => Effect.never,
      onFailure: (refused) => refused.code === "InvalidStatus" ? this.#refresh() : this.#again("delete", refused),
    });
  }

  get #name() {
    const { tenant, namespace, kind, names } = this.#resource;
    return { tenant, namespace, kind, names };
  }

  /** The last execution; `undefined` where there is none, or none any more. */
  #last(): Effect.Effect<ExecutionDetail | undefined> {
    const { tenant, namespace } = this.#resource;
    const { last } = this.#known.schedule.progress;
    if (last === undefined) return Effect.succeed(undefined);
    return Effect.catch(
      this.#options.registry.executionByKey({ tenant, namespace, key: last.key }),
      (refused) =>
        refused.code === "NotFound"
          ? Effect.succeed(undefined)
          : Effect.andThen(this.#again("ask after an execution", refused), this.#last()),
    );
  }

  #lastEnded(): Effect.Effect<void> {
    const { tenant, namespace } = this.#resource;
    return Effect.flatMap(this.#last(), (last) => {
      if (last === undefined || last.endedAt !== undefined) return Effect.void;
      const ended = this.#options.registry.awaitDetail({ tenant, namespace, executionId: last.executionId });
      return Effect.catch(Effect.asVoid(ended), (refused) => this.#again("wait for an execution", refused));
    });
  }

  #cancelLast(): Effect.Effect<void> {
    const { tenant, namespace } = this.#resource;
    return Effect.flatMap(this.#last(), (last) => {
      if (last === undefined || last.endedAt !== undefined) return Effect.void;
      const { executionId } = last;
      const canceled = this.#options.engine.cancelExecution({ tenant, namespace, executionId });
      return Effect.catch(
        Effect.asVoid(canceled),
        (refused) => refused.code === "Unavailable" ? this.#again("cancel an execution", refused) : Effect.void,
      );
    });
  }

  /** A pause, after which the step is looked for anew. */
  #again(what: string, { code, message }: { readonly code: string; readonly message: string }): Effect.Effect<void> {
    const pause = pauseFor(this.#options.clock, backoffDelayMs(AGAIN, this.#failures++));
    if (code === "Unavailable") return pause;
    return Effect.andThen(
      Effect.annotateLogs(Effect.logWarning(`A schedule could not ${what}: it is tried again`), {
        schedule: this.#resource.id,
        code,
        message,
      }),
      pause,
    );
  }
}

function knownOf({ record: { revision, value } }: LedResource): Known {
  const schedule = decodeSchedule(value);
  const expression = parseExpression(schedule.expression, schedule.timezone, schedule.sinceEpochMs);
  if (Result.isFailure(expression)) throw new RangeError(expression.failure);
  return { revision, schedule, expression: expression.success };
}

/** The engine may do it when it is asked again; else the due time comes to nothing. */
function mayPass(failure: AwsFailure | RequestRefused): boolean {
  return failure instanceof RequestRefused
    ? failure.code === "Unavailable" || failure.code === "Internal" || failure.code === "LimitExceeded"
    : failure.status >= 500;
}
