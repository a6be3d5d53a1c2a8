import type { TurnDraws } from "../../../actors/mod.ts";
import type { ActivityId, ExecutionId, TaskId, Timestamp } from "../../values/mod.ts";
import type { PartitionOptions } from "./partition_options.ts";

/** What one turn draws: the same wall time throughout, ids from the node's hybrid logical clock. */
export class PartitionDraws implements TurnDraws {
  readonly nowEpochMs: number;
  readonly #options: PartitionOptions;

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.nowEpochMs = options.clock.nowEpochMs();
  }

  random(): number {
    return this.#options.randomness.random();
  }

  uuid(): string {
    return this.#options.randomness.uuid();
  }

  timestamp(): Timestamp {
    return this.#options.hlc.tick();
  }

  taskToken(executionId: ExecutionId, activityId: ActivityId, taskId: TaskId): string {
    return this.#options.tokens.sign({ executionId, activityId, taskId });
  }

  delayMs(seconds: number): number {
    return Math.round(seconds * 1000 * this.#options.timeScale);
  }
}
