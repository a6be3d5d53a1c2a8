import { Buffer } from "node:buffer";
import { hash, timingSafeEqual } from "node:crypto";
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
  /**
   * Handed to whoever does the task, and not the token of its context object. `request`: of a `.waitForTaskToken` task, whose result is the
   * answer to the request and does not end the task. `runner`: of a task with children, whose word counts for them.
   */
  readonly role?: "request" | "runner";
}

const SIGNATURE_BYTES = 16;
/** Block of SHA-256, bytes: what HMAC (RFC 2104) pads its key to. */
const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/**
 * Signs and reads task tokens: opaque text under 400 characters, the same for the same task and secret, so it survives restarts.
 * Whoever has it can end the task; a changed or made-up one is nobody's.
 */
export class TaskTokens {
  readonly #innerKey: Uint8Array;
  readonly #outerKey: Uint8Array;

  /** @param secret at least 16 random bytes, the same for the whole life of the cluster */
  constructor(secret: Uint8Array) {
    const key = secret.length > BLOCK_BYTES ? hash("sha256", secret, "buffer") : secret;
    this.#innerKey = Uint8Array.from({ length: BLOCK_BYTES }, (_, index) => (key[index] ?? 0) ^ INNER_PAD);
    this.#outerKey = Uint8Array.from({ length: BLOCK_BYTES }, (_, index) => (key[index] ?? 0) ^ OUTER_PAD);
  }

  sign(claim: TaskClaim): string {
    const role = claim.role === undefined ? "" : ` ${claim.role}`;
    const body = Buffer.from(`${claim.activityId} ${claim.taskId}${role}`).toString("base64url");
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
    const [activity = "", task = "", role] = Buffer.from(body, "base64url").toString().split(" ");
    const ids = parseActivityId(activity);
    if (ids === undefined || parseTaskId(task) === undefined || parseExecutionId(ids.executionId) === undefined) {
      return undefined;
    }
    return {
      executionId: ids.executionId,
      activityId: activity as ActivityId,
      taskId: task as TaskId,
      ...(role === "request" || role === "runner" ? { role } : {}),
    };
  }

  /** HMAC-SHA-256 from its definition over one-shot hashes: a key object for each token costs more than the hashing. */
  #signature(body: string): string {
    const inner = hash("sha256", Buffer.concat([this.#innerKey, Buffer.from(body, "latin1")]), "buffer");
    const outer = hash("sha256", Buffer.concat([this.#outerKey, inner]), "buffer");
    return outer.subarray(0, SIGNATURE_BYTES).toString("base64url");
  }
}
