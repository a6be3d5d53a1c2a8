/** The endpoints of what starts executions by itself: schedules and triggers. */
import { Effect } from "effect";
import { type Schedules, shownSchedule } from "../../schedules/mod.ts";
import type { Triggers } from "../../triggers/mod.ts";
import type { Define, Endpoint } from "./endpoints.ts";
import * as requests from "./requests.ts";

/** What starts executions by itself. */
export interface StandingOrders {
  readonly schedules: Schedules;
  /** Absent: there is no NATS. */
  readonly triggers?: Triggers;
}

/** The endpoints of what is there. */
export function standingEndpoints({ schedules, triggers }: StandingOrders, define: Define): Endpoint[] {
  return [
    ...scheduleEndpoints(schedules, define),
    ...(triggers === undefined ? [] : triggerEndpoints(triggers, define)),
  ];
}

function scheduleEndpoints(schedules: Schedules, define: Define): Endpoint[] {
  const service = "weft-schedules";
  const reply = requests.replies.schedule;
  return [
    define({
      service,
      name: "put",
      description: "Starts executions of a workflow at times, or changes when and how",
      request: requests.PutSchedule,
      reply,
      answer: (request) => Effect.map(schedules.put(request), shownSchedule),
    }),
    define({
      service,
      name: "describe",
      description: "A schedule, what it has done and when it is due next",
      request: requests.NamedStanding,
      reply,
      answer: (request) => Effect.map(schedules.describe(request), shownSchedule),
    }),
    define({
      service,
      name: "list",
      description: "Schedules by name",
      request: requests.ListStanding,
      reply: requests.replies.schedules,
      answer: (request) =>
        Effect.map(schedules.list(request), (page) => ({ ...page, schedules: page.schedules.map(shownSchedule) })),
    }),
    define({
      service,
      name: "delete",
      description: "Deletes a schedule; what it started goes on",
      request: requests.NamedStanding,
      reply: requests.replies.workflowName,
      answer: (request) => schedules.delete(request),
    }),
  ];
}

function triggerEndpoints(triggers: Triggers, define: Define): Endpoint[] {
  const service = "weft-triggers";
  const reply = requests.replies.trigger;
  return [
    define({
      service,
      name: "put",
      description: "Starts an execution of a workflow for each message of a subject, or changes how",
      request: requests.PutTrigger,
      reply,
      answer: (request) => triggers.put(request),
    }),
    define({
      service,
      name: "describe",
      description: "A trigger as it stands",
      request: requests.NamedStanding,
      reply,
      answer: (request) => triggers.describe(request),
    }),
    define({
      service,
      name: "list",
      description: "Triggers by name",
      request: requests.ListStanding,
      reply: requests.replies.triggers,
      answer: (request) => triggers.list(request),
    }),
    define({
      service,
      name: "delete",
      description: "Deletes a trigger; what it started goes on",
      request: requests.NamedStanding,
      reply: requests.replies.workflowName,
      answer: (request) => triggers.delete(request),
    }),
  ];
}
