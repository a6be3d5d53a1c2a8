/** What the outside has taken up already for a task: it is in the history, so a restart finds it. */
import { Effect } from "effect";
import { type NumberedEvent, RequestRefused } from "../runtime/mod.ts";
import type { TaskMessage } from "../tasks/mod.ts";
import { type Json, parseTaskId } from "../values/mod.ts";
import { untilAnswered } from "./engine_requests.ts";
import type { IntegrationRun } from "./port.ts";

const HISTORY_PAGE = 1_000;

/** The answer that `IntegrationRun.submitted` put into the history for this task; `undefined` where there is none yet. */
export function submittedAnswer(
  { executionId, taskId }: TaskMessage,
  { registry }: IntegrationRun,
): Effect.Effect<Json | undefined, RequestRefused> {
  const { tenant = "", namespace = "" } = parseTaskId(taskId) ?? {};
  return Effect.gen(function* () {
    for (let after: number | undefined = 0; after !== undefined;) {
      const from: number = after;
      const page: { readonly events: readonly NumberedEvent[]; readonly next?: number } = yield* untilAnswered(
        () => registry.executionEvents({ tenant, namespace, executionId, after: from, limit: HISTORY_PAGE }),
      );
      for (const { event } of page.events) {
        if (event.type === "TaskSubmittedEvent" && event.taskId === taskId) return event.output;
      }
      after = page.next;
    }
    return undefined;
  });
}
