import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import {
  type ActivityId,
  type ExecutionId,
  Hmac,
  parseActivityId,
  parseExecutionId,
  parseTaskId,
  present,
  type TaskId,
} from "../values/mod.ts";

/** What a task token speaks for. */
export interface TaskClaim {
  readonly executionId: ExecutionId;
  readonly activityId: ActivityId;
  readonly taskId: TaskId;
  /**
   * Handed to whoever does the task, and not the token of its context object. `request`: of a `.waitForTaskToken` task, whose result is the
   * answer to the request and does not end the task. `runner`: of a task with children, whose word counts for them.
   */
  readonly role?: "request" | "runner";
}

function isRole(text: string): text is NonNullable<TaskClaim["role"]> {
  return text === "request" || text === "runner";
}

const SIGNATURE_BYTES = 16;
/** Tokens that are remembered: at least so many of the last ones, never twice as many. */
const RECENT_MAX = 4_096;

/**
 * Signs and reads task tokens: opaque text under 400 characters, the same for the same task and secret, so it survives restarts.
 * Whoever has it can end the task; a changed or made-up one is nobody's. This is the first version of tokens; a later one begins with
 * its number and a dot, which makes it nobody's here.
 */
export class TaskTokens {
  readonly #hmac: Hmac;
  /** Tokens signed lately, with what they speak for: most come back soon, and need not be computed again. */
  #recent = new Map<string, TaskClaim>();
  #lessRecent: ReadonlyMap<string, TaskClaim> = new Map();

  /** @param secret at least 16 random bytes, the same for the whole life of the cluster */
  constructor(secret: Uint8Array) {
    this.#hmac = new Hmac(secret);
  }

  sign(claim: TaskClaim): string {
    const role = claim.role === undefined ? "" : ` ${claim.role}`;
    const body = Buffer.from(`${claim.activityId} ${claim.taskId}${role}`).toString("base64url");
    const token = `${body}.${this.#signature(body)}`;
    this.#recent.set(token, claim);
    if (this.#recent.size >= RECENT_MAX) {
      this.#lessRecent = this.#recent;
      this.#recent = new Map();
    }
    return token;
  }

  /** `undefined` when the token is not one of ours. */
  read(token: string): TaskClaim | undefined {
    return this.#recent.get(token) ?? this.#lessRecent.get(token) ?? this.#verified(token);
  }

  #verified(token: string): TaskClaim | undefined {
    const dot = token.lastIndexOf(".");
    if (dot < 0) return undefined;
    const body = token.slice(0, dot);
    const given = Buffer.from(token.slice(dot + 1));
    const wanted = Buffer.from(this.#signature(body));
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const [activity = "", task = "", role, ...more] = Buffer.from(body, "base64url").toString().split(" ");
    // A newer Weft's claim is not taken for a greater one.
    if (more.length > 0 || (role !== undefined && !isRole(role))) return undefined;
    const ids = parseActivityId(activity);
    if (ids === undefined || parseTaskId(task) === undefined || parseExecutionId(ids.executionId) === undefined) {
      return undefined;
    }
    return {
      executionId: ids.executionId,
      activityId: activity as ActivityId,
      taskId: task as TaskId,
      ...present({ role }),
    };
  }

  #signature(body: string): string {
    const digest = this.#hmac.digest(body);
    return Buffer.from(digest.buffer, digest.byteOffset, SIGNATURE_BYTES).toString("base64url");
  }
}
