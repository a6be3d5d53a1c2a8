import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import {
  type ActivityId,
  type ExecutionId,
  parseActivityId,
  parseExecutionId,
  parseTaskId,
  type TaskId,
} from "../values/mod.ts";

/** What a task token speaks for. */
export interface TaskClaim {
  readonly executionId: ExecutionId;
  readonly activityId: ActivityId;
  readonly taskId: TaskId;
}

const SIGNATURE_BYTES = 16;

/**
 * Signs and reads task tokens: opaque text under 400 characters, the same for the same task and secret, so it survives restarts.
 * Whoever has it can end the task; a changed or made-up one is nobody's.
 */
export class TaskTokens {
  readonly #secret: Uint8Array;

  /** @param secret at least 16 random bytes, the same for the whole life of the cluster */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  sign(claim: TaskClaim): string {
    const body = Buffer.from(`${claim.activityId} ${claim.taskId}`).toString("base64url");
    return `${body}.${this.#signature(body)}`;
  }

  /** `undefined` when the token is not one of ours. */
  read(token: string): TaskClaim | undefined {
    const dot = token.lastIndexOf(".");
    if (dot < 0) return undefined;
    const body = token.slice(0, dot);
    const given = Buffer.from(token.slice(dot + 1));
    const wanted = Buffer.from(this.#signature(body));
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const [activity = "", task = ""] = Buffer.from(body, "base64url").toString().split(" ");
    const ids = parseActivityId(activity);
    if (ids === undefined || parseTaskId(task) === undefined || parseExecutionId(ids.executionId) === undefined) {
      return undefined;
    }
    return { executionId: ids.executionId, activityId: activity as ActivityId, taskId: task as TaskId };
  }

  #signature(body: string): string {
    return createHmac("sha256", this.#secret).update(body).digest().subarray(0, SIGNATURE_BYTES).toString("base64url");
  }
}
