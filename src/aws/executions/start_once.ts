/** Starts that something other than a caller makes, such as a schedule: by a name that makes the same start again the same execution. */
import { Effect } from "effect";
import { type ExecutionId, sha256Hex, uuidText } from "../../values/mod.ts";
import type { AwsAnswer } from "../answers.ts";
import { type AwsCaller, spaceOf } from "../aws_caller.ts";
import { executionArn, expressArn } from "../arns.ts";
import { executionKey } from "./execution_names.ts";
import { ownMachine } from "./nested_executions.ts";
import { prepareStart } from "./prepared_start.ts";

/** What is started. */
export interface StartOnceRequest {
  /** An ARN of a state machine, a version or an alias of the caller's own scope, or a workflow's name. */
  readonly machine: string;
  /** Of the execution: the same start has the same. */
  readonly name: string;
  /** JSON text; absent: `{}`. */
  readonly input?: string;
}

/** An execution that was started now or before. */
export interface StartedOnce {
  readonly executionArn: string;
  /** By which it is found again. */
  readonly key: string;
  /** Absent: it was started before with another input. */
  readonly executionId?: ExecutionId;
  readonly isRepeat: boolean;
}

/** Starts an execution, or finds the one that was started under this name. Fails as StartExecution does. */
export function startOnce(
  caller: AwsCaller,
  { machine: named, name, input = "{}" }: StartOnceRequest,
): AwsAnswer<StartedOnce> {
  return Effect.gen(function* () {
    const stateMachineArn = yield* ownMachine(caller, named);
    const { meant: { machine }, arn, request } = yield* prepareStart(
      caller,
      { stateMachineArn, name, input },
      ({ machine }, name) =>
        machine.record.type === "EXPRESS"
          ? expressArn(machine.scope, machine.name, name, uuidText(sha256Hex(`${machine.name}/${name}`)))
          : executionArn(machine.scope, machine.name, name),
    );
    const key = machine.record.type === "EXPRESS" ? `once/${machine.name}/${name}` : executionKey(machine.name, name);
    return yield* Effect.matchEffect(caller.registry.startKeyed({ ...request, ...spaceOf(machine.scope), key }), {
      onSuccess: ({ executionId, isRepeat }) => Effect.succeed({ executionArn: arn, key, executionId, isRepeat }),
      onFailure: (refused) =>
        refused.code === "AlreadyExists"
          ? Effect.succeed({ executionArn: arn, key, isRepeat: true })
          : Effect.fail(refused),
    });
  });
}
