import type { StandingOrdersPort } from "../../../src/interfaces/cli/homes.ts";
import { RequestRefused } from "../../../src/runtime/mod.ts";
import type { ScheduleDescription, ScheduleRequest, TriggerDescription, TriggerRequest } from "../../../src/sdk/mod.ts";

const AT = "2026-01-01T00:00:00.000Z";
const times = { createdAt: AT, updatedAt: AT };

/** Keeps schedules and triggers, and does nothing for them: the next due time is always the same. */
export function fakeStandingOrders(): StandingOrdersPort {
  const schedules = new Map<string, ScheduleDescription>();
  const triggers = new Map<string, TriggerDescription>();
  return {
    putSchedule: (request) => kept(schedules, scheduled(request)),
    describeSchedule: (name) => found(schedules, name),
    listSchedules: () => Promise.resolve({ schedules: [...schedules.values()] }),
    deleteSchedule: (name) => removed(schedules, name),
    putTrigger: (request) => kept(triggers, triggered(request)),
    describeTrigger: (name) => found(triggers, name),
    listTriggers: () => Promise.resolve({ triggers: [...triggers.values()] }),
    deleteTrigger: (name) => removed(triggers, name),
  };
}

function scheduled(request: ScheduleRequest): ScheduleDescription {
  const counts = { started: 0, skipped: 0, missed: 0, failed: 0, waiting: 0 };
  const defaults = { timezone: "UTC", isEnabled: true, overlap: "allow", catchUpSeconds: 86_400 } as const;
  return { ...defaults, ...request, ...times, ...counts, next: ["2026-01-01T01:00:00.000Z"] };
}

function triggered(request: TriggerRequest): TriggerDescription {
  return { concurrency: 16, refusalsMax: 5, isEnabled: true, ...request, ...times };
}

function kept<T extends { readonly name: string }>(all: Map<string, T>, one: T): Promise<T> {
  all.set(one.name, one);
  return Promise.resolve(one);
}

function found<T>(all: Map<string, T>, name: string): Promise<T> {
  const one = all.get(name);
  return one === undefined
    ? Promise.reject(new RequestRefused({ code: "NotFound", message: `${name} does not exist.` }))
    : Promise.resolve(one);
}

async function removed<T>(all: Map<string, T>, name: string): Promise<{ readonly name: string }> {
  await found(all, name);
  all.delete(name);
  return { name };
}
