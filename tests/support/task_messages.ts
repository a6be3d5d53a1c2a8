import type { TaskMessage } from "../../src/tasks/port.ts";
import { activityId, executionId, hash7, type Json, taskId, timestamp } from "../../src/values/mod.ts";

const space = { tenant: "acme", namespace: "shop" };

/** A task as the engine dispatches it; `n` makes its ids, its token and its input. */
export function taskMessage(n: number, fields: Partial<TaskMessage> = {}): TaskMessage {
  const at = timestamp(1_900_000_000, n);
  const execution = executionId(space, "0123456", at);
  const resource = fields.resource ?? "charge";
  return {
    taskId: taskId(space, hash7(resource), at),
    token: `token-${n}`,
    executionId: execution,
    activityId: activityId(execution, at),
    stateName: "Work",
    resource,
    input: n as Json,
    attempt: 1,
    createdAt: "2030-01-01T00:00:00.000Z",
    ...fields,
  };
}
