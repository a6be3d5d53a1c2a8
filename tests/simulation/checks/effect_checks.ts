/** What the engine lets out is compared with the log, at the moment it comes out. */
import type { FeedMessage } from "../../../src/runtime/mod.ts";
import type { TaskMessage } from "../../../src/tasks/port.ts";
import { canonicalJson } from "../../../src/values/mod.ts";
import type { LogModel } from "../model/log_model.ts";
import type { World } from "../world/world.ts";

export class EffectChecks {
  readonly #world: World;
  readonly #model: LogModel;
  /** How often each task was handed out. */
  readonly #dispatches = new Map<string, number>();

  constructor(world: World, model: LogModel) {
    this.#world = world;
    this.#model = model;
  }

  dispatched(message: TaskMessage): void {
    const { taskId, executionId, input, resource, attempt } = message;
    this.#world.note(() => `dispatch ${taskId}, attempt ${attempt}`);
    const created = this.#model.executions.get(executionId)?.tasks.get(taskId);
    if (created === undefined) {
      return this.#world.violate("effectAfterLog", `Task "${taskId}" is handed out before its turn is in the log`);
    }
    const isSame = created.resource === resource && created.attempt === attempt &&
      canonicalJson(created.input) === canonicalJson(input);
    if (!isSame) this.#world.violate("effectAfterLog", `Task "${taskId}" is not handed out as it stands in the log`);
    const count = (this.#dispatches.get(taskId) ?? 0) + 1;
    this.#dispatches.set(taskId, count);
    const most = this.#model.dispatchesMax(taskId);
    if (count > most) {
      this.#world.violate("dispatchBounded", `Task "${taskId}" is handed out ${count} times, with ${most} reasons`);
    }
  }

  fed(message: FeedMessage): void {
    const { executionId, sequence, events } = message;
    const execution = this.#model.executions.get(executionId);
    const turn = execution?.turns[sequence - 1];
    if (turn === undefined) {
      return this.#world.violate(
        "effectAfterLog",
        `The feed tells of turn ${sequence} of "${executionId}" before it is in the log`,
      );
    }
    if (sequence > 1 && execution?.turns[sequence - 2]?.isFed === false) {
      this.#world.violate(
        "effectOrder",
        `The feed tells of turn ${sequence} of "${executionId}" before the one before it`,
      );
    }
    turn.isFed = true;
    const said = events.map(({ id, type }) => `${id} ${type}`).join();
    const truth = turn.events.map(({ type }, index) => `${turn.firstEventId + index} ${type}`).join();
    if (said !== truth) {
      this.#world.violate(
        "feed",
        `The feed tells of turn ${sequence} of "${executionId}": ${said}, but it was ${truth}`,
      );
    }
  }
}
