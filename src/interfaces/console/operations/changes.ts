/** What can be done to an execution that is there. */
import { Schema } from "effect";
import { present } from "../../../values/mod.ts";
import { type ConsoleOperation, operation } from "../operation.ts";
import * as fields from "./fields.ts";

const One = Schema.Struct({ executionId: fields.executionId });
const Stop = Schema.Struct({ executionId: fields.executionId, error: fields.error, cause: fields.cause });

/** By name. */
export const changeOperations: Readonly<Record<string, ConsoleOperation>> = {
  "executions/stop": operation(
    Stop,
    ({ engine, space }, { executionId, error, cause }) =>
      engine.cancelExecution({ ...space, executionId, ...present({ error, cause }) }),
  ),
  "executions/redrive": operation(
    One,
    ({ engine, space }, { executionId }) => engine.redriveExecution({ ...space, executionId }),
  ),
  "executions/delete": operation(
    One,
    ({ engine, space }, { executionId }) => engine.deleteExecution({ ...space, executionId }),
  ),
};
