/** Tasks that are ended by hand, as a worker or whoever has the token would. */
import { Effect, Schema } from "effect";
import { present } from "../../../values/mod.ts";
import { type ConsoleOperation, operation } from "../operation.ts";
import * as fields from "./fields.ts";

const task = { executionId: fields.executionId, activityId: fields.actorId, taskId: fields.actorId };

/** By name. */
export const taskOperations: Readonly<Record<string, ConsoleOperation>> = {
  "tasks/complete": operation(
    Schema.Struct({ ...task, output: fields.json }),
    ({ engine, registry, space }, { output, ...ids }) =>
      Effect.flatMap(
        registry.taskToken({ ...space, ...ids }),
        (token) => engine.completeTask({ ...space, token, output }),
      ),
  ),
  "tasks/fail": operation(
    Schema.Struct({ ...task, error: fields.error, cause: fields.cause }),
    ({ engine, registry, space }, { error, cause, ...ids }) =>
      Effect.flatMap(
        registry.taskToken({ ...space, ...ids }),
        (token) => engine.failTask({ ...space, token, ...present({ error, cause }) }),
      ),
  ),
};
