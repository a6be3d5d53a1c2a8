import { Effect } from "effect";
import type { Engine, RequestRefused } from "../engine.ts";
import type { EngineMeter } from "./engine_meter.ts";

/** The engine, its requests measured; but for those that wait for an execution's end, which takes as long as it takes. */
export function timedEngine(engine: Engine, meter: EngineMeter): Engine {
  const timed = <Request, T>(
    operation: string,
    ask: (request: Request) => Effect.Effect<T, RequestRefused>,
  ) =>
  (request: Request): Effect.Effect<T, RequestRefused> =>
    Effect.suspend(() => {
      const beganAtMs = meter.nowMs();
      return Effect.matchEffect(ask(request), {
        onSuccess: (answer) => {
          meter.answered(operation, beganAtMs);
          return Effect.succeed(answer);
        },
        onFailure: (refusal) => {
          meter.answered(operation, beganAtMs);
          meter.refused(refusal.code);
          return Effect.fail(refusal);
        },
      });
    });
  return {
    ...engine,
    putWorkflow: timed("putWorkflow", engine.putWorkflow),
    describeWorkflow: timed("describeWorkflow", engine.describeWorkflow),
    listWorkflows: timed("listWorkflows", engine.listWorkflows),
    deleteWorkflow: timed("deleteWorkflow", engine.deleteWorkflow),
    startExecution: timed("startExecution", engine.startExecution),
    describeExecution: timed("describeExecution", engine.describeExecution),
    executionHistory: timed("executionHistory", engine.executionHistory),
    listExecutions: timed("listExecutions", engine.listExecutions),
    cancelExecution: timed("cancelExecution", engine.cancelExecution),
    redriveExecution: timed("redriveExecution", engine.redriveExecution),
    deleteExecution: timed("deleteExecution", engine.deleteExecution),
    completeTask: timed("completeTask", engine.completeTask),
    submitTask: timed("submitTask", engine.submitTask),
    failTask: timed("failTask", engine.failTask),
    heartbeatTask: timed("heartbeatTask", engine.heartbeatTask),
    activateTask: timed("activateTask", engine.activateTask),
  };
}
