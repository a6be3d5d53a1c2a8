/** When timers of an execution have to be due, worked out from the seconds that its definition gives. */
import type { Event } from "../../../src/protocol/mod.ts";
import type { BrokenRule } from "./event_rules.ts";

type Of<Type extends Event["type"]> = Extract<Event, { type: Type }>;

/** Seconds of a task, as it was created; that they are its state's is seen by the reference. */
type TaskClocks = Pick<Of<"TaskCreatedEvent">, "timeoutSeconds" | "heartbeatSeconds">;

export class DeadlineRules {
  readonly #clocks = new Map<string, TaskClocks>();

  /** Takes an event in; returns the rule that it breaks. @param machineSeconds the machine's `TimeoutSeconds` */
  take(event: Event, atEpochMs: number, machineSeconds: () => number | undefined): BrokenRule | undefined {
    switch (event.type) {
      case "TaskCreatedEvent":
        this.#clocks.set(event.taskId, event);
        return check(event.taskId, event.timeoutAtEpochMs, atEpochMs, event.timeoutSeconds);
      case "TaskActivatedEvent":
      case "TaskHeartbeatRecordedEvent": {
        const { heartbeatSeconds } = this.#clocks.get(event.taskId) ?? {};
        return check(event.taskId, event.heartbeatAtEpochMs, atEpochMs, heartbeatSeconds);
      }
      case "ExecutionStartedEvent":
        return event.status === "Pending"
          ? undefined
          : check(event.executionId, event.deadlineEpochMs, atEpochMs, machineSeconds());
      case "ExecutionRunningEvent":
        return check(event.executionId, event.deadlineEpochMs, atEpochMs, machineSeconds());
      default:
        return undefined;
    }
  }
}

function check(
  id: string,
  deadlineEpochMs: number | undefined,
  fromEpochMs: number,
  seconds: number | undefined,
): BrokenRule | undefined {
  const wanted = seconds === undefined ? undefined : fromEpochMs + seconds * 1_000;
  if (deadlineEpochMs === wanted) return undefined;
  return { invariant: "deadlines", message: `"${id}" is due at ${deadlineEpochMs}, but should be at ${wanted}` };
}
